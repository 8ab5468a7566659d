"""Partial responses: the mask language of the `fields` parameter.

Grammar (Google's performance guide): ``a,b`` several members, ``a/b`` a member of a member, ``a(b,c)``
several members of a member, ``*`` any member. Arrays are passed through: the mask applies to each element.
"""

import re
from typing import Any, TypeAlias

from sandbox.google.errors import ApiError, parameter

Mask: TypeAlias = dict[str, "Mask"]
TOKEN = re.compile(r"[A-Za-z0-9_\-.#:@]+|[*,()/]")


def parse_mask(text: str) -> Mask:
    """A tree of names, an empty branch meaning everything below. Raises ApiError 400 invalidParameter."""
    tokens = TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text) or not tokens:
        raise _bad(text)
    reader = _Reader(text, tokens)
    mask = reader.selection()
    if reader.peek():
        raise _bad(text)
    return mask


def apply_mask(mask: Mask, value: Any) -> Any:
    """The part of a JSON value the mask selects; members it names but the value lacks are left out."""
    if not mask:
        return value
    if isinstance(value, list):
        return [apply_mask(mask, item) for item in value]
    if not isinstance(value, dict):
        return value
    anywhere = mask.get("*")
    chosen = {}
    for name, member in value.items():
        branch = mask.get(name, anywhere)
        if branch is not None:
            chosen[name] = apply_mask(branch, member)
    return chosen


class _Reader:
    """Recursive descent over the tokens of one mask."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self._text, self._tokens = text, tokens

    def peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def selection(self) -> Mask:
        mask: Mask = {}
        while True:
            name, branch = self._path()
            _merge(mask, name, branch)
            if self.peek() != ",":
                return mask
            self._tokens.pop(0)

    def _path(self) -> tuple[str, Mask]:
        name = self._name()
        if self.peek() == "/":
            self._tokens.pop(0)
            below, branch = self._path()
            return name, {below: branch}
        if self.peek() == "(":
            self._tokens.pop(0)
            branch = self.selection()
            self._expect(")")
            return name, branch
        return name, {}

    def _name(self) -> str:
        if not self._tokens or self._tokens[0] in ",()/":
            raise _bad(self._text)
        return self._tokens.pop(0)

    def _expect(self, token: str) -> None:
        if self.peek() != token:
            raise _bad(self._text)
        self._tokens.pop(0)


def _merge(mask: Mask, name: str, branch: Mask) -> None:
    """Two mentions of one member add up; a bare mention means all of it."""
    if name not in mask:
        mask[name] = branch
    elif mask[name] and branch:
        for below, deeper in branch.items():
            _merge(mask[name], below, deeper)
    else:
        mask[name] = {}


def _bad(text: str) -> ApiError:
    return ApiError(400, "invalidParameter", f"Invalid field selection {text}", at=parameter("fields"))

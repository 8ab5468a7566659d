"""Calendar 1.0: who sees it, and what one address of it shows."""

import zoneinfo
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import QuerySet, TextChoices
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from activities.day_grid import Day, HourRow, fill, hour_rows, month_days, week_days
from activities.models import Activity
from activities.periods import month_of, parse_day, week_of
from activities.querysets import ActivityQuerySet
from activities.selectors.listing import Choice
from marketplace.models import Installation, User

EVERYBODY = "all"


def calendar_one_is_shown(calendar: Installation | None) -> bool:
    """Whether a tenant has Calendar 1.0: until the Calendar module is active, or by an option of it."""
    return calendar is None or not calendar.is_active or calendar.has("show_both_versions")


class View(TextChoices):
    """How much is seen at once."""

    MONTH = "month", _("Month")
    WEEK = "week", _("Week")


@dataclass(frozen=True)
class CalendarOne:
    """One month or week of `viewer`, of a colleague, or (owner None) of everybody."""

    viewer: User
    view: View
    day: date
    today: date
    owner: User | None

    @classmethod
    def from_query(cls, params: QueryDict, viewer: User, today: date) -> "CalendarOne":
        """What an address asks for, values without sense ignored; without a right to others, the own one."""
        view = View.WEEK if params.get("view") == View.WEEK else View.MONTH
        owner = _owner(params.get("owner", ""), viewer)
        return cls(viewer, view, parse_day(params.get("date"), today), today, owner)

    @cached_property
    def days(self) -> list[Day]:
        """The days in view with their appointments."""
        make = week_days if self.view == View.WEEK else month_days
        days = make(self.day, self.today, self.viewer.first_weekday)
        found = self._appointments().between(days[0].date, days[-1].date + timedelta(days=1), self.zone)
        fill(days, found.select_related("type", "owner"), self.zone)
        return days

    @cached_property
    def hours(self) -> list[HourRow]:
        """The week by hours."""
        return hour_rows(self.days)

    @property
    def is_empty(self) -> bool:
        """Whether no day in view has an appointment."""
        return not any(day.entries for day in self.days)

    @property
    def is_week(self) -> bool:
        """Whether a week is shown."""
        return self.view == View.WEEK

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone whose wall clock is shown."""
        return self.viewer.zone

    @property
    def views(self) -> list[Choice]:
        """Links to the month and the week around this day."""
        return [Choice(view.label, self._query(view=view), view == self.view) for view in View]

    @property
    def earlier(self) -> str:
        """Query string of the month or week before."""
        return self._query(day=self._period[0] - timedelta(days=1))

    @property
    def later(self) -> str:
        """Query string of the month or week after."""
        return self._query(day=self._period[1])

    @property
    def now(self) -> str:
        """Query string of the month or week with today in it."""
        return self._query(day=self.today)

    @property
    def colleagues(self) -> QuerySet[User]:
        """Whose calendar can be chosen besides the own one."""
        if not self.viewer.can_see_colleagues:
            return User.objects.none()
        return User.objects.filter(is_active=True).exclude(pk=self.viewer.pk)

    @property
    def owner_query(self) -> str:
        """What keeps the chosen owner in a query string; empty for the own calendar."""
        if self.owner == self.viewer:
            return ""
        return f"&owner={EVERYBODY if self.owner is None else self.owner.pk}"

    def _appointments(self) -> ActivityQuerySet:
        appointments = Activity.objects.legacy_appointments()
        return appointments if self.owner is None else appointments.filter(owner=self.owner)

    @property
    def _period(self) -> tuple[date, date]:
        return week_of(self.day, self.viewer.first_weekday) if self.is_week else month_of(self.day)

    def _query(self, *, view: View | None = None, day: date | None = None) -> str:
        query = {"view": view or self.view, "date": (day or self.day).isoformat()}
        return f"?{urlencode(query)}{self.owner_query}"


def _owner(text: str, viewer: User) -> User | None:
    if not viewer.can_see_colleagues or not text:
        return viewer
    if text == EVERYBODY:
        return None
    return User.objects.filter(pk=text).first() or viewer if text.isdecimal() else viewer

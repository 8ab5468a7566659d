"""What the last fourteen days were like, and the bars that show it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from calendarsync.models import Account, SyncRun

DAYS = 14
# Units of a bar's own coordinate system.
_HEIGHT = 60


@dataclass(frozen=True, slots=True)
class Day:
    """One day: runs that changed something or failed, what they changed, and how many of them failed."""

    date: date
    runs: int = 0
    changes: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """A day as a bar: what succeeded stands on the ground, what failed on top of it."""

    day: Day
    done_y: int
    done_height: int
    failed_y: int
    failed_height: int


@dataclass(frozen=True, slots=True)
class History:
    """The days, oldest first, days without runs included."""

    days: tuple[Day, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing has happened yet."""
        return not any(day.runs for day in self.days)

    @property
    def bars(self) -> list[Bar]:
        """The chart, scaled to the busiest day."""
        most = max(day.runs for day in self.days) or 1
        return [_bar(day, most) for day in self.days]


def history_of(account: Account, now: datetime) -> History:
    """The last days in the zone of the account's owner."""
    zone = account.owner.zone
    today = now.astimezone(zone).date()
    first = today - timedelta(days=DAYS - 1)
    runs = SyncRun.objects.filter(calendar__account=account, started_at__gte=now - timedelta(days=DAYS))
    by_day = runs.annotate(day=TruncDate("started_at", tzinfo=zone)).values("day").order_by("day")
    counted = by_day.annotate(
        runs=Count("pk"),
        changes=Sum("changed") + Sum("removed"),
        failures=Count("pk", filter=Q(outcome=SyncRun.Outcome.FAILED)),
    )
    found = {row["day"]: Day(row["day"], row["runs"], row["changes"], row["failures"]) for row in counted}
    days = (first + timedelta(days=offset) for offset in range(DAYS))
    return History(tuple(found.get(day, Day(day)) for day in days))


def _bar(day: Day, most: int) -> Bar:
    failed = _length(day.failures, most)
    done = min(_length(day.runs - day.failures, most), _HEIGHT - failed)
    return Bar(
        day,
        done_y=_HEIGHT - done,
        done_height=done,
        failed_y=_HEIGHT - done - failed,
        failed_height=failed,
    )


def _length(runs: int, most: int) -> int:
    """Never invisible when there is something to see."""
    return max(3, round(_HEIGHT * runs / most)) if runs else 0

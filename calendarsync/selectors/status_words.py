"""The few words that name each state, as pill and cards say them; the sentences stand beside the decisions."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calendarsync.models import Account
from marketplace import moments
from marketplace.models import User

_LIMITS = ("throttled", "writing_blocked")


def count(number: int) -> str:
    """1,204 in English, 1.204 in Dutch."""
    return number_format(number, force_grouping=True)


def by_when(until: datetime | None, user: User, now: datetime) -> str:
    """When we go on, by the user's clock: "at 14:05", "tomorrow at 14:05", "soon"."""
    local = timezone.localtime(until, user.zone) if until else None
    return moments.by_when(local, timezone.localtime(now, user.zone), user.clock)


def not_started() -> str:
    """Nothing is connected."""
    return _("Not started yet")


def ended(since: datetime, user: User, now: datetime) -> str:
    """It was disconnected and its copies were kept."""
    on = moments.since_day(timezone.localtime(since, user.zone), timezone.localtime(now, user.zone))
    return _("Disconnected %(on)s") % {"on": on}


def kept(ended: str, number: int) -> str:
    """The same with what is left: "Disconnected on 23 November; 1,204 appointments kept"."""
    return ngettext(
        "%(ended)s; %(number)s appointment kept", "%(ended)s; %(number)s appointments kept", number
    ) % {"ended": ended, "number": count(number)}


def waiting() -> str:
    """Somebody else must say yes."""
    return _("Waiting for your administrator")


def reconnect() -> str:
    """The owner must sign in again."""
    return _("Please reconnect your calendar")


def active(last_ok: datetime, now: datetime) -> str:
    """All is well."""
    # A run may have ended between reading the clock and reading its row.
    return _("Synchronised · %(ago)s") % {"ago": moments.ago(min(last_ok, now), now)}


def importing(done: int, total: int) -> str:
    """The first reading; `total` is 0 while it is unknown."""
    if not done:
        return _("Importing your appointments")
    if not total:
        return _("Importing your appointments · %(done)s so far") % {"done": count(done)}
    return _("Importing your appointments · %(done)s of %(total)s") % {
        "done": count(done), "total": count(total),
    }  # fmt: skip


def refreshing(done: int, total: int) -> str:
    """Everything is read again beside what is here."""
    if not total:
        return _("Refreshing your appointments")
    return _("Refreshing your appointments · %(done)s of %(total)s") % {
        "done": count(done), "total": count(total),
    }  # fmt: skip


def skipped(number: int) -> str:
    """Some items could not be read."""
    return ngettext(
        "Synchronised, %(number)s appointment needs a look",
        "Synchronised, %(number)s appointments need a look",
        number,
    ) % {"number": count(number)}


def lost(number: int, of: int) -> str:
    """Some or all calendars cannot be read."""
    if number == of:
        return _("Your calendar can no longer be read")
    return _("Synchronised, one calendar needs a look")


def nothing_chosen() -> str:
    """No calendar is ticked."""
    return _("No calendar is chosen")


def delayed(code: str, provider: str, at: str) -> str:
    """The provider limits us or fails; `at` as `by_when` says it."""
    if code in _LIMITS:
        return _("%(provider)s is limiting us; we continue %(at)s") % {"provider": provider, "at": at}
    return _("Delayed; we continue %(at)s") % {"at": at}


def stopped(by: str, since: datetime, user: User, now: datetime) -> str:
    """Who stopped it, and when."""
    on = moments.since_day(timezone.localtime(since, user.zone), timezone.localtime(now, user.zone))
    return {
        Account.StoppedBy.USER.value: _("Stopped by you %(on)s"),
        Account.StoppedBy.ADMIN.value: _("Stopped by your administrator %(on)s"),
        Account.StoppedBy.FAULT.value: _("Stopped after repeated failures %(on)s"),
    }[by] % {"on": on}


def faulty_setup() -> str:
    """The operator of this CRM must act."""
    return _("Stopped; this CRM must be set up again")

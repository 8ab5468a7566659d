"""What the scripts of the calendar page need to know: addresses, zone, the reader's habits, translated words."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from calendarsync.models import Calendar
from marketplace.models import User


def page_settings(user: User, calendars: Sequence[Calendar]) -> dict[str, Any]:
    """A dictionary for `json_script`; `language` is an Intl locale, `first_weekday` counts from Sunday = 0."""
    dutch = (get_language() or "").startswith("nl")
    return {
        "language": "nl-NL" if dutch else "en-GB",
        "twelve_hours": user.clock == User.Clock.H12 and not dutch,
        "first_weekday": user.first_weekday,
        "zone": user.tenant_zone.key,
        "calendars": [
            {"id": calendar.pk, "name": calendar.name, "colour": calendar.colour} for calendar in calendars
        ],
        "urls": _addresses(),
        "words": _words(),
    }


def _addresses() -> dict[str, str]:
    return {
        "range": reverse("api-calendar"),
        "search": reverse("api-event-search"),
        "details": reverse("calendar-event", args=[0]),
        "stream": reverse("calendar-stream"),
        "login": reverse(settings.LOGIN_URL),
    }


def _words() -> dict[str, str]:
    """By key. `%s` is replaced in the browser."""
    return {
        "all_day": _("all day"),
        "timed": _("with a time"),
        "until": _("until %s"),
        "from": _("from %s"),
        "untitled": _("(no title)"),
        "today": _("Today"),
        "tomorrow": _("Tomorrow"),
        "yesterday": _("Yesterday"),
        "week": _("Week %s"),
        "more": _("%s more"),
        "show_day": _("Show %s"),
        "events": _("Events"),
        "tentative": _("tentative"),
        "declined": _("declined"),
        "private": _("private"),
        "video": _("video call"),
        "recurring": _("repeats"),
        "series_since": _("series since %s"),
        "special_birthday": _("birthday"),
        "special_focus_time": _("focus time"),
        "special_from_mail": _("from an e-mail"),
        "special_out_of_office": _("out of office"),
        "special_working_location": _("working location"),
        "special_unknown": _("managed by the provider"),
        "nothing_day": _("Nothing planned on this day."),
        "nothing_workweek": _("Nothing planned in this work week."),
        "nothing_week": _("Nothing planned in this week."),
        "nothing_month": _("Nothing planned in this month."),
        "nothing_agenda": _("Nothing planned in these two weeks."),
        "all_hidden": _("All your calendars are hidden. Tick one on the left to see its appointments."),
        "nothing_today": _("Nothing planned today."),
        "retry": _("Try again"),
        "reconnecting": _("Reconnecting…"),
        "failed": _("Your appointments could not be loaded."),
        "offline": _("You seem to be offline; what you see may be outdated."),
        "details_failed": _("The details could not be loaded. Please try again."),
        "gone": _("This appointment was deleted or is no longer visible to you."),
        "search_hint": _("Type a word from a title, a place or a person."),
        "search_nothing": _("Nothing found for “%s”."),
        "search_failed": _("The search did not work. Please try again."),
    }

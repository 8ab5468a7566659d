"""The page on which one edits "the provider's" calendar by hand and breaks things with buttons. No script."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from typing import TypeAlias
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.control import ACTIONS, mailboxes, outages, tokens
from sandbox.google import writing
from sandbox.google.cloud import Cloud
from sandbox.google.copies import is_organizer
from sandbox.google.errors import ApiError
from sandbox.google.query import Query
from sandbox.google.records import WRITERS, Calendar, own_answer
from sandbox.google.rendering import View
from sandbox.google.selection import select
from sandbox.google.series import INSTANCE_ID
from sandbox.google.writing import Options
from sandbox.pages import render
from sandbox.shapes import Json
from sandbox.world import Mailbox

DAYS_SHOWN, LINES_SHOWN = 7, 50
Deed: TypeAlias = Callable[[Cloud, Json], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One event of the coming week as the page shows it."""

    body: Json
    calendar: Calendar
    editable: bool
    day: date
    time: str
    starts: float

    @property
    def title(self) -> str:
        return str(self.body.get("summary") or "(no title)")

    @property
    def repeats(self) -> bool:
        return "recurringEventId" in self.body

    @property
    def theirs(self) -> bool:
        """Somebody else's meeting: this mailbox can only decline it."""
        return not is_organizer(self.body, self.calendar)

    @property
    def marks(self) -> list[str]:
        answer = own_answer(self.body)
        found = {
            "repeats": self.repeats,
            "private": self.body.get("visibility") == "private",
            "tentative": self.body.get("status") == "tentative" or answer == "tentative",
            "declined": answer == "declined",
            "video": bool(self.body.get("hangoutLink")),
            self.body.get("eventType", ""): self.body.get("eventType", "default") != "default",
        }
        return [mark for mark, holds in found.items() if holds]


async def show(request: Request) -> Response:
    """The start page: one mailbox's coming week, the switches, the latest requests, every address."""
    cloud: Cloud = request.app.state.cloud
    mailbox = _chosen(cloud, request.query_params.get("mailbox", ""))
    week = coming_week(cloud, mailbox) if mailbox else []
    context = {
        "mailboxes": cloud.world.mailboxes.values(),
        "mailbox": mailbox,
        "days": [(day, list(shown)) for day, shown in groupby(week, key=lambda each: each.day)],
        "today": _today(cloud, mailbox),
        "said": request.query_params.get("said", ""),
        "rules": [rule.describe() for rule in cloud.world.faults.rules if rule.alive],
        "log": list(islice(reversed(cloud.world.log), LINES_SHOWN)),
        "base": cloud.world.base_url,
        "actions": [(method, f"/control/{path}") for method, path, _ in ACTIONS],
    }
    return render(request, "start.html", context)


def _chosen(cloud: Cloud, address: str) -> Mailbox | None:
    boxes = cloud.world.mailboxes
    return boxes.get(address.lower()) or next(iter(boxes.values()), None)


def _today(cloud: Cloud, mailbox: Mailbox | None) -> date:
    zone = ZoneInfo(mailbox.time_zone if mailbox else "Europe/Amsterdam")
    return cloud.world.now().astimezone(zone).date()


def coming_week(cloud: Cloud, mailbox: Mailbox) -> list[Shown]:
    """Everything in the mailbox's calendars from today on, seven days, in order of day and time."""
    today = _today(cloud, mailbox)
    midnight = datetime(today.year, today.month, today.day, tzinfo=ZoneInfo(mailbox.time_zone))
    low, high = midnight.timestamp(), (midnight + timedelta(days=DAYS_SHOWN)).timestamp()
    view = View(time_zone=mailbox.time_zone)
    query = Query({}, view, 0, single_events=True, order_by="startTime", time_min=low, time_max=high)
    shown = [
        _shown(item.render(), calendar, cloud.store.role(mailbox.address, calendar), today)
        for entry, calendar in cloud.store.entries_of(mailbox.address)
        if not entry.deleted and cloud.store.role(mailbox.address, calendar) != "none"
        for item in select(calendar, query, cloud.world.now().timestamp())
    ]
    return sorted((each for each in shown if each), key=lambda each: (each.day, each.starts, each.title))


def _shown(rendered: str | Json, calendar: Calendar, role: str, today: date) -> Shown | None:
    if isinstance(rendered, str) or "start" not in rendered or "end" not in rendered:
        return None
    try:
        day, time, starts = _when(rendered["start"], rendered["end"], today)
    except (KeyError, ValueError, TypeError):
        # Wrong on purpose: it is in the API, but there is no place for it on a page of days.
        return None
    return Shown(rendered, calendar, role in WRITERS, day, time, starts)


def _when(start: Json, end: Json, today: date) -> tuple[date, str, float]:
    """Day, words and place in the order of the day. Raises KeyError, ValueError or TypeError."""
    if "date" in start:
        return max(date.fromisoformat(start["date"]), today), "all day", 0.0
    begins, finishes = (datetime.fromisoformat(each["dateTime"]) for each in (start, end))
    time = f"{begins:%H:%M}\N{EN DASH}{finishes:%H:%M}"
    return max(begins.date(), today), time, begins.timestamp()


# Buttons


def _add(cloud: Cloud, form: Json) -> str:
    zone = cloud.world.mailboxes[form["mailbox"]].time_zone
    start = datetime.fromisoformat(form["start"]).replace(tzinfo=ZoneInfo(zone))
    added = mailboxes.add_event(cloud, form | {"summary": form["title"], "start": start.isoformat()})
    return f"Added “{added['summary']}”."


def _rename(cloud: Cloud, form: Json) -> str:
    mailboxes.patch_event(cloud, form | {"changes": {"summary": form["title"]}})
    return f"Renamed to “{form['title']}”."


def _move(cloud: Cloud, form: Json) -> str:
    moved = mailboxes.move_event(cloud, form)
    return f"Moved “{moved.get('summary', '')}”."


def _delete(cloud: Cloud, form: Json) -> str:
    mailboxes.delete_event(cloud, form)
    return "Cancelled this occurrence." if INSTANCE_ID.fullmatch(form["id"]) else "Deleted."


def _delete_series(cloud: Cloud, form: Json) -> str:
    calendar = cloud.store.calendars[form["calendar"]]
    writing.delete(cloud.store, calendar, writing.find(calendar, form["series"]), Options())
    return "Deleted the whole series."


def _add_random(cloud: Cloud, form: Json) -> str:
    return f"Added {mailboxes.add_random(cloud, form)['added']} appointments in the coming two weeks."


def _revoke(cloud: Cloud, form: Json) -> str:
    return f"Access revoked: {tokens.revoke_grants(cloud, form)['ended']} tokens ended."


def _expire_sync_tokens(cloud: Cloud, form: Json) -> str:
    tokens.expire_sync_tokens(cloud, form)
    return "Sync tokens expired: the next delta gets 410."


def _slow_down(cloud: Cloud, form: Json) -> str:
    match = {"path": "^/calendar/", "mailbox": form["mailbox"]}
    outages.add_latency(cloud, {"ms": 3_000, "match": match, "seconds": 120, "label": "slow"})
    return "Every calendar request of this mailbox takes three seconds longer, for two minutes."


def _limit_rate(cloud: Cloud, form: Json) -> str:
    match = {"path": "^/(calendar|batch)/", "mailbox": form["mailbox"]}
    fault = {"status": 403, "reason": "userRateLimitExceeded", "seconds": 30, "label": "rate limit"}
    outages.add_fault(cloud, fault | {"match": match})
    return "Rate limit for 30 seconds."


def _break_down(cloud: Cloud, form: Json) -> str:
    match = {"path": "^/calendar/", "mailbox": form["mailbox"]}
    fault = {"status": 503, "reason": "backendError", "seconds": 30, "label": "out of order"}
    outages.add_fault(cloud, fault | {"match": match})
    return "Out of order (503) for 30 seconds."


def _clear(cloud: Cloud, form: Json) -> str:
    outages.clear_faults(cloud, form)
    return "All outage switches are off."


DEEDS: dict[str, Deed] = {
    "add": _add, "rename": _rename, "move": _move, "delete": _delete, "delete-series": _delete_series,
    "add-random": _add_random, "revoke": _revoke, "expire-sync-tokens": _expire_sync_tokens,
    "slow-down": _slow_down, "limit-rate": _limit_rate, "break-down": _break_down, "clear": _clear,
}  # fmt: skip


def _button(deed: Deed) -> Callable[[Request], Awaitable[Response]]:
    async def press(request: Request) -> Response:
        cloud: Cloud = request.app.state.cloud
        form = _fields(await request.form())
        try:
            said = deed(cloud, form)
        except ApiError as error:
            said = f"Not possible: {error.message}"
        except (KeyError, ValueError, OverflowError):
            said = "Not possible: please fill in every field."
        back = urlencode({"mailbox": form.get("mailbox", ""), "said": said}, quote_via=quote)
        return RedirectResponse(f"/?{back}", 303)

    return press


def _fields(form: FormData) -> Json:
    return {name: str(value).strip() for name, value in form.items()}


async def open_event(request: Request) -> Response:
    """Where an event's htmlLink leads: to the page of the mailbox it belongs to."""
    return RedirectResponse("/", 302)


ROUTES = [
    Route("/", show),
    Route("/event", open_event),
    *(Route(f"/mailbox/{name}", _button(deed), methods=["POST"]) for name, deed in DEEDS.items()),
]

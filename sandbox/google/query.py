"""The parameters of events.list: read, checked against each other, and bound to sync and page tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sandbox.google.api import Call
from sandbox.google.errors import (
    bad_request,
    full_sync_required,
    invalid,
    time_range_empty,
    updated_min_too_long_ago,
)
from sandbox.google.moments import find_zone, parse_instant, rfc3339
from sandbox.google.records import Calendar
from sandbox.google.rendering import View
from sandbox.google.scopes import only_free_busy
from sandbox.google.tokens import BOUND, Token
from sandbox.google.validation import CHOICES

NOT_WITH_SYNC = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax",
    "updatedMin",
)  # fmt: skip
NO_TOKEN_FOR = ("orderBy", "q", "iCalUID", "privateExtendedProperty", "sharedExtendedProperty", "updatedMin")
LONGEST_UPDATED_MIN = timedelta(days=28)
DEFAULT_PAGE, LARGEST_PAGE = 250, 2_500


@dataclass(frozen=True, slots=True)
class Query:
    """What to list. Bounds are epoch seconds; `since` is the position of a delta, None for a full list.

    `after` is the key of the last item of the page before, `upto` the change the whole listing stands at.
    """

    bound: Mapping[str, list[str]]
    view: View
    upto: int
    since: int | None = None
    after: list[Any] | None = None
    empties: int = 0
    single_events: bool = False
    show_deleted: bool = False
    time_min: float = float("-inf")
    time_max: float = float("inf")
    updated_min: str = ""
    order_by: str = ""
    text: str = ""
    uid: str = ""
    event_types: frozenset[str] = frozenset()
    private: tuple[tuple[str, str], ...] = ()
    shared: tuple[tuple[str, str], ...] = ()
    size: int = DEFAULT_PAGE

    @property
    def gives_sync_token(self) -> bool:
        return not any(name in self.bound for name in NO_TOKEN_FOR)


def read_query(call: Call, calendar: Calendar, resource: str) -> Query:
    """Raises ApiError 400 on wrong or clashing parameters, 410 on a sync token that is over or foreign.

    `resource` names what is listed; tokens of another resource are foreign.
    """
    given = {name: call.query.getlist(name) for name in BOUND if name in call.query}
    sync = read_sync_token(call, resource, calendar.token_floor)
    page = read_page_token(call, resource, given)
    if sync:
        _check_sync(call, given, sync)
    token = page or sync
    query = parse_filters(call, {**given, **dict(token.bound)} if token else given, calendar)
    if page:
        return replace(query, upto=page.upto, since=page.since, after=page.after, empties=page.empties)
    if sync:
        return replace(query, since=sync.upto)
    return query


def read_sync_token(call: Call, resource: str, floor: int) -> Token | None:
    """Raises ApiError 410 when the token is unknown, foreign or older than `floor`."""
    text = call.query.get("syncToken")
    if not text:
        return None
    token = call.cloud.signer.unseal(text)
    if token is None or token.page or token.resource != resource or token.upto < floor:
        raise full_sync_required()
    if token.upto > call.cloud.world.seq:
        raise full_sync_required()
    return token


def read_page_token(call: Call, resource: str, given: Mapping[str, list[str]]) -> Token | None:
    """Raises ApiError 400 when the token is unknown or the parameters differ from its first page's."""
    text = call.query.get("pageToken")
    if not text:
        return None
    token = call.cloud.signer.unseal(text)
    if token is None or not token.page or token.resource != resource:
        raise invalid("Invalid page token value.", "pageToken")
    if any(token.bound.get(name) != values for name, values in given.items()):
        raise invalid("Parameters differ from those of the first page.", "pageToken")
    return token


def _check_sync(call: Call, given: Mapping[str, list[str]], sync: Token) -> None:
    for name in NOT_WITH_SYNC:
        if name in given:
            raise bad_request(f"Sync token cannot be used together with {name}.", name)
    if "showDeleted" in given and not call.flag("showDeleted"):
        raise bad_request("Sync token cannot be used with showDeleted=false.", "showDeleted")
    for name, values in given.items():
        if name != "showDeleted" and sync.bound.get(name, ["false"]) != values:
            raise bad_request(f"Sync token was issued for another value of {name}.", name)


def parse_filters(call: Call, bound: Mapping[str, list[str]], calendar: Calendar) -> Query:
    """The query of a first page."""
    first = {name: values[0] for name, values in bound.items() if values}
    low, high = _bounds(first)
    order_by = first.get("orderBy", "")
    single = _flag(first, "singleEvents")
    if order_by not in ("", "startTime", "updated"):
        raise invalid(f"Invalid string value: '{order_by}'.", "orderBy")
    if order_by == "startTime" and not single:
        raise bad_request("The requested ordering is not available for the particular query.", "orderBy")
    return Query(
        bound=bound,
        view=read_view(call, calendar),
        upto=calendar.seq,
        single_events=single,
        show_deleted=_flag(first, "showDeleted"),
        time_min=low,
        time_max=high,
        updated_min=_updated_min(call, first),
        order_by=order_by,
        text=first.get("q", "").casefold(),
        uid=first.get("iCalUID", ""),
        event_types=_event_types(bound.get("eventTypes", [])),
        private=_pairs(bound.get("privateExtendedProperty", []), "privateExtendedProperty"),
        shared=_pairs(bound.get("sharedExtendedProperty", []), "sharedExtendedProperty"),
        size=call.number("maxResults", DEFAULT_PAGE, LARGEST_PAGE),
    )


def read_view(call: Call, calendar: Calendar) -> View:
    """Raises ApiError 400 on an unknown zone."""
    zone = call.query.get("timeZone", "")
    if zone and find_zone(zone) is None:
        raise invalid("Invalid time zone.", "timeZone")
    role = call.store.role(call.mailbox, calendar)
    ceiling = call.number("maxAttendees", 0, 10_000) or None
    shown = "" if zone == calendar.time_zone else zone
    return View("freeBusyReader" if only_free_busy(call.scopes) else role, shown, ceiling)


def _flag(first: Mapping[str, str], name: str) -> bool:
    text = first.get(name, "false").lower()
    if text not in ("true", "false"):
        raise invalid(f"Invalid boolean value: '{text}'.", name)
    return text == "true"


def _bounds(first: Mapping[str, str]) -> tuple[float, float]:
    low, high = float("-inf"), float("inf")
    if "timeMin" in first:
        low = parse_instant(first["timeMin"], "timeMin").timestamp()
    if "timeMax" in first:
        high = parse_instant(first["timeMax"], "timeMax").timestamp()
    if low >= high:
        raise time_range_empty()
    return low, high


def _updated_min(call: Call, first: Mapping[str, str]) -> str:
    if "updatedMin" not in first:
        return ""
    moment = parse_instant(first["updatedMin"], "updatedMin")
    if call.cloud.world.now() - moment > LONGEST_UPDATED_MIN:
        raise updated_min_too_long_ago()
    return rfc3339(moment)


def _event_types(values: list[str]) -> frozenset[str]:
    for value in values:
        if value not in CHOICES["eventType"]:
            raise invalid(f"Invalid string value: '{value}'.", "eventTypes")
    return frozenset(values)


def _pairs(values: list[str], name: str) -> tuple[tuple[str, str], ...]:
    pairs = [tuple(value.split("=", 1)) for value in values]
    if any(len(pair) != 2 for pair in pairs):
        raise invalid(f"Invalid value for: {name}, it must be propertyName=value.", name)
    return tuple((pair[0], pair[1]) for pair in pairs)

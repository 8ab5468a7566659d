"""Edits of a whole series that Google's API offers in no single call, as its web page makes them."""

from datetime import timedelta

from sandbox.control.places import event_of
from sandbox.google import writing
from sandbox.google.cloud import Cloud
from sandbox.google.moments import Moment
from sandbox.google.records import start_of
from sandbox.google.series import Series, unpack
from sandbox.google.writing import Options
from sandbox.shapes import Json


def split_series(cloud: Cloud, raw: Json) -> Json:
    """{"mailbox", "calendar"?, "id": of an instance, "changes"?: partial resource}: "this and following events".

    The series ends before that instance; a new one, whose id carries `_R`, begins there. Answers the new master.
    """
    calendar, instance = event_of(cloud, raw)
    master = calendar.events[instance["recurringEventId"]]
    series = unpack(master, calendar)
    first = start_of({"start": instance["originalStartTime"]}, calendar.time_zone)
    earlier = sum(1 for _ in series.starts(float("-inf"), first.epoch))
    rules = series.lines
    writing.patch(
        cloud.store, calendar, master.body, {"recurrence": [_until(line, first) for line in rules]}, Options()
    )
    body = _successor(series, first, instance) | {"recurrence": [_rest(line, earlier) for line in rules]}
    stored = cloud.store.write(calendar, writing.merge(body, raw.get("changes") or {}))
    return stored.body


def _successor(series: Series, first: Moment, instance: Json) -> Json:
    """The new master: everything of the old one, at the time of the instance, under an id of its own."""
    new_id = f"{series.master.id}_R{first.stamp.rstrip('Z')}"
    times = {"start": instance["start"], "end": instance["end"]}
    return series.body | times | {"id": new_id, "iCalUID": f"{new_id}@google.com", "sequence": 0}


def _until(line: str, first: Moment) -> str:
    """The rule, ending before `first`; other lines as they are."""
    if not line.upper().startswith("RRULE"):
        return line
    before = first.wall - timedelta(days=1) if first.all_day else first.instant - timedelta(seconds=1)
    end = before.strftime("%Y%m%d" if first.all_day else "%Y%m%dT%H%M%SZ")
    return f"{_without(line, 'COUNT', 'UNTIL')};UNTIL={end}"


def _rest(line: str, earlier: int) -> str:
    """The rule with what is left of its COUNT."""
    name, _, value = line.partition(":")
    parts = dict(part.split("=", 1) for part in value.split(";") if "=" in part)
    if not name.upper().startswith("RRULE") or "COUNT" not in parts:
        return line
    return f"{_without(line, 'COUNT')};COUNT={int(parts['COUNT']) - earlier}"


def _without(line: str, *names: str) -> str:
    name, _, value = line.partition(":")
    kept = [part for part in value.split(";") if part.partition("=")[0].upper() not in names]
    return f"{name}:{';'.join(kept)}"

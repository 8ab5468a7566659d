"""The page with the buttons, without a browser: every button is a form that works without script."""

import re

import pytest
import requests

from tests.sandbox.conftest import DAAN, SANNE, everything


@pytest.fixture
def api(sandbox):
    return sandbox.raw(SANNE)


@pytest.fixture
def press(sandbox):
    def pressed(name, **fields):
        form = {"mailbox": SANNE, "calendar": SANNE} | fields
        answer = requests.post(f"{sandbox.url}/mailbox/{name}", data=form, timeout=10)
        assert answer.status_code == 200
        (said,) = re.findall(r'role="status">([^<]+)<', answer.text)
        return said

    yield pressed
    requests.delete(f"{sandbox.url}/control/faults", timeout=10)


@pytest.fixture
def event(press, api):
    press("add", title="Koffie <b>", start="2026-11-25T16:00", minutes="30")
    (added,), _ = everything(api)
    return added


def test_added_meeting_is_in_the_calendar(event):
    assert event["summary"] == "Koffie <b>"
    assert event["start"]["dateTime"] == "2026-11-25T16:00:00+01:00"
    assert event["end"]["dateTime"] == "2026-11-25T16:30:00+01:00"


def test_buttons_move_rename_and_delete(event, press, api):
    press("move", id=event["id"], minutes="60")
    press("rename", id=event["id"], title="Thee")
    (changed,), _ = everything(api)
    press("delete", id=event["id"])

    assert (changed["summary"], changed["start"]["dateTime"]) == ("Thee", "2026-11-25T17:00:00+01:00")
    assert everything(api)[0] == []


def test_one_occurrence_is_cancelled(sandbox, press, api):
    times = {"start": "2026-11-25T09:00:00+01:00", "end": "2026-11-25T10:00:00+01:00"}
    body = {name: {"dateTime": value, "timeZone": "Europe/Amsterdam"} for name, value in times.items()}
    rule = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]}
    series = sandbox.control("events", mailbox=SANNE, event=body | rule)

    said = press("delete", id=f"{series['id']}_20261126T080000Z")

    assert said == "Cancelled this occurrence."
    assert len(everything(api, singleEvents="true")[0]) == 2


def test_switches_do_what_they_say(sandbox, press, api):
    _, token = everything(api)

    press("expire-sync-tokens")
    press("limit-rate")
    limited = api("GET", "/calendars/primary/events")
    press("clear")
    expired = api("GET", "/calendars/primary/events", syncToken=token)
    press("revoke")
    revoked = api("GET", "/calendars/primary/events")

    assert [answer.status_code for answer in (limited, expired, revoked)] == [403, 410, 401]


def test_random_appointments_are_added(press, api):
    assert press("add-random") == "Added 20 appointments in the coming two weeks."
    assert len(everything(api)[0]) == 20


def test_what_is_not_possible_is_said(sandbox, press, event):
    assert press("add", title="x", start="soon", minutes="x").startswith("Not possible")
    assert press("rename", id="absent", title="x").startswith("Not possible")
    people = [{"email": DAAN}]
    sandbox.control("events/patch", mailbox=SANNE, id=event["id"], changes={"attendees": people})
    theirs = press("rename", mailbox=DAAN, calendar=DAAN, id=event["id"], title="Mine")
    assert theirs.startswith("Not possible")


def test_page_escapes_titles_and_allows_no_script(sandbox, event):
    answer = requests.get(f"{sandbox.url}/?mailbox={SANNE}&said=<script>", timeout=10)

    assert "<b>" not in answer.text
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_empty_world_has_a_page_too(sandbox):
    sandbox.control("reset", demo=False)

    assert requests.get(sandbox.url, timeout=10).status_code == 200

"""One meeting in several calendars: copies, answers, permissions, mails."""

import pytest

from tests.sandbox.conftest import DAAN, EMMA, SANNE, at, everything, reason

EVENTS = "/calendars/primary/events"


@pytest.fixture
def sanne(sandbox):
    return sandbox.raw(SANNE)


@pytest.fixture
def daan(sandbox):
    return sandbox.raw(DAAN)


@pytest.fixture
def meeting(sanne):
    return invite(sanne)


def invite(api, **more):
    people = [{"email": SANNE}, {"email": DAAN}, {"email": "lotte@post.example"}]
    return api("POST", EVENTS, at("2026-11-23", attendees=people, **more)).json()


def answer_of(event, address):
    return next(each["responseStatus"] for each in event["attendees"] if each["email"] == address)


def test_attendees_get_a_copy_with_the_same_ids(meeting, daan):
    (copy,), _ = everything(daan)

    assert (copy["id"], copy["iCalUID"]) == (meeting["id"], meeting["iCalUID"])
    assert copy["organizer"] == {"email": SANNE}
    assert [each["email"] for each in copy["attendees"] if each.get("self")] == [DAAN]
    assert answer_of(copy, SANNE) == "accepted"


def test_changes_and_cancellation_reach_the_copies(meeting, sanne, daan):
    _, token = everything(daan)
    sanne("PATCH", f"{EVENTS}/{meeting['id']}", {"summary": "Moved"})
    changed, token = everything(daan, syncToken=token)
    sanne("PATCH", f"{EVENTS}/{meeting['id']}", {"colorId": "4", "reminders": {"useDefault": False}})
    untouched, token = everything(daan, syncToken=token)

    sanne("DELETE", f"{EVENTS}/{meeting['id']}")

    assert [item["summary"] for item in changed] == ["Moved"]
    assert untouched == []
    assert [item["status"] for item in everything(daan, syncToken=token)[0]] == ["cancelled"]


def test_uninvited_attendee_loses_the_copy(meeting, sanne, daan):
    sanne("PATCH", f"{EVENTS}/{meeting['id']}", {"attendees": [{"email": EMMA}]})

    assert everything(daan)[0] == []
    assert daan("GET", f"{EVENTS}/{meeting['id']}").json()["status"] == "cancelled"


def test_answer_of_an_attendee_reaches_the_organiser(meeting, sanne, daan):
    people = [{"email": DAAN, "responseStatus": "declined", "comment": "Ziek"}]

    copy = daan("PATCH", f"{EVENTS}/{meeting['id']}", {"attendees": people}).json()

    seen = sanne("GET", f"{EVENTS}/{meeting['id']}").json()
    assert answer_of(copy, DAAN) == answer_of(seen, DAAN) == "declined"
    assert len(seen["attendees"]) == len(copy["attendees"]) == 3


def test_attendee_changes_only_her_own_side(meeting, sanne, daan):
    path = f"{EVENTS}/{meeting['id']}"
    own = {
        "colorId": "5",
        "reminders": {"useDefault": False},
        "extendedProperties": {"private": {"crm": "1"}},
    }

    assert daan("PATCH", path, own).json()["extendedProperties"] == {"private": {"crm": "1"}}
    assert "extendedProperties" not in sanne("GET", path).json()
    for changes in (
        {"summary": "Mine"},
        {"extendedProperties": {"shared": {"a": "1"}}},
        {"location": "Maas"},
    ):
        assert reason(daan("PATCH", path, changes)) == (403, "forbiddenForNonOrganizer")
    sanne("PATCH", path, {"summary": "Renamed"})
    kept = daan("GET", path).json()
    assert (kept["summary"], kept["colorId"]) == ("Renamed", "5")
    assert kept["extendedProperties"] == {"private": {"crm": "1"}}


def test_guests_may_modify_when_the_organiser_says_so(sanne, daan):
    event = invite(sanne, guestsCanModify=True)

    daan("PATCH", f"{EVENTS}/{event['id']}", {"summary": "Better title"})

    assert sanne("GET", f"{EVENTS}/{event['id']}").json()["summary"] == "Better title"


def test_attendee_who_deletes_declines(meeting, sanne, daan):
    assert daan("DELETE", f"{EVENTS}/{meeting['id']}").status_code == 204

    assert everything(daan)[0] == []
    assert answer_of(sanne("GET", f"{EVENTS}/{meeting['id']}").json(), DAAN) == "declined"


def test_exceptions_of_a_series_reach_the_copies(sanne, daan):
    series = invite(sanne, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    moved, cancelled = (f"{series['id']}_{day}T080000Z" for day in ("20261130", "20261207"))
    _, token = everything(daan)

    sanne("PATCH", f"{EVENTS}/{moved}", {"summary": "Special"})
    sanne("DELETE", f"{EVENTS}/{cancelled}")

    seen = {item["id"]: item for item in everything(daan, syncToken=token)[0]}
    assert seen[moved]["summary"] == "Special"
    assert seen[cancelled]["status"] == "cancelled"
    assert seen[cancelled]["recurringEventId"] == series["id"]


def test_answer_to_one_occurrence_stays_with_that_occurrence(sanne, daan):
    series = invite(sanne, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    instance = f"{series['id']}_20261130T080000Z"

    daan("PATCH", f"{EVENTS}/{instance}", {"attendees": [{"email": DAAN, "responseStatus": "declined"}]})

    assert answer_of(sanne("GET", f"{EVENTS}/{instance}").json(), DAAN) == "declined"
    assert answer_of(sanne("GET", f"{EVENTS}/{series['id']}").json(), DAAN) == "needsAction"


def test_guest_of_one_occurrence_gets_it_without_its_series(sanne, sandbox):
    series = invite(sanne, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    instance = f"{series['id']}_20261130T080000Z"

    sanne("PATCH", f"{EVENTS}/{instance}", {"attendees": [{"email": SANNE}, {"email": EMMA}]})

    (alone,), _ = everything(sandbox.raw(EMMA))
    assert (alone["id"], alone["recurringEventId"]) == (instance, series["id"])


@pytest.mark.parametrize(
    ("send", "addresses"),
    [
        ("all", {DAAN, "lotte@post.example"}),
        ("externalOnly", {"lotte@post.example"}),
        ("none", set()),
        ("", set()),
    ],
)
def test_mails_go_out_only_as_asked(sandbox, sanne, send, addresses):
    people = [{"email": DAAN}, {"email": "lotte@post.example"}]
    params = {"sendUpdates": send} if send else {}

    sanne("POST", EVENTS, at("2026-11-23", attendees=people), **params)

    mails = sandbox.look("outbox")["mails"]
    assert {mail["to"] for mail in mails} == addresses
    assert {mail["kind"] for mail in mails} <= {"invitation"}


def test_reader_sees_a_private_event_as_busy_and_a_free_busy_reader_every_event(sandbox, daan):
    team = sandbox.control("calendars", mailbox=SANNE, summary="Team", roles={DAAN: "reader"})["id"]
    for event in (
        at("2026-11-23", summary="Secret", visibility="private", location="Maas"),
        at("2026-11-24"),
    ):
        sandbox.control("events", mailbox=SANNE, calendar=team, event=event)
    path = f"/calendars/{team}/events"

    as_reader = daan("GET", path).json()["items"]
    sandbox.control("calendars/role", calendar=team, mailbox=DAAN, role="freeBusyReader")
    as_busy = daan("GET", path).json()["items"]

    assert [item.get("summary") for item in as_reader] == [None, "Interview"]
    assert "location" not in as_reader[0]
    assert [item.get("summary") for item in as_busy] == [None, None]

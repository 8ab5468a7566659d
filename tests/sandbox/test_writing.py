"""Creating, changing, replacing, deleting and moving events."""

import pytest
from googleapiclient.errors import HttpError

from tests.sandbox.conftest import SANNE, at, everything, reason

EVENTS = "/calendars/primary/events"


@pytest.fixture
def api(sandbox):
    return sandbox.raw(SANNE)


@pytest.fixture
def event(sandbox):
    return sandbox.control("events", mailbox=SANNE, event=at("2026-11-23"))


def test_new_event_has_everything_google_fills_in(api):
    body = api("POST", EVENTS, at("2026-11-23", "09:00", ignored="x")).json()

    assert body["kind"] == "calendar#event"
    assert body["etag"].startswith('"')
    assert body["start"] == {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Amsterdam"}
    assert body["organizer"] == body["creator"] == {"email": SANNE, "self": True}
    assert body["reminders"] == {"useDefault": True}
    assert (body["status"], body["eventType"], body["sequence"]) == ("confirmed", "default", 0)
    assert body["iCalUID"] == f"{body['id']}@google.com"
    assert "ignored" not in body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{broken", (400, "parseError")),
        ("[1]", (400, "parseError")),
        ({}, (400, "required")),
        ({"start": {"date": "2026-11-23"}}, (400, "required")),
        ({"start": {}, "end": {}}, (400, "required")),
        ({"start": {"dateTime": "2026-11-23T09:00:00"}, "end": {"dateTime": "2026-11-23T10:00:00"}}, (400, "invalid")),
        ({"start": {"date": "2026-02-30"}, "end": {"date": "2026-03-01"}}, (400, "invalid")),
        ({"start": {"date": "2026-11-23"}, "end": {"dateTime": "2026-11-23T10:00:00Z"}}, (400, "invalid")),
        ({"start": "tomorrow", "end": "later"}, (400, "invalid")),
        (at("2026-11-23", minutes=-30), (400, "timeRangeEmpty")),
        (at("2026-11-23", recurrence=["RRULE:FREQ=NEVER"]), (400, "invalid")),
        (at("2026-11-23", attendees=[{"email": "nobody"}]), (400, "invalid")),
        (at("2026-11-23", attendees="everybody"), (400, "invalid")),
        (at("2026-11-23", status="maybe"), (400, "invalid")),
        (at("2026-11-23", colorId="99"), (400, "invalid")),
        (at("2026-11-23", id="UPPER"), (400, "invalid")),
        (at("2026-11-23", summary=7), (400, "invalid")),
        (at("2026-11-23", reminders={"useDefault": False, "overrides": [{"method": "popup", "minutes": 50000}]}),
         (400, "invalid")),
        (at("2026-11-23", reminders={"useDefault": True, "overrides": [{"method": "popup", "minutes": 5}]}),
         (400, "cannotUseDefaultRemindersAndSpecifyOverride")),
        (at("2026-11-23", eventType="fromGmail"), (400, "eventTypeRestriction")),
        ({"eventType": "focusTime", "start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}},
         (400, "eventTypeRestriction")),
        ({"start": {"dateTime": "2026-11-23T09:00:00Z"}, "end": {"dateTime": "2026-11-23T10:00:00Z"},
          "recurrence": ["RRULE:FREQ=DAILY"]}, (400, "required")),
        ({"start": {"dateTime": "0001-01-01T00:00:00+14:00", "timeZone": "UTC"},
          "end": {"dateTime": "2026-01-01T00:00:00Z"}},
         (400, "invalid")),
    ],
)  # fmt: skip
def test_unusable_body_is_refused(api, body, expected):
    assert reason(api("POST", EVENTS, body)) == expected
    assert everything(api)[0] == []


def test_client_may_choose_the_id_once(api):
    assert api("POST", EVENTS, at("2026-11-23", id="mine12345")).json()["id"] == "mine12345"

    assert reason(api("POST", EVENTS, at("2026-11-23", id="mine12345"))) == (409, "duplicate")
    api("DELETE", f"{EVENTS}/mine12345")
    assert reason(api("POST", EVENTS, at("2026-11-23", id="mine12345"))) == (409, "duplicate")


def test_patch_merges_replaces_lists_and_clears_by_null(api):
    body = at("2026-11-23", location="Maas", extendedProperties={"private": {"a": "1", "b": "2"}})
    event = api("POST", EVENTS, body).json()

    changes = {
        "location": None,
        "summary": "Intake",
        "extendedProperties": {"private": {"a": None, "c": "3"}},
    }
    patched = api("PATCH", f"{EVENTS}/{event['id']}", changes).json()

    assert "location" not in patched
    assert patched["summary"] == "Intake"
    assert patched["extendedProperties"] == {"private": {"b": "2", "c": "3"}}
    assert patched["start"] == event["start"]
    assert patched["updated"] > event["updated"]
    assert patched["etag"] != event["etag"]
    assert patched["sequence"] == 1


def test_patch_to_all_day_needs_the_other_member_cleared(api, event):
    path = f"{EVENTS}/{event['id']}"
    days = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}

    assert reason(api("PATCH", path, days)) == (400, "invalid")
    cleared = {name: moment | {"dateTime": None} for name, moment in days.items()}

    patched = api("PATCH", path, cleared).json()
    assert (patched["start"], patched["end"]) == ({"date": "2026-11-23"}, {"date": "2026-11-24"})


def test_put_clears_what_it_does_not_say(api):
    event = api("POST", EVENTS, at("2026-11-23", location="Maas", colorId="3")).json()

    replaced = api("PUT", f"{EVENTS}/{event['id']}", at("2026-11-24", summary="New")).json()

    assert "location" not in replaced
    assert "colorId" not in replaced
    assert replaced["id"] == event["id"]
    assert replaced["created"] == event["created"]
    assert reason(api("PUT", f"{EVENTS}/{event['id']}", {"summary": "x"})) == (400, "required")


def test_a_change_that_changes_nothing_leaves_the_etag(api, event):
    again = api("PATCH", f"{EVENTS}/{event['id']}", {"summary": event["summary"]}).json()

    assert again["etag"] == event["etag"]


def test_reminders_alone_change_the_etag_but_not_updated(api, event):
    reminders = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}

    patched = api("PATCH", f"{EVENTS}/{event['id']}", {"reminders": reminders}).json()

    assert patched["updated"] == event["updated"]
    assert patched["etag"] != event["etag"]


def test_google_client_sees_412_for_another_version(sandbox, event):
    events = sandbox.service(SANNE).events()
    events.patch(calendarId="primary", eventId=event["id"], body={"summary": "Theirs"}).execute()
    request = events.patch(calendarId="primary", eventId=event["id"], body={"summary": "Mine"})
    request.headers["If-Match"] = event["etag"]

    with pytest.raises(HttpError) as caught:
        request.execute()

    assert (caught.value.status_code, caught.value.error_details[0]["reason"]) == (412, "conditionNotMet")
    assert events.get(calendarId="primary", eventId=event["id"]).execute()["summary"] == "Theirs"


def test_if_match_guards_put_and_delete_and_get_knows_304(api, event):
    path, old = f"{EVENTS}/{event['id']}", {"If-Match": '"old"'}

    assert reason(api("PUT", path, at("2026-11-23"), headers=old)) == (412, "conditionNotMet")
    assert reason(api("DELETE", path, headers=old)) == (412, "conditionNotMet")
    assert api("GET", path, headers={"If-None-Match": event["etag"]}).status_code == 304
    assert api("DELETE", path, headers={"If-Match": event["etag"]}).status_code == 204


def test_deleted_event_cannot_be_deleted_again_but_read_and_restored(api, event):
    path = f"{EVENTS}/{event['id']}"
    assert api("DELETE", path).content == b""

    assert reason(api("DELETE", path)) == (410, "deleted")
    assert reason(api("PATCH", path, {"summary": "x"})) == (410, "deleted")
    assert api("GET", path).json()["status"] == "cancelled"
    assert api("PATCH", path, {"status": "confirmed"}).json()["status"] == "confirmed"
    assert reason(api("GET", f"{EVENTS}/absent")) == (404, "notFound")


def test_event_type_stays_what_it_was(api, event):
    assert reason(api("PATCH", f"{EVENTS}/{event['id']}", {"eventType": "focusTime"})) == (
        400,
        "eventTypeRestriction",
    )


def test_special_types_get_their_properties(api):
    focus = api("POST", EVENTS, at("2026-11-23", eventType="focusTime")).json()
    days = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}
    place = {"type": "homeOffice", "homeOffice": {}}
    home = api(
        "POST", EVENTS, days | {"eventType": "workingLocation", "workingLocationProperties": place}
    ).json()

    assert focus["focusTimeProperties"] == {"autoDeclineMode": "declineNone"}
    assert (home["transparency"], home["workingLocationProperties"]) == ("transparent", place)


def test_meet_link_is_pending_first_and_there_on_the_next_read(api):
    request = {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    body = at("2026-11-23", conferenceData={"createRequest": request})

    without = api("POST", EVENTS, body).json()
    event = api("POST", EVENTS, body, conferenceDataVersion=1).json()
    read = api("GET", f"{EVENTS}/{event['id']}").json()

    assert "conferenceData" not in without
    assert event["conferenceData"]["createRequest"]["status"] == {"statusCode": "pending"}
    assert "hangoutLink" not in event
    assert read["conferenceData"]["createRequest"]["status"] == {"statusCode": "success"}
    assert read["hangoutLink"] == read["conferenceData"]["entryPoints"][0]["uri"]
    path = f"{EVENTS}/{event['id']}"
    kept = api("PATCH", path, {"conferenceData": None})
    assert kept.json()["hangoutLink"]
    removed = api("PATCH", path, {"conferenceData": None}, conferenceDataVersion=1).json()
    assert "hangoutLink" not in removed
    assert "conferenceData" not in removed


def test_import_adds_a_private_copy_once(sandbox, api):
    body = at("2026-11-23", iCalUID="abc@elsewhere.example", organizer={"email": "host@elsewhere.example"})

    first = api("POST", f"{EVENTS}/import", body).json()
    second = api("POST", f"{EVENTS}/import", body | {"summary": "Renewed"}).json()

    assert first["id"] == second["id"]
    assert second["summary"] == "Renewed"
    assert second["organizer"] == {"email": "host@elsewhere.example"}
    assert reason(api("POST", f"{EVENTS}/import", at("2026-11-23"))) == (400, "invalid")
    assert sandbox.look("outbox")["count"] == 0


def test_quick_add_reads_the_time(api):
    event = api("POST", f"{EVENTS}/quickAdd", text="Koffie met Lotte tomorrow at 15:30").json()

    assert event["summary"] == "Koffie met Lotte"
    assert event["start"]["dateTime"][11:16] == "15:30"


def test_moved_event_changes_calendar_and_organiser(sandbox, api, event):
    team = sandbox.control("calendars", mailbox=SANNE, summary="Team")["id"]
    _, token = everything(api)

    moved = api("POST", f"{EVENTS}/{event['id']}/move", destination=team).json()

    assert moved["id"] == event["id"]
    assert moved["organizer"]["email"] == team
    assert everything(api, syncToken=token)[0][0]["status"] == "cancelled"
    assert api("GET", f"/calendars/{team}/events/{event['id']}").json()["status"] == "confirmed"


def test_reader_may_not_write(sandbox, api):
    other = sandbox.control(
        "calendars", mailbox="daan.bakker@sandbox.example", summary="D", roles={SANNE: "reader"}
    )

    assert reason(api("POST", f"/calendars/{other['id']}/events", at("2026-11-23"))) == (
        403,
        "requiredAccessLevel",
    )

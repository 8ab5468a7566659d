"""Series as clients see them: instances, exceptions, cancelled ones, changed rules."""

import pytest

from tests.sandbox.conftest import SANNE, at, everything, reason

EVENTS = "/calendars/primary/events"


@pytest.fixture
def api(sandbox):
    return sandbox.raw(SANNE)


@pytest.fixture
def master(sandbox):
    event = at("2026-11-23", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    return sandbox.control("events", mailbox=SANNE, event=event)


def instances(api, master, **params):
    return api("GET", f"{EVENTS}/{master['id']}/instances", **params).json()["items"]


def test_instances_are_named_after_their_original_start_in_utc(api, master):
    found = instances(api, master)

    assert [item["id"] for item in found] == [
        f"{master['id']}_{day}T080000Z" for day in ("20261123", "20261130", "20261207", "20261214")
    ]
    assert found[1]["recurringEventId"] == master["id"]
    assert found[1]["originalStartTime"] == found[1]["start"]
    assert {item["iCalUID"] for item in found} == {master["iCalUID"]}
    assert all("recurrence" not in item for item in found)


def test_all_day_instances_are_named_after_their_date(sandbox, api):
    event = {
        "start": {"date": "2026-11-23"},
        "end": {"date": "2026-11-24"},
        "recurrence": ["RRULE:FREQ=DAILY;COUNT=2"],
    }
    master = sandbox.control("events", mailbox=SANNE, event=event)

    assert [item["id"] for item in instances(api, master)] == [
        f"{master['id']}_20261123",
        f"{master['id']}_20261124",
    ]


def test_changed_instance_becomes_an_exception(api, master):
    target = instances(api, master)[1]
    _, token = everything(api)

    moved = api("PATCH", f"{EVENTS}/{target['id']}", {
        "start": {"dateTime": "2026-12-01T15:00:00+01:00"}, "end": {"dateTime": "2026-12-01T16:00:00+01:00"}
    }).json()  # fmt: skip

    assert moved["originalStartTime"]["dateTime"] == "2026-11-30T09:00:00+01:00"
    assert moved["start"]["dateTime"] == "2026-12-01T15:00:00+01:00"
    assert [item["id"] for item in everything(api, syncToken=token)[0]] == [target["id"]]
    assert len(everything(api)[0]) == 2
    assert [item["start"]["dateTime"][:10] for item in instances(api, master)] == [
        "2026-11-23", "2026-12-01", "2026-12-07", "2026-12-14",
    ]  # fmt: skip


def test_cancelled_instance_tells_where_it_belonged_while_the_series_lives(api, master):
    target = instances(api, master)[2]

    assert api("DELETE", f"{EVENTS}/{target['id']}").status_code == 204

    full, token = everything(api)
    (tombstone,) = [item for item in full if item["status"] == "cancelled"]
    assert tombstone == {
        "kind": "calendar#event",
        "etag": tombstone["etag"],
        "id": target["id"],
        "status": "cancelled",
        "recurringEventId": master["id"],
        "originalStartTime": {"dateTime": "2026-12-07T09:00:00+01:00", "timeZone": "Europe/Amsterdam"},
    }
    assert len(instances(api, master)) == 3
    assert len(everything(api, singleEvents="true")[0]) == 3
    assert reason(api("DELETE", f"{EVENTS}/{target['id']}")) == (410, "deleted")
    api("DELETE", f"{EVENTS}/{master['id']}")
    gone, _ = everything(api, syncToken=token)
    assert {item["id"] for item in gone} == {master["id"], target["id"]}
    assert all(item.keys() == {"kind", "etag", "id", "status"} for item in gone)
    assert everything(api)[0] == []


def test_cancelled_instance_can_be_restored(api, master):
    target = instances(api, master)[0]["id"]
    api("DELETE", f"{EVENTS}/{target}")

    restored = api("PATCH", f"{EVENTS}/{target}", {"status": "confirmed"})

    assert restored.json()["status"] == "confirmed"
    assert len(instances(api, master)) == 4


def test_expanded_list_replaces_what_exceptions_replace(sandbox, api, master):
    target = instances(api, master)[1]["id"]
    api("PATCH", f"{EVENTS}/{target}", {"summary": "Special"})

    items, _ = everything(api, singleEvents="true", orderBy="startTime")

    assert [item["summary"] for item in items] == ["Interview", "Special", "Interview", "Interview"]
    assert all("recurrence" not in item for item in items)


def test_endless_series_expands_about_two_years(sandbox, api):
    sandbox.control("events", mailbox=SANNE, event=at("2026-11-23", recurrence=["RRULE:FREQ=WEEKLY"]))

    items, _ = everything(api, singleEvents="true")

    assert 100 <= len(items) <= 110


def test_pages_of_an_expanded_list_are_whole(sandbox, api, master):
    items, _ = everything(api, singleEvents="true", maxResults=3)
    ordered, _ = everything(api, singleEvents="true", orderBy="startTime", maxResults=3)

    assert len({item["id"] for item in items}) == len(items) == 4
    assert [item["id"] for item in ordered] == [item["id"] for item in items]


def test_shortened_series_drops_exceptions_beyond_its_end(api, master):
    early, late = (instances(api, master)[number]["id"] for number in (1, 3))
    for target in (early, late):
        api("PATCH", f"{EVENTS}/{target}", {"summary": "Special"})
    _, token = everything(api)
    _, expanded = everything(api, singleEvents="true")

    api("PATCH", f"{EVENTS}/{master['id']}", {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]})

    assert {item["id"] for item in everything(api)[0]} == {master["id"], early}
    delta = {item["id"]: item["status"] for item in everything(api, syncToken=token)[0]}
    assert delta == {master["id"]: "confirmed", late: "cancelled"}
    gone = [item["id"] for item in everything(api, syncToken=expanded)[0] if item["status"] == "cancelled"]
    assert sorted(gone) == [f"{master['id']}_20261207T080000Z", late]
    assert reason(api("GET", f"{EVENTS}/{late}")) == (404, "notFound")


def test_moved_series_drops_every_exception(api, master):
    target = instances(api, master)[1]["id"]
    api("PATCH", f"{EVENTS}/{target}", {"summary": "Special"})

    api("PATCH", f"{EVENTS}/{master['id']}", {
        "start": {"dateTime": "2026-11-23T11:00:00+01:00"}, "end": {"dateTime": "2026-11-23T12:00:00+01:00"}
    })  # fmt: skip

    assert [item["id"] for item in everything(api)[0]] == [master["id"]]
    assert instances(api, master)[0]["id"] == f"{master['id']}_20261123T100000Z"


def test_single_event_becomes_a_series_and_single_again(sandbox, api):
    event = sandbox.control("events", mailbox=SANNE, event=at("2026-11-23"))

    api("PATCH", f"{EVENTS}/{event['id']}", {"recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]})
    assert len(everything(api, singleEvents="true")[0]) == 3
    single = api("PATCH", f"{EVENTS}/{event['id']}", {"recurrence": None}).json()

    assert "recurrence" not in single
    assert len(everything(api, singleEvents="true")[0]) == 1


@pytest.mark.parametrize("stamp", ["20261124T080000Z", "20261123T090000Z", "20261123", "20991123T080000Z"])
def test_instance_outside_the_series_is_404(api, master, stamp):
    assert reason(api("GET", f"{EVENTS}/{master['id']}_{stamp}")) == (404, "notFound")


def test_instances_by_original_start_and_of_a_single_event(sandbox, api, master):
    found = instances(api, master, originalStart="2026-11-30T09:00:00+01:00")
    single = sandbox.control("events", mailbox=SANNE, event=at("2026-11-23"))

    assert [item["id"] for item in found] == [f"{master['id']}_20261130T080000Z"]
    assert reason(api("GET", f"{EVENTS}/{single['id']}/instances")) == (400, "invalid")


def test_a_more_private_instance_makes_the_series_private(api, master):
    target = instances(api, master)[1]["id"]

    api("PATCH", f"{EVENTS}/{target}", {"visibility": "private"})

    assert api("GET", f"{EVENTS}/{master['id']}").json()["visibility"] == "private"
    ignored = api("PATCH", f"{EVENTS}/{target}", {"visibility": "public"})
    assert ignored.json()["visibility"] == "private"


def test_this_and_following_makes_two_series_of_one(sandbox, api, master):
    target = instances(api, master)[2]

    new = sandbox.control("events/split", mailbox=SANNE, id=target["id"], changes={"summary": "Later"})

    old = api("GET", f"{EVENTS}/{master['id']}").json()
    assert old["recurrence"] == ["RRULE:FREQ=WEEKLY;UNTIL=20261207T075959Z"]
    assert [item["id"] for item in instances(api, old)] == [
        f"{master['id']}_{day}T080000Z" for day in ("20261123", "20261130")
    ]
    assert new["id"] == f"{master['id']}_R20261207T080000"
    assert [(item["summary"], item["start"]["dateTime"][:10]) for item in instances(api, new)] == [
        ("Later", "2026-12-07"),
        ("Later", "2026-12-14"),
    ]

"""The calendar list, calendars, settings, colours, and free and busy."""

import pytest

from tests.sandbox.conftest import DAAN, SANNE, at, reason

LIST = "/users/me/calendarList"


@pytest.fixture
def api(sandbox):
    return sandbox.raw(SANNE)


def ids(answer):
    return [item["id"] for item in answer.json()["items"]]


def test_primary_calendar_is_listed_with_its_role(api):
    (entry,) = api("GET", LIST).json()["items"]

    assert entry["kind"] == "calendar#calendarListEntry"
    assert (entry["id"], entry["primary"], entry["accessRole"]) == (SANNE, True, "owner")
    assert entry["timeZone"] == "Europe/Amsterdam"
    assert api("GET", f"{LIST}/primary").json() == entry


def test_list_pages_and_then_tells_only_changes(sandbox, api):
    for number in range(3):
        sandbox.control("calendars", mailbox=SANNE, summary=f"Team {number}")
    first = api("GET", LIST, maxResults=3).json()
    last = api("GET", LIST, maxResults=3, pageToken=first["nextPageToken"]).json()
    token = last["nextSyncToken"]
    assert (len(first["items"]), len(last["items"])) == (3, 1)
    assert "nextSyncToken" not in first
    assert ids(api("GET", LIST, syncToken=token)) == []

    api("PATCH", f"{LIST}/{last['items'][0]['id']}", {"summaryOverride": "Mine", "hidden": True})

    (changed,) = api("GET", LIST, syncToken=token).json()["items"]
    assert (changed["summaryOverride"], changed["hidden"]) == ("Mine", True)
    assert changed["id"] not in ids(api("GET", LIST))
    assert changed["id"] in ids(api("GET", LIST, showHidden="true"))


def test_shared_calendar_comes_changes_role_and_goes(sandbox, api):
    team = sandbox.control("calendars", mailbox=DAAN, summary="Team")["id"]
    token = api("GET", LIST).json()["nextSyncToken"]

    sandbox.control("calendars/role", calendar=team, mailbox=SANNE, role="reader")
    came = api("GET", LIST, syncToken=token).json()
    sandbox.control("calendars/role", calendar=team, mailbox=SANNE, role="none")
    went = api("GET", LIST, syncToken=came["nextSyncToken"]).json()

    assert [(item["id"], item["accessRole"]) for item in came["items"]] == [(team, "reader")]
    assert [(item["id"], item["deleted"]) for item in went["items"]] == [(team, True)]
    assert ids(api("GET", LIST)) == [SANNE]
    assert reason(api("GET", f"/calendars/{team}/events")) == (404, "notFound")


def test_min_access_role_filters_and_clashes_with_a_sync_token(sandbox, api):
    team = sandbox.control("calendars", mailbox=DAAN, summary="Team", roles={SANNE: "reader"})["id"]
    token = api("GET", LIST).json()["nextSyncToken"]

    assert ids(api("GET", LIST, minAccessRole="writer")) == [SANNE]
    assert team in ids(api("GET", LIST, minAccessRole="reader"))
    assert reason(api("GET", LIST, minAccessRole="king")) == (400, "invalid")
    assert reason(api("GET", LIST, syncToken=token, minAccessRole="writer")) == (400, "badRequest")
    assert reason(api("GET", LIST, syncToken="old")) == (410, "fullSyncRequired")


def test_calendars_are_created_renamed_and_deleted(api):
    created = api("POST", "/calendars", {"summary": "Vrij", "timeZone": "Europe/Paris"}).json()
    renamed = api("PATCH", f"/calendars/{created['id']}", {"summary": "Verlof"}).json()

    assert (renamed["summary"], renamed["timeZone"]) == ("Verlof", "Europe/Paris")
    assert created["id"] in ids(api("GET", LIST))
    assert api("DELETE", f"/calendars/{created['id']}").status_code == 204
    assert created["id"] not in ids(api("GET", LIST))
    assert api("GET", f"/calendars/{created['id']}").status_code == 404
    assert api("DELETE", "/calendars/primary").status_code == 403


def test_settings_and_colours(api):
    assert api("GET", "/users/me/settings/timezone").json()["value"] == "Europe/Amsterdam"
    assert api("GET", "/users/me/settings/weekStart").json()["value"] == "1"
    assert {item["id"] for item in api("GET", "/users/me/settings").json()["items"]} >= {"format24HourTime"}
    colors = api("GET", "/colors").json()
    assert (len(colors["event"]), len(colors["calendar"])) == (11, 24)
    assert api("GET", "/calendars/primary/acl").json()["items"][0]["role"] == "owner"


def test_free_busy_merges_what_blocks_and_reports_what_is_unknown(sandbox, api):
    for event in (
        at("2026-11-23", "09:00"),
        at("2026-11-23", "09:30"),
        at("2026-11-23", "12:00", transparency="transparent"),
        at("2026-11-23", "15:00", recurrence=["RRULE:FREQ=DAILY;COUNT=2"]),
    ):
        sandbox.control("events", mailbox=SANNE, event=event)
    window = {"timeMin": "2026-11-23T00:00:00Z", "timeMax": "2026-11-25T00:00:00Z"}

    body = api("POST", "/freeBusy", window | {"items": [{"id": SANNE}, {"id": "nobody@post.example"}]}).json()

    assert body["calendars"][SANNE] == {"busy": [
        {"start": "2026-11-23T08:00:00Z", "end": "2026-11-23T09:30:00Z"},
        {"start": "2026-11-23T14:00:00Z", "end": "2026-11-23T15:00:00Z"},
        {"start": "2026-11-24T14:00:00Z", "end": "2026-11-24T15:00:00Z"},
    ]}  # fmt: skip
    assert body["calendars"]["nobody@post.example"] == {
        "errors": [{"domain": "global", "reason": "notFound"}],
        "busy": [],
    }
    assert reason(api("POST", "/freeBusy", window | {"timeMax": window["timeMin"]})) == (
        400,
        "timeRangeEmpty",
    )
    assert reason(api("POST", "/freeBusy", {})) == (400, "required")


def test_calendar_is_renamed_and_moved_to_another_zone(sandbox):
    api = sandbox.raw(SANNE)

    sandbox.control("calendars/patch", mailbox=SANNE, summary="Mine", time_zone="Asia/Tokyo")

    entry = api("GET", f"/users/me/calendarList/{SANNE}").json()
    assert (entry["summary"], entry["timeZone"]) == ("Mine", "Asia/Tokyo")

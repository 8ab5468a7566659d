"""events.list: windows, filters, pages, deltas, and the combinations Google refuses."""

import gzip

import pytest
import requests
from googleapiclient.errors import HttpError

from tests.sandbox.conftest import SANNE, at, everything, reason

EVENTS = "/calendars/primary/events"


def add(sandbox, **event):
    return sandbox.control("events", mailbox=SANNE, event=event)


def titles(answer):
    return [item.get("summary") for item in answer.json()["items"]]


@pytest.fixture
def api(sandbox):
    return sandbox.raw(SANNE)


def test_google_client_syncs_page_by_page_and_then_by_token(sandbox):
    for number in range(7):
        add(sandbox, **at("2026-11-23", summary=f"Event {number}"))
    events = sandbox.service(SANNE).events()

    seen, request = [], events.list(calendarId="primary", maxResults=3)
    while request is not None:
        page = request.execute()
        seen += [item["summary"] for item in page["items"]]
        request = events.list_next(request, page)
    added = events.insert(calendarId="primary", body=at("2026-11-24", summary="New")).execute()
    delta = events.list(calendarId="primary", syncToken=page["nextSyncToken"]).execute()

    assert seen == [f"Event {number}" for number in range(7)]
    assert [item["id"] for item in delta["items"]] == [added["id"]]
    assert "nextSyncToken" in delta


def test_changes_made_while_paging_come_with_the_first_delta(sandbox, api):
    first = [add(sandbox, **at("2026-11-23", summary=str(number))) for number in range(4)]
    page = api("GET", EVENTS, maxResults=2).json()
    sandbox.control("events/patch", mailbox=SANNE, id=first[0]["id"], changes={"summary": "changed"})
    sandbox.control("events/delete", mailbox=SANNE, id=first[3]["id"])

    last = api("GET", EVENTS, maxResults=2, pageToken=page["nextPageToken"]).json()
    delta = api("GET", EVENTS, syncToken=last["nextSyncToken"])

    assert [item["summary"] for item in last["items"]] == ["2"]
    assert {(item["id"], item["status"]) for item in delta.json()["items"]} == {
        (first[0]["id"], "confirmed"),
        (first[3]["id"], "cancelled"),
    }


def test_delta_pages_repeat_neither_items_nor_tokens(sandbox, api):
    _, token = everything(api)
    ids = {add(sandbox, **at("2026-11-23"))["id"] for _ in range(5)}

    items, again = everything(api, syncToken=token, maxResults=2)

    assert len(items) == 5
    assert {item["id"] for item in items} == ids
    assert everything(api, syncToken=again)[0] == []


def test_an_old_sync_token_may_be_used_again(sandbox, api):
    _, token = everything(api)
    add(sandbox, **at("2026-11-23"))

    assert len(everything(api, syncToken=token)[0]) == 1
    assert len(everything(api, syncToken=token)[0]) == 1


def test_tombstone_of_a_single_event_says_only_that_it_is_gone(sandbox, api):
    event = add(sandbox, **at("2026-11-23"))
    _, token = everything(api)
    sandbox.control("events/delete", mailbox=SANNE, id=event["id"])

    (tombstone,), _ = everything(api, syncToken=token)

    assert tombstone.keys() == {"kind", "etag", "id", "status"}
    assert everything(api)[0] == []
    assert everything(api, showDeleted="true")[0] == [tombstone]
    assert api("GET", f"{EVENTS}/{event['id']}").json()["summary"] == "Interview"


@pytest.mark.parametrize(
    "params",
    [
        {"timeMin": "2026-11-01T00:00:00Z"}, {"timeMax": "2026-11-01T00:00:00Z"}, {"q": "x"}, {"iCalUID": "x"},
        {"orderBy": "updated"}, {"updatedMin": "2026-11-20T00:00:00Z"}, {"privateExtendedProperty": "a=b"},
        {"sharedExtendedProperty": "a=b"}, {"showDeleted": "false"}, {"singleEvents": "true"},
        {"eventTypes": "birthday"},
    ],
)  # fmt: skip
def test_sync_token_refuses_other_filters(api, params):
    _, token = everything(api)

    assert reason(api("GET", EVENTS, syncToken=token, **params)) == (400, "badRequest")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"orderBy": "startTime"}, (400, "badRequest")),
        ({"orderBy": "title", "singleEvents": "true"}, (400, "invalid")),
        ({"timeMin": "2026-11-01T00:00:00"}, (400, "invalid")),
        ({"timeMin": "yesterday"}, (400, "invalid")),
        ({"timeMin": "2026-11-02T00:00:00Z", "timeMax": "2026-11-01T00:00:00Z"}, (400, "timeRangeEmpty")),
        ({"pageToken": "nonsense"}, (400, "invalid")),
        ({"syncToken": "nonsense"}, (410, "fullSyncRequired")),
        ({"maxResults": "0"}, (400, "invalid")),
        ({"maxResults": "many"}, (400, "invalid")),
        ({"singleEvents": "maybe"}, (400, "invalid")),
        ({"eventTypes": "party"}, (400, "invalid")),
        ({"privateExtendedProperty": "noequals"}, (400, "invalid")),
        ({"timeZone": "Mars/Olympus"}, (400, "invalid")),
        ({"updatedMin": "2026-01-01T00:00:00Z"}, (410, "updatedMinTooLongAgo")),
        ({"fields": "items("}, (400, "invalidParameter")),
    ],
)
def test_wrong_parameters_are_refused(api, params, expected):
    assert reason(api("GET", EVENTS, **params)) == expected


def test_sync_token_of_another_calendar_is_foreign(sandbox, api):
    other = sandbox.control("calendars", mailbox=SANNE, summary="Team")["id"]
    _, token = everything(api)

    assert reason(api("GET", f"/calendars/{other}/events", syncToken=token)) == (410, "fullSyncRequired")


def test_expired_sync_token_needs_a_full_sync_which_gives_a_good_one(sandbox):
    events = sandbox.service(SANNE).events()
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    sandbox.control("sync-tokens/expire", mailbox=SANNE)

    with pytest.raises(HttpError) as caught:
        events.list(calendarId="primary", syncToken=token).execute()
    fresh = events.list(calendarId="primary").execute()["nextSyncToken"]

    assert caught.value.status_code == 410
    assert caught.value.error_details[0] == {
        "domain": "calendar",
        "reason": "fullSyncRequired",
        "message": "Sync token is no longer valid, a full sync is required.",
        "locationType": "parameter",
        "location": "syncToken",
    }
    assert events.list(calendarId="primary", syncToken=fresh).execute()["items"] == []


def test_page_token_is_bound_to_the_parameters_of_its_first_page(sandbox, api):
    for _ in range(3):
        add(sandbox, **at("2026-11-23"))
    token = api("GET", EVENTS, maxResults=1).json()["nextPageToken"]

    assert reason(api("GET", EVENTS, pageToken=token, q="other")) == (400, "invalid")
    assert api("GET", EVENTS, pageToken=token, maxResults=2).status_code == 200


def test_time_min_bounds_the_end_and_time_max_the_start(sandbox, api):
    add(sandbox, **at("2026-11-23", "09:00", summary="ends at the bound"))
    add(sandbox, **at("2026-11-23", "09:30", summary="crosses the bound"))
    add(sandbox, **at("2026-11-23", "12:00", summary="starts at the end"))

    found = api("GET", EVENTS, timeMin="2026-11-23T10:00:00+01:00", timeMax="2026-11-23T12:00:00+01:00")

    assert titles(found) == ["crosses the bound"]
    assert "nextSyncToken" in found.json()


def test_window_finds_a_series_only_with_an_instance_inside(sandbox, api):
    add(sandbox, **at("2026-11-23", recurrence=["RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=10"]))

    inside = api("GET", EVENTS, timeMin="2026-12-07T00:00:00Z", timeMax="2026-12-08T00:00:00Z").json()
    between = api("GET", EVENTS, timeMin="2026-12-08T00:00:00Z", timeMax="2026-12-20T00:00:00Z").json()

    assert [item["recurrence"] for item in inside["items"]] == [["RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=10"]]
    assert between["items"] == []


def test_delta_of_a_window_tells_of_what_left_it(sandbox, api):
    event = add(sandbox, **at("2026-11-23"))
    window = {"timeMin": "2026-11-23T00:00:00Z", "timeMax": "2026-11-24T00:00:00Z"}
    _, token = everything(api, **window)
    add(sandbox, **at("2026-12-23", summary="never inside"))
    sandbox.control("events/move", mailbox=SANNE, id=event["id"], minutes=60 * 24 * 9)

    items, _ = everything(api, syncToken=token)

    assert [(item["id"], item["start"]["dateTime"][:10]) for item in items] == [(event["id"], "2026-12-02")]


def test_filters_by_text_property_type_and_uid(sandbox, api):
    plain = add(sandbox, **at("2026-11-23", summary="Koffie", description="met Lotte"))
    marked = at(
        "2026-11-23", summary="Gemerkt", extendedProperties={"private": {"crm": "7", "kind": "intake"}}
    )
    add(sandbox, **marked)
    add(sandbox, **at("2026-11-23", summary="Focus", eventType="focusTime"))

    assert titles(api("GET", EVENTS, q="koffie lotte")) == ["Koffie"]
    assert titles(api("GET", EVENTS, privateExtendedProperty=["crm=7", "kind=intake"])) == ["Gemerkt"]
    assert titles(api("GET", EVENTS, privateExtendedProperty=["crm=7", "kind=x"])) == []
    assert titles(api("GET", EVENTS, eventTypes=["focusTime"])) == ["Focus"]
    assert titles(api("GET", EVENTS, eventTypes=["default", "focusTime"])) == ["Koffie", "Gemerkt", "Focus"]
    by_uid = api("GET", EVENTS, iCalUID=plain["iCalUID"])
    assert titles(by_uid) == ["Koffie"]
    assert "nextSyncToken" not in by_uid.json()


def test_order_by_updated_and_updated_min(sandbox, api):
    first = add(sandbox, **at("2026-11-23", summary="first"))
    second = add(sandbox, **at("2026-11-23", summary="second"))
    sandbox.control("events/patch", mailbox=SANNE, id=first["id"], changes={"location": "Maas"})
    sandbox.control("events/delete", mailbox=SANNE, id=second["id"])
    add(sandbox, **at("2026-11-23", summary="third"))

    assert titles(api("GET", EVENTS, orderBy="updated")) == ["first", "third"]
    since = api("GET", EVENTS, updatedMin=second["updated"]).json()["items"]
    assert {item["status"] for item in since} == {"confirmed", "cancelled"}


def test_time_zone_changes_how_times_are_shown(sandbox, api):
    add(sandbox, **at("2026-11-23", "09:00"))

    (item,) = api("GET", EVENTS, timeZone="America/New_York").json()["items"]

    assert item["start"] == {"dateTime": "2026-11-23T03:00:00-05:00", "timeZone": "Europe/Amsterdam"}


def test_max_attendees_keeps_the_caller(sandbox, api):
    people = [{"email": f"guest{number}@post.example"} for number in range(5)] + [{"email": SANNE}]
    add(sandbox, **at("2026-11-23", attendees=people))

    (item,) = api("GET", EVENTS, maxAttendees=2).json()["items"]

    assert item["attendeesOmitted"] is True
    assert [person["email"] for person in item["attendees"]] == [SANNE, "guest0@post.example"]


def test_fields_mask_keeps_pages_going(sandbox, api):
    for _ in range(2):
        add(sandbox, **at("2026-11-23"))

    page = api("GET", EVENTS, fields="nextPageToken,items(id,start/dateTime)", maxResults=1).json()

    assert page.keys() == {"nextPageToken", "items"}
    assert page["items"][0].keys() == {"id", "start"}


def test_list_answers_304_until_something_changes(sandbox, api):
    etag = api("GET", EVENTS).headers["etag"]

    unchanged = api("GET", EVENTS, headers={"If-None-Match": etag})
    add(sandbox, **at("2026-11-23"))
    changed = api("GET", EVENTS, headers={"If-None-Match": etag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.status_code == 200


def test_large_answers_are_compressed_on_request(sandbox, api):
    for _ in range(5):
        add(sandbox, **at("2026-11-23"))

    answer = api("GET", EVENTS, headers={"Accept-Encoding": "gzip"})
    with requests.get(answer.url, headers=answer.request.headers, stream=True, timeout=10) as raw:
        packed = raw.raw.read(decode_content=False)

    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed).startswith(b'{"kind":"calendar#events"')


def test_a_very_long_get_may_come_as_post(sandbox, api):
    add(sandbox, **at("2026-11-23", summary="Koffie"))
    events = sandbox.service(SANNE).events()

    page = events.list(calendarId="primary", privateExtendedProperty=["a=" + "x" * 3000]).execute()
    direct = api(
        "POST", EVENTS, "q=koffie",
        headers={"X-HTTP-Method-Override": "GET", "Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip

    assert page["items"] == []
    assert titles(direct) == ["Koffie"]


def test_missing_or_wrong_token_is_401_and_small_scopes_403(sandbox):
    api = sandbox.raw(SANNE, ["openid", "https://www.googleapis.com/auth/calendar.events.readonly"])

    assert reason(api("GET", "/users/me/calendarList")) == (403, "insufficientPermissions")
    assert reason(api("POST", EVENTS, at("2026-11-23"))) == (403, "insufficientPermissions")
    assert reason(api("POST", "/freeBusy", {})) == (403, "insufficientPermissions")
    assert api("GET", EVENTS).status_code == 200
    assert reason(requests.get(api.base + EVENTS, timeout=10)) == (401, "required")
    wrong = requests.get(api.base + EVENTS, headers={"Authorization": "Bearer no"}, timeout=10)
    assert reason(wrong) == (401, "authError")


def test_unknown_calendar_and_path_are_404(api):
    assert reason(api("GET", "/calendars/nobody%40post.example/events")) == (404, "notFound")
    assert reason(api("GET", "/nothing/here")) == (404, "notFound")

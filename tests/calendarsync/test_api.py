"""The calendar's REST resources: exact errors, cheap answers, and nobody sees what is not theirs."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from calendarsync.models import Account, Calendar, Event
from calendarsync.services.choose_calendars import choose_colour
from marketplace.models import Installation, Tenant, User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.conftest import activate_calendar
from tests.calendarsync.rows import DAY, HOUR, NOW, make_account, make_calendar, make_event
from tests.conftest import signed_in

WEEK = {"from": "2026-11-23T00:00:00Z", "to": "2026-11-30T00:00:00Z"}
RANGE = reverse("api-calendar")
PROJECTED: dict[str, Any] = {
    "projected_from": NOW.date() - 300 * DAY,
    "projected_until": NOW.date() + 700 * DAY,
}


@pytest.fixture
def account(calendar_active: Tenant, alice: User) -> Account:
    """Alice's account."""
    return make_account(alice)


@pytest.fixture
def calendar(account: Account) -> Calendar:
    """Its calendar, at revision 3, projected around today."""
    return make_calendar(account, revision=3, **PROJECTED)


@pytest.fixture
def alices(alice: User) -> Client:
    """Alice's browser."""
    return signed_in(alice)


def ask(alices: Client, **query: str) -> Any:
    return alices.get(RANGE, WEEK | query)


def titles(answer: Any) -> list[str]:
    return [item["title"] for item in answer.json()["events"]]


# The range view


def test_week_shows_what_overlaps_it(alices: Client, calendar: Calendar):
    make_event(calendar, "Inside")
    make_event(calendar, "Before", starts_at=NOW - 9 * DAY, ends_at=NOW - 8 * DAY)
    make_event(calendar, "Across", starts_at=NOW - 3 * DAY, ends_at=NOW)
    make_event(calendar, "Gone", removed_at=NOW)
    make_event(calendar, "Cancelled", kind="cancelled")

    answer = ask(alices)

    assert titles(answer) == ["Across", "Inside"]
    assert answer.json()["time_zone"] == "Europe/Amsterdam"
    item = answer.json()["events"][1]
    assert (item["start"], item["end"], item["all_day"]) == (
        "2026-11-23T12:00:00Z",
        "2026-11-23T13:00:00Z",
        False,
    )


def test_all_day_events_are_dates(alices: Client, calendar: Calendar):
    days = {"starts_at": None, "ends_at": None}
    make_event(calendar, "Fair", start_date=NOW.date(), end_date=NOW.date() + 2 * DAY, **days)

    [item] = ask(alices).json()["events"]

    assert (item["start"], item["end"], item["all_day"]) == ("2026-11-23", "2026-11-25", True)


BAD: list[tuple[dict[str, str], str]] = [
    ({"from": ""}, "from"),
    ({"to": ""}, "to"),
    ({"from": "garbage"}, "from"),
    ({"to": "2026-13-45T99:99:99Z"}, "to"),
    ({"from": "\x00"}, "from"),
    ({"from": "0001-01-01T00:00:00Z"}, "from"),
    ({"from": "0001-01-01T00:00:00+14:00"}, "from"),
    ({"to": "9999-12-31T23:59:59Z"}, "to"),
    ({"from": "9999-12-31T00:00:00Z", "to": "9999-12-31T23:59:59-12:00"}, "to"),
    ({"to": "2026-11-23T00:00:00Z"}, "to"),
    ({"to": "2026-11-01T00:00:00Z"}, "to"),
    ({"to": "2028-11-23T00:00:00Z"}, "to"),
    ({"calendars": "abc"}, "calendars"),
    ({"calendars": "1,"}, "calendars"),
    ({"calendars": "1;DROP TABLE"}, "calendars"),
    ({"calendars": "9" * 40}, "calendars"),
    ({"calendars": ",".join("1" * 1500)}, "calendars"),
    ({"calendars": "²"}, "calendars"),
    ({"calendars": "-1"}, "calendars"),
]


@pytest.mark.parametrize(("query", "field"), BAD, ids=lambda value: str(value)[:40])
def test_bad_range_is_an_error_of_its_field(
    alices: Client, calendar: Calendar, query: dict[str, str], field: str
):
    answer = ask(alices, **query)

    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_missing_range_names_both_fields(alices: Client, calendar: Calendar):
    answer = alices.get(RANGE)

    assert answer.status_code == 400
    assert set(answer.json()) == {"from", "to"}


@pytest.mark.parametrize(
    "query",
    [
        {"from": "1900-01-01T00:00:00Z", "to": "1900-06-01T00:00:00Z"},
        {"from": "2199-12-01T00:00:00Z", "to": "2200-12-31T12:00:00Z"},
        {"from": "2026-11-23", "to": "2026-11-24"},
        {"from": "2026-11-23T00:00:00+14:00"},
        {"calendars": "999999999999999999"},
    ],
    ids=str,
)
def test_odd_range_is_answered(alices: Client, calendar: Calendar, query: dict[str, str]):
    with every_tenant():
        rule = ["RRULE:FREQ=DAILY"]
        make_event(calendar, "Endless", kind="master", recurrence=rule, tzid="Europe/Amsterdam")

    assert ask(alices, **query).status_code == 200


def test_moment_without_an_offset_is_one_of_the_own_zone(alices: Client, calendar: Calendar):
    make_event(calendar, "Just before midnight", starts_at=NOW + 10 * HOUR, ends_at=NOW + 10.5 * HOUR)

    answer = ask(alices, **{"from": "2026-11-23T23:00:00", "to": "2026-11-24T00:00:00"})

    assert titles(answer) == ["Just before midnight"]


def test_all_day_series_outside_the_projection_touches_no_day_beside_it(alices: Client, calendar: Calendar):
    days = {"starts_at": None, "ends_at": None, "start_date": NOW.date(), "end_date": NOW.date() + DAY}
    make_event(calendar, "Birthday", kind="master", recurrence=["RRULE:FREQ=YEARLY"], **days)

    def shown(first: str, last: str) -> list[str]:
        return titles(ask(alices, **{"from": f"2033-{first}T00:00:00Z", "to": f"2033-{last}T00:00:00Z"}))

    assert shown("11-23", "11-24") == ["Birthday"]
    assert shown("11-21", "11-22") == []
    assert shown("11-25", "11-26") == []


def test_only_chosen_calendars_are_asked(alices: Client, account: Account, calendar: Calendar):
    other = make_calendar(account, "Other")
    for each in (calendar, other):
        make_event(each, f"In {each.name}")

    assert titles(ask(alices, calendars=str(other.pk))) == ["In Other"]


def test_same_question_is_304_until_something_was_committed(alices: Client, calendar: Calendar):
    etag = ask(alices).headers["ETag"]

    unchanged = alices.get(RANGE, WEEK, headers={"If-None-Match": etag})
    with tenant_scope(calendar.tenant):
        choose_colour(calendar=calendar, colour="#123456")
    changed = alices.get(RANGE, WEEK, headers={"If-None-Match": etag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


@pytest.mark.parametrize("query", [{"to": "2026-11-29T00:00:00Z"}, {"calendars": "1"}], ids=str)
def test_other_question_has_another_tag(alices: Client, calendar: Calendar, query: dict[str, str]):
    assert ask(alices).headers["ETag"] != ask(alices, **query).headers["ETag"]


def test_change_of_the_tenants_zone_has_another_tag(alices: Client, calendar: Calendar):
    before = ask(alices).headers["ETag"]

    Tenant.objects.update(time_zone="America/New_York")

    assert ask(alices).headers["ETag"] != before


def test_answer_is_kept_by_no_shared_cache(alices: Client, calendar: Calendar):
    assert "private" in ask(alices).headers["Cache-Control"]


def statements(alices: Client, path: str, django_assert_max_num_queries: Any, **query: str) -> int:
    with django_assert_max_num_queries(60) as captured:
        assert alices.get(path, query).status_code == 200
    return len(captured)


def test_twelve_calendars_cost_as_many_statements_as_one(
    alices: Client, account: Account, calendar: Calendar, django_assert_max_num_queries: Any
):
    make_event(calendar)
    one = statements(alices, RANGE, django_assert_max_num_queries, **WEEK)
    for number in range(11):
        more = make_calendar(account, f"Calendar {number}", **PROJECTED)
        for title in ("a", "b", "c"):
            make_event(more, title)

    twelve = statements(alices, RANGE, django_assert_max_num_queries, **WEEK)

    assert one == twelve <= 8


@pytest.mark.parametrize(
    "name",
    ["api-calendars", "api-sync-status", "api-accounts", "calendar", "calendar-sync", "api-event-search"],
)
def test_page_of_many_rows_costs_as_many_statements_as_of_one(
    name: str, alices: Client, account: Account, calendar: Calendar, django_assert_max_num_queries: Any
):
    query = {"q": "interview"}
    make_event(calendar)
    one = statements(alices, reverse(name), django_assert_max_num_queries, **query)
    for number in range(9):
        make_event(make_calendar(account, f"Calendar {number}"), f"interview {number}")

    assert statements(alices, reverse(name), django_assert_max_num_queries, **query) == one


# One event, search


def test_event_is_told_in_full(alices: Client, calendar: Calendar):
    event = make_event(calendar, attendees=[{"address": "bob@linden.example", "me": True}])

    answer = alices.get(reverse("api-event", args=[event.pk])).json()

    assert (answer["title"], answer["calendar_name"]) == ("Interview", "Work")
    assert answer["attendees"][0]["address"] == "bob@linden.example"


@pytest.mark.parametrize("fields", [{"removed_at": NOW}, {"kind": "cancelled"}], ids=["gone", "cancelled"])
def test_event_that_is_gone_does_not_exist(alices: Client, calendar: Calendar, fields: dict[str, Any]):
    event = make_event(calendar, **fields)

    assert alices.get(reverse("api-event", args=[event.pk])).status_code == 404


@pytest.mark.parametrize("pk", [0, 4711, 99999999999999999999999])
def test_unknown_event_does_not_exist(alices: Client, calendar: Calendar, pk: int):
    assert alices.get(f"/api/v1/events/{pk}/").status_code == 404


@pytest.mark.parametrize(
    ("words", "found"),
    [("inter", 1), ("INTERVIEW room", 1), ("interview nowhere", 0), ("%", 0), ("_", 0), ("", 0), ("  ", 0)],
)
def test_search_needs_all_words(alices: Client, calendar: Calendar, words: str, found: int):
    make_event(calendar, location="Room 5")

    answer = alices.get(reverse("api-event-search"), {"q": words})

    assert (answer.status_code, len(answer.json())) == (200, found)


@pytest.mark.parametrize("words", ["\x00", "\ud800", "'\"; --", "x" * 10_000, "a " * 500, '{"address"'])
def test_any_search_is_answered(alices: Client, calendar: Calendar, words: str):
    encoded = {"q": words.encode("utf-8", "surrogatepass")}

    assert alices.get(reverse("api-event-search"), encoded).status_code == 200


def test_search_without_a_question_finds_nothing(alices: Client, calendar: Calendar):
    assert alices.get(reverse("api-event-search")).json() == []


# Choices and actions


def choose(alices: Client, calendar: Calendar, **wanted: Any) -> Any:
    path = reverse("api-calendar-choices", args=[calendar.pk])
    return alices.patch(path, wanted, content_type="application/json")


def test_calendar_is_left_out_and_chosen_again(alices: Client, calendar: Calendar):
    assert choose(alices, calendar, selected=False).json()["selected"] is False
    assert titles(ask(alices)) == []
    assert choose(alices, calendar, selected=True).json()["selected"] is True


@pytest.mark.parametrize(
    "wanted",
    [
        {"colour": "red"},
        {"colour": "#12345g"},
        {"colour": None},
        {"colour": 5},
        {"selected": "perhaps"},
        {"selected": None},
    ],
    ids=str,
)
def test_impossible_choice_is_an_error_of_its_field(
    alices: Client, calendar: Calendar, wanted: dict[str, Any]
):
    answer = choose(alices, calendar, **wanted)

    assert answer.status_code == 400
    assert list(answer.json()) == list(wanted)


def test_what_the_provider_says_cannot_be_written(alices: Client, calendar: Calendar):
    choose(alices, calendar, name="Mine", phase="gone", revision=99, can_write=False)

    with every_tenant():
        calendar.refresh_from_db()
    assert (calendar.name, calendar.phase, calendar.revision, calendar.can_write) == ("Work", "live", 3, True)


def test_read_only_calendar_cannot_receive_new_meetings(alices: Client, account: Account):
    read_only = make_calendar(account, "Holidays", can_write=False)

    answer = choose(alices, read_only, receives_new=True)

    assert answer.status_code == 409
    assert answer.json()["code"] == "cannot_receive"


@pytest.mark.parametrize("body", ["[]", '"text"', "{", "null", "5"])
def test_junk_instead_of_an_object_is_an_error(alices: Client, calendar: Calendar, body: str):
    path = reverse("api-calendar-choices", args=[calendar.pk])

    assert alices.patch(path, body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("action", ["sync-now", "pause", "restart"])
def test_buttons_work_over_the_api(alices: Client, account: Account, calendar: Calendar, action: str):
    assert alices.post(reverse("api-account-act", args=[account.pk, action])).status_code == 204


def test_what_was_skipped_is_read_again_over_the_api(alices: Client, account: Account, calendar: Calendar):
    answer = alices.post(reverse("api-calendar-retry", args=[calendar.pk]))

    assert answer.status_code == 204
    with every_tenant():
        assert Calendar.objects.get().phase == Calendar.Phase.RESYNC


@pytest.mark.parametrize(("body", "left"), [({}, 0), ({"copies": "remove"}, 0), ({"copies": "keep"}, 1)])
def test_ending_a_connection_over_the_api_keeps_or_removes(
    alices: Client, account: Account, calendar: Calendar, body: dict[str, str], left: int
):
    address = reverse("api-account-disconnect", args=[account.pk])

    assert alices.post(address, body, content_type="application/json").status_code == 204

    told = alices.get(reverse("api-accounts")).json()
    assert [found["ended"] for found in told] == [True] * left


def test_an_unknown_ending_is_refused_over_the_api(alices: Client, account: Account):
    address = reverse("api-account-disconnect", args=[account.pk])

    assert alices.post(address, {"copies": "half"}, content_type="application/json").status_code == 400


def test_unknown_button_does_not_exist(alices: Client, account: Account):
    assert alices.post(f"/api/v1/accounts/{account.pk}/explode/").status_code == 404


def test_status_and_accounts_say_how_it_is(alices: Client, account: Account, calendar: Calendar):
    with every_tenant():
        Account.objects.update(stopped_at=NOW, stopped_by="user")

    status = alices.get(reverse("api-sync-status")).json()
    [told] = alices.get(reverse("api-accounts")).json()

    assert status["state"] == told["state"] == "stopped"
    assert told["address"] == account.address


# Who may


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_what_is_alices_does_not_exist_for_others(
    who: str, request: pytest.FixtureRequest, account: Account, calendar: Calendar
):
    other: User = request.getfixturevalue(who)
    assert other.tenant is not None
    activate_calendar(other.tenant)
    event = make_event(calendar)
    alices = signed_in(other)

    statuses = [
        alices.get(reverse("api-event", args=[event.pk])).status_code,
        choose(alices, calendar, selected=False).status_code,
        *(
            alices.post(reverse("api-account-act", args=[account.pk, action])).status_code
            for action in ("sync-now", "pause", "restart", "disconnect")
        ),
    ]

    assert statuses == [404] * 6
    assert alices.get(reverse("api-calendars")).json() == []
    assert alices.get(reverse("api-accounts")).json() == []
    assert alices.get(reverse("api-event-search"), {"q": "Interview"}).json() == []
    assert titles(ask(alices, calendars=str(calendar.pk))) == []
    with every_tenant():
        calendar.refresh_from_db()
        assert calendar.selected
        assert Account.objects.get().stopped_at is None


NAMES = ["api-calendar", "api-calendars", "api-accounts", "api-sync-status", "api-event-search"]


@pytest.mark.parametrize("name", NAMES)
def test_without_the_module_there_is_a_sentence(name: str, alices: Client, calendar: Calendar):
    with every_tenant():
        Installation.objects.update(state=Installation.State.INSTALLED)

    answer = alices.get(reverse(name), WEEK)

    assert answer.status_code == 403
    assert "Calendar 2.0 is not active" in answer.json()["detail"]


@pytest.mark.parametrize("name", NAMES)
def test_visitor_has_to_log_in(name: str, db: None):
    assert Client().get(reverse(name), WEEK).status_code == 401


def test_foreign_script_without_a_csrf_token_changes_nothing(alice: User, account: Account):
    alices = Client(enforce_csrf_checks=True)
    alices.force_login(alice, "marketplace.sign_in.TenantBackend")

    answer = alices.post(reverse("api-account-act", args=[account.pk, "disconnect"]))

    assert answer.status_code == 403
    with every_tenant():
        assert Account.objects.get().closing_since is None


def test_private_events_of_a_closed_account_are_gone_at_once(
    alices: Client, account: Account, calendar: Calendar
):
    """S27"""
    make_event(calendar)
    with every_tenant():
        Account.objects.update(closing_since=NOW, stopped_at=NOW, stopped_by="user")

    assert titles(ask(alices)) == []
    with every_tenant():
        [event] = Event.objects.all()
    assert alices.get(reverse("api-event", args=[event.pk])).status_code == 404


def test_length_of_a_range_is_bounded_to_the_day(alices: Client, calendar: Calendar, settings: Settings):
    longest = NOW + timedelta(days=400)

    exact = ask(alices, **{"from": NOW.isoformat(), "to": longest.isoformat()})
    over = ask(alices, **{"from": NOW.isoformat(), "to": (longest + timedelta(seconds=1)).isoformat()})

    assert (exact.status_code, over.status_code) == (200, 400)

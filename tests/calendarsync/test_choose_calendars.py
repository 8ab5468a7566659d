"""Which calendars are synchronised, how they look, and where new meetings go."""

from typing import Any

import pytest
from django.urls import reverse

from calendarsync.models import Account, Calendar
from calendarsync.services.choose_calendars import CannotReceive, choose_calendars, choose_receiver
from marketplace.models import User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.conftest import activate_calendar
from tests.calendarsync.rows import MINUTE, NOW, make_account, make_calendar
from tests.conftest import signed_in


@pytest.fixture
def account(alice: User) -> Account:
    """Alice's account."""
    activate_calendar(alice.tenant)  # type: ignore[arg-type]
    return make_account(alice)


@pytest.fixture
def work(account: Account) -> Calendar:
    """Where new meetings go."""
    return make_calendar(account, receives_new=True, colour="#112233")


@pytest.fixture
def private(account: Account) -> Calendar:
    """A second writable one."""
    return make_calendar(account, "Private")


@pytest.fixture
def team(account: Account) -> Calendar:
    """A read-only one, not chosen."""
    return make_calendar(account, "Team", can_write=False, selected=False)


def save(user: User, account: Account, selected: list[Calendar], **fields: Any) -> Any:
    form = {"selected": [calendar.pk for calendar in selected]} | fields
    return signed_in(user).post(reverse("calendar-choose", args=[account.pk]), form)


def row(calendar: Calendar) -> Calendar:
    with every_tenant():
        return Calendar.objects.get(pk=calendar.pk)


def test_the_form_saves_all_choices_at_once(
    alice: User, account: Account, work: Calendar, private: Calendar, team: Calendar
):
    fields = {"receiver": private.pk, f"colour-{private.pk}": "#ABCDEF"}

    answer = save(alice, account, [private, team], **fields)

    assert answer.status_code == 302
    assert (row(work).selected, row(work).receives_new) == (False, False)
    assert (row(private).selected, row(private).receives_new, row(private).colour) == (True, True, "#abcdef")
    assert row(team).selected


def test_a_calendar_that_is_left_out_is_fenced_off_and_disappears(
    alice: User, account: Account, work: Calendar, private: Calendar
):
    with every_tenant():
        Calendar.objects.filter(pk=private.pk).update(lease_owner="w", lease_until=NOW + MINUTE, fence=7)

    save(alice, account, [work], receiver=work.pk)

    left_out = row(private)
    assert (left_out.selected, left_out.lease_owner, left_out.fence) == (False, "", 8)
    assert left_out.revision > private.revision


def test_a_chosen_calendar_is_read_at_once(alice: User, account: Account, work: Calendar, team: Calendar):
    save(alice, account, [work, team], receiver=work.pk)

    assert row(team).next_poll_at is not None
    assert row(team).not_before is None


def test_saving_unchanged_choices_changes_nothing(alice: User, account: Account, work: Calendar):
    save(alice, account, [work], **{"receiver": work.pk, f"colour-{work.pk}": "#112233"})

    assert (row(work).revision, row(work).fence) == (work.revision, work.fence)


def test_a_read_only_calendar_cannot_receive(alice: User, account: Account, work: Calendar, team: Calendar):
    answer = save(alice, account, [work, team], receiver=team.pk)

    assert answer.status_code == 422
    assert "This calendar is read-only, so new meetings cannot go there." in answer.content.decode()
    assert row(work).receives_new
    assert not row(team).selected


def test_new_meetings_cannot_go_where_nobody_would_see_them(
    alice: User, account: Account, work: Calendar, private: Calendar
):
    answer = save(alice, account, [private], receiver=work.pk)

    assert answer.status_code == 422
    assert "Tick this calendar too" in answer.content.decode()
    assert row(work).selected


def test_everything_may_be_left_out(alice: User, account: Account, work: Calendar):
    answer = save(alice, account, [], receiver=work.pk)

    assert answer.status_code == 302
    assert not row(work).selected
    assert row(work).receives_new


@pytest.mark.parametrize("colour", ["red", "#12345", "url(x)", "#1234567"])
def test_what_is_no_colour_is_an_error_and_what_was_chosen_stays(
    colour: str, alice: User, account: Account, work: Calendar, private: Calendar
):
    answer = save(alice, account, [work], **{"receiver": work.pk, f"colour-{work.pk}": colour})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose a colour such as #3b6fd4." in page
    assert f'name="selected" value="{private.pk}">' in page
    assert row(work).colour == "#112233"


@pytest.mark.parametrize("junk", ["0", "999999999999999999999", "abc", "-1", "²"])
def test_junk_ids_are_no_error_of_ours(junk: str, alice: User, account: Account, work: Calendar):
    answer = signed_in(alice).post(
        reverse("calendar-choose", args=[account.pk]), {"selected": [junk, work.pk], "receiver": junk}
    )

    assert answer.status_code == 422
    assert row(work).selected


def test_calendars_of_others_in_the_form_are_ignored(
    alice: User, bob: User, charlie: User, account: Account, work: Calendar
):
    others = [
        make_calendar(make_account(other, f"{other.pk}@mail.example"), selected=False)
        for other in (bob, charlie)
    ]

    answer = save(alice, account, [work, *others], **{f"colour-{others[0].pk}": "#000000"})

    assert answer.status_code == 302
    assert [row(other).selected for other in others] == [False, False]
    assert row(others[0]).colour != "#000000"


def test_a_calendar_of_somebody_else_cannot_receive(alice: User, bob: User, account: Account, work: Calendar):
    other = make_calendar(make_account(bob, "bob@mail.example"))

    assert save(alice, account, [work], receiver=other.pk).status_code == 422
    assert not row(other).receives_new


def test_nobody_chooses_for_somebody_else(
    alice: User, bob: User, charlie: User, ada: User, account: Account, work: Calendar
):
    activate_calendar(charlie.tenant)  # type: ignore[arg-type]

    for other in (bob, charlie, ada):
        assert save(other, account, []).status_code == 404
    assert row(work).selected


def test_a_gone_calendar_can_be_left_out_but_not_taken_back(account: Account, work: Calendar):
    gone = make_calendar(account, "Gone", phase=Calendar.Phase.GONE)

    for selected in ({work.pk}, {work.pk, gone.pk}):
        with tenant_scope(account.tenant):
            choose_calendars(account=account, selected=selected, colours={}, receiver=None, now=NOW)
        assert not row(gone).selected


def test_a_gone_calendar_cannot_receive(alice: User, account: Account, work: Calendar):
    """S96: it may be gone since the form was opened."""
    gone = make_calendar(account, "Gone", phase=Calendar.Phase.GONE)

    answer = save(alice, account, [work, gone], receiver=gone.pk)

    assert answer.status_code == 422
    assert (row(work).receives_new, row(gone).receives_new) == (True, False)
    with tenant_scope(account.tenant), pytest.raises(CannotReceive):
        choose_receiver(calendar=gone)


def test_the_service_guards_itself(account: Account, team: Calendar):
    with tenant_scope(account.tenant), pytest.raises(CannotReceive):
        choose_receiver(calendar=team)

"""Every error that reading can meet, from the engine's own rows to what its owner reads: state, words, sentence.

The engine settles a real failure on one of two calendars; everything else is asked of the product's own pages.
"""

import re
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from calendarsync.engine import streams
from calendarsync.engine.failures import settle_failure
from calendarsync.engine.lane import claim
from calendarsync.errors import Actor, SyncError
from calendarsync.models import Calendar
from calendarsync.selectors.states import State
from marketplace.models import User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.rows import make_account, make_calendar
from tests.conftest import signed_in

pytestmark = pytest.mark.usefixtures("calendar_active")

# "at 14:05", "tomorrow at 14:05", "soon"; in Dutch as well.
WHEN = r"(at \d\d:\d\d|tomorrow at \d\d:\d\d|soon|om \d\d:\d\d|morgen om \d\d:\d\d|zo snel mogelijk)"
DELAYED = rf"Delayed; we continue {WHEN}"
LIMITED = rf"Google is limiting us; we continue {WHEN}"
VERTRAAGD = rf"Vertraagd; we gaan verder {WHEN}"
REMT_AF = rf"Google remt ons af; we gaan verder {WHEN}"
TOLD = "The operator of this CRM has been told"


class Told(NamedTuple):
    """What the owner reads: patterns of the words and the beginning of the sentence, in English and Dutch."""

    state: State
    words: str
    sentence: str
    dutch_words: str
    dutch_sentence: str


EXPECTED: dict[str, Told] = {
    "sync_token_void": Told(
        State.DELAYED, DELAYED, "Refreshing your whole calendar", VERTRAAGD, "Je hele agenda wordt"
    ),
    "voided_often": Told(
        State.DELAYED, DELAYED, "Google keeps making us read", VERTRAAGD, "Google laat ons deze hele agenda"
    ),
    "access_expired": Told(
        State.DELAYED, DELAYED, "Google asked us to sign in again", VERTRAAGD, "Google vroeg ons opnieuw"
    ),
    "access_refused": Told(
        State.DELAYED, DELAYED, "Google refuses our sign-in", VERTRAAGD, "Google weigert onze aanmelding"
    ),
    "reconnect_needed": Told(
        State.RECONNECT,
        "Please reconnect your calendar",
        "Google withdrew our access",
        "Koppel je agenda opnieuw",
        "Google heeft onze toegang ingetrokken",
    ),
    "permission_missing": Told(
        State.RECONNECT,
        "Please reconnect your calendar",
        "Calendar permission was not ticked",
        "Koppel je agenda opnieuw",
        "De toestemming voor je agenda was niet aangevinkt",
    ),
    "approval_needed": Told(
        State.WAITING,
        "Waiting for your administrator",
        "Your Google administrator must trust this app",
        "Wacht op je beheerder",
        "Je beheerder bij Google moet deze app",
    ),
    "setup_faulty": Told(
        State.STOPPED,
        "Stopped; this CRM must be set up again",
        "This CRM is not set up correctly at Google. Its operator has been told",
        "Gestopt; dit CRM moet opnieuw ingesteld worden",
        "Dit CRM is bij Google niet goed ingesteld",
    ),
    "throttled": Told(
        State.DELAYED,
        LIMITED,
        "Too many requests in a short time",
        REMT_AF,
        "Te veel verzoeken in korte tijd",
    ),
    "writing_blocked": Told(
        State.DELAYED, LIMITED, "Google does not accept more changes", REMT_AF, "Google neemt nu geen"
    ),
    "unavailable": Told(
        State.DELAYED, DELAYED, "Google does not answer properly", VERTRAAGD, "Google antwoordt niet goed"
    ),
    "forbidden": Told(
        State.WARNINGS,
        "Synchronised, one calendar needs a look",
        "Google no longer lets you read “Team”. Ask its owner",
        "Gesynchroniseerd, één agenda vraagt aandacht",
        "Je mag “Team” bij Google niet meer lezen",
    ),
    "gone": Told(
        State.DELAYED, DELAYED, "This was removed at Google", VERTRAAGD, "Dit is bij Google verwijderd"
    ),
    "changed_elsewhere": Told(
        State.DELAYED,
        DELAYED,
        "Changed at the same moment elsewhere",
        VERTRAAGD,
        "Tegelijk ergens anders gewijzigd",
    ),
    "refused": Told(
        State.DELAYED,
        DELAYED,
        f"Google refused our request. {TOLD}",
        VERTRAAGD,
        "Google weigerde ons verzoek",
    ),
    "storage_away": Told(
        State.DELAYED,
        DELAYED,
        "We cannot store changes right now",
        VERTRAAGD,
        "We kunnen wijzigingen nu niet",
    ),
    "unexpected": Told(
        State.DELAYED,
        DELAYED,
        f"Something unexpected went wrong. {TOLD}",
        VERTRAAGD,
        "Er ging iets onverwachts",
    ),
    "unexpected_again": Told(
        State.DELAYED, DELAYED, "Something unexpected keeps going wrong", VERTRAAGD, "Hier gaat steeds iets"
    ),
}
# Never settled as an end of its own: the lane just tries again two seconds later.
PASSING = {"refresh_elsewhere"}


def broken_by(error: type[SyncError], owner: User) -> None:
    """An account with a calendar that works and one, Team, whose run has just ended in this error."""
    account, now = make_account(owner), timezone.now()
    make_calendar(account, last_ok_at=now, next_poll_at=now + timedelta(minutes=9))
    team = make_calendar(account, "Team", last_ok_at=now - timedelta(minutes=3), next_poll_at=now)
    lane = streams.load(team.pk, claim(team.pk, now), now)
    assert lane is not None
    with tenant_scope(account.tenant):
        settle_failure(
            lane.calendar, lane.lease, error(), started_at=now, now=now, dice=lambda least, most: most
        )


def read_by(owner: User) -> tuple[dict[str, Any], dict[str, Any], str, str]:
    """Account and pill as the API tells them, the settings tab, and another page."""
    browser = signed_in(owner)
    [account] = browser.get(reverse("api-accounts")).json()
    pill = browser.get(reverse("api-sync-status")).json()
    tab, elsewhere = (browser.get(reverse(name)).content.decode() for name in ("calendar-sync", "activities"))
    return account, pill, tab, elsewhere


def test_every_error_of_the_tree_has_its_row_here():
    assert set(EXPECTED) | PASSING == set(SyncError.by_code)


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("code", EXPECTED)
def test_owner_reads_what_happened_what_it_means_and_what_to_do(code: str, language: str, alice: User):
    told = EXPECTED[code]
    words = told.words if language == "en" else told.dutch_words
    sentence = told.sentence if language == "en" else told.dutch_sentence
    alice.language = language
    with every_tenant():
        alice.save()
    broken_by(SyncError.by_code[code], alice)

    account, pill, tab, elsewhere = read_by(alice)

    assert (account["state"], pill["state"]) == (told.state.value, told.state.value)
    assert re.fullmatch(words, account["words"]), account["words"]
    assert pill["words"] == account["words"]
    assert account["sentence"].startswith(sentence)
    assert "%(" not in account["sentence"] + account["words"]
    assert f'data-state="{told.state.value}"' in tab
    for said in (account["words"], account["sentence"]):
        assert escape(said) in tab
    assert account["words"] in elsewhere
    asks_owner = told.state in (State.RECONNECT, State.WAITING)
    assert ('<aside class="banner"' in elsewhere) == asks_owner


@pytest.mark.parametrize("code", [code for code, leaf in SyncError.by_code.items() if leaf.actor is Actor.US])
def test_operator_is_really_told_where_the_sentence_says_so(
    code: str, alice: User, caplog: pytest.LogCaptureFixture
):
    broken_by(SyncError.by_code[code], alice)

    assert "operator_needed" in caplog.text
    assert code in caplog.text
    assert "has been told" in str(SyncError.by_code[code].sentence)


def test_a_delay_names_the_time_by_the_owners_clock(alice: User):
    broken_by(SyncError.by_code["unavailable"], alice)
    with every_tenant():
        lane = Calendar.objects.get(name="Team")
        assert lane.not_before is not None
        at = (timezone.now() + timedelta(minutes=65)).astimezone(alice.zone)
        Calendar.objects.filter(pk=lane.pk).update(not_before=at)

    account = read_by(alice)[0]

    clock = at.strftime("%H:%M")
    assert clock in account["words"]
    assert clock in account["sentence"]

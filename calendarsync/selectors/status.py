"""How a connection is, in one of eight honest states. Derived on every read from what the runs left behind.

Active means: every chosen calendar that can be read succeeded in its last run, and did so recently.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from calendarsync.errors import SetupFaulty, Throttled, sentence_of
from calendarsync.models import Account, Calendar
from calendarsync.selectors import status_words as words
from calendarsync.selectors.facts import LOST, Facts, facts_of
from calendarsync.selectors.states import AccountStatus, State


def status_of(account: Account, now: datetime) -> AccountStatus:
    """The state of an account read by `accounts_of`."""
    facts = facts_of(account, now)
    for decide in (_ended, _stopped, _signed_out, _faulty_setup, _delayed, _reading, _late):
        found = decide(facts)
        if found is not None:
            return found
    return _warned(facts) or _active(facts)


def _ended(facts: Facts) -> AccountStatus | None:
    """Disconnected; what it brought stays here as it was. Not one of the connections any more."""
    account = facts.account
    if not account.is_ended:
        return None
    since = account.closing_since or account.stopped_at or facts.now
    return AccountStatus(
        State.NOT_STARTED,
        words.ended(since, account.owner, facts.now),
        facts.told(_("What was here stays as it was; changes at %(provider)s no longer arrive.")),
        at=since,
        last_ok_at=facts.last_ok_at,
    )


def _stopped(facts: Facts) -> AccountStatus | None:
    since, by = facts.account.stopped_at, facts.account.stopped_by
    if since is None:
        return None
    sentences = {
        Account.StoppedBy.USER.value: _(
            "Your appointments stay visible as they were; changes no longer arrive."
        ),
        Account.StoppedBy.ADMIN.value: _("Ask your administrator before you restart it."),
        Account.StoppedBy.FAULT.value: _("It failed again and again. Restart it, or ask your administrator."),
    }
    return AccountStatus(
        State.STOPPED,
        words.stopped(by, since, facts.account.owner, facts.now),
        sentences[by],
        at=since,
        last_ok_at=facts.last_ok_at,
    )


def _signed_out(facts: Facts) -> AccountStatus | None:
    account = facts.account
    if account.auth_state == Account.AuthState.OK:
        return None
    waits = account.auth_state == Account.AuthState.WAITING
    default = "approval_needed" if waits else "reconnect_needed"
    return AccountStatus(
        State.WAITING if waits else State.RECONNECT,
        words.waiting() if waits else words.reconnect(),
        facts.told(sentence_of(account.error_code or default)),
        at=account.error_at,
        last_ok_at=facts.last_ok_at,
        error_code=account.error_code or default,
    )


def _faulty_setup(facts: Facts) -> AccountStatus | None:
    """Our own registration at the provider is broken: nothing the user could do, and no delay that ends by itself."""
    failing = next(
        (lane for lane in facts.readable if lane.failures and lane.error_code == SetupFaulty.code), None
    )
    if failing is None:
        return None
    return AccountStatus(
        State.STOPPED,
        words.faulty_setup(),
        facts.told(SetupFaulty.sentence),
        at=failing.error_at,
        last_ok_at=facts.last_ok_at,
        next_run_at=failing.not_before,
        error_code=SetupFaulty.code,
    )


def _delayed(facts: Facts) -> AccountStatus | None:
    """The provider limits the mailbox, or a calendar waits after a failure."""
    if _is_throttled(facts):
        return _delay(facts, Throttled.code, facts.account.blocked_until)
    failing = [lane for lane in facts.readable if lane.failures]
    if not failing:
        return None
    first = min(failing, key=lambda lane: lane.not_before or facts.now)
    return _delay(facts, first.error_code, first.not_before)


def _is_throttled(facts: Facts) -> bool:
    """A limit holds until its time has passed and a run has succeeded since."""
    account = facts.account
    if account.blocked_until is None or account.blocked_until > facts.now:
        return account.blocked_until is not None
    latest = max((lane.last_ok_at for lane in facts.readable if lane.last_ok_at is not None), default=None)
    told = account.error_at if account.error_code == Throttled.code else None
    return told is not None and (latest is None or latest < told)


def _delay(facts: Facts, code: str, until: datetime | None) -> AccountStatus:
    until = until if until is not None and until > facts.now else None
    at = words.by_when(until, facts.account.owner, facts.now)
    # The words say all that a throttle's own sentence could.
    limited = _("Too many requests in a short time. Your appointments stay visible; nothing is lost.")
    return AccountStatus(
        State.DELAYED,
        words.delayed(code, facts.provider, at),
        limited if code == Throttled.code else facts.told(sentence_of(code), until),
        at=until,
        last_ok_at=facts.last_ok_at,
        next_run_at=until,
        progress=facts.progress,
        error_code=code,
    )


def _reading(facts: Facts) -> AccountStatus | None:
    """A calendar is read completely: for the first time, or again."""
    progress = facts.progress
    if progress is None:
        return None
    first = any(lane.first_complete_at is None for lane in facts.readable)
    name = words.importing if first else words.refreshing
    sentence = (
        _("The near weeks come first. You may leave this page.")
        if first
        else _("Everything is read again; your appointments stay visible meanwhile.")
    )
    return AccountStatus(
        State.IMPORTING,
        name(progress.done, progress.total),
        sentence,
        last_ok_at=facts.last_ok_at,
        progress=progress,
    )


def _late(facts: Facts) -> AccountStatus | None:
    """Never active without a recent success: no error was reported, yet nothing succeeded either."""
    patience = timedelta(seconds=2 * settings.SYNC_POLL_SECONDS + 120)
    last_ok = facts.last_ok_at
    if not facts.readable or (last_ok is not None and last_ok > facts.now - patience):
        return None
    return AccountStatus(
        State.DELAYED,
        words.delayed("", facts.provider, words.by_when(None, facts.account.owner, facts.now)),
        _("The last successful check was a while ago; we go on as soon as possible."),
        last_ok_at=last_ok,
    )


def _warned(facts: Facts) -> AccountStatus | None:
    """It works, but not for everything."""
    skipped = sum(lane.skipped for lane in facts.chosen)  # type: ignore[attr-defined]  # by accounts_of
    lost = [lane for lane in facts.chosen if lane.phase in LOST]
    if not facts.chosen:
        said = words.nothing_chosen(), _("Tick at least one calendar below to see its appointments here.")
    elif lost:
        said = words.lost(len(lost), len(facts.chosen)), _loss(facts, lost[0])
    elif skipped:
        said = words.skipped(skipped), _("They could not be read and are listed below with the reason.")
    else:
        return None
    return AccountStatus(
        State.WARNINGS,
        *said,
        at=facts.last_ok_at,
        last_ok_at=facts.last_ok_at,
        next_run_at=facts.next_run_at,
        skipped=skipped,
    )


def _loss(facts: Facts, lane: Calendar) -> str:
    """What became of a calendar that cannot be read, and what to do about it."""
    if lane.phase == Calendar.Phase.GONE:
        said = _(
            "“%(calendar)s” was removed at %(provider)s, so its appointments are no longer shown. "
            "Untick it below to take it off the list."
        )
    else:
        said = _("%(provider)s no longer lets you read “%(calendar)s”. Ask its owner to share it again.")
    return said % {"calendar": lane.name, "provider": facts.provider}


def _active(facts: Facts) -> AccountStatus:
    last_ok = facts.last_ok_at or facts.now  # _late has seen to it that there is one
    return AccountStatus(
        State.ACTIVE,
        words.active(last_ok, facts.now),
        _("Changes appear here by themselves."),
        at=last_ok,
        last_ok_at=last_ok,
        next_run_at=facts.next_run_at,
    )

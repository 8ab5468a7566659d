"""Everything that can go wrong between a provider and us, as one tree.

    SyncError                      retry         who acts
    ├── SyncTokenVoid              at once       nobody       the token expired: read everything, keep every row
    ├── VoidedOften                hours         us           the tokens expire again and again: a few readings a day
    ├── AccessExpired              at once       nobody       401 once: refresh, then try again
    ├── AccessRefused              backs off     nobody       401 with a fresh token: unclear whom it concerns
    ├── RefreshElsewhere           seconds       nobody       another worker is refreshing right now
    ├── ReconnectNeeded            never         user         the grant is gone
    │   └── PermissionMissing      never         user         a permission was not ticked
    ├── ApprovalNeeded             never         admin        the organisation must trust the app
    ├── SetupFaulty                daily         us           our client or API is not set up at the provider
    ├── Throttled                  a minute      nobody       quota; counts for the whole mailbox
    ├── WritingBlocked             an hour       nobody       abuse limit on invitations; reading goes on
    ├── Unavailable                backs off     nobody       5xx, time-out, cut or foreign answer
    ├── Forbidden                  daily         user         no access to this one calendar
    ├── Gone                       backs off     nobody       no such calendar or item
    ├── ChangedElsewhere           after merge   nobody       412, 409
    ├── Refused                    daily         us           400: this request will never work
    ├── StorageAway                backs off     us           our own database is locked or out of reach
    └── Unexpected                 backs off     us           anything else
        └── UnexpectedAgain        daily         us           five times in a row

Each leaf answers three questions as attributes: `retry` (when), `actor` (who must act), `sentence` (what is said;
it may use %(provider)s, and %(at)s for "at 14:05", "tomorrow at 14:05" or "soon").
A provider maps its statuses to leaves in one function.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from carerix_calendar.lib.errors import AppError


class Retry(StrEnum):
    """When a lane may try again."""

    NOW = "now"
    LATER = "later"
    DAILY = "daily"
    NEVER = "never"


class Actor(StrEnum):
    """Who has to do something."""

    NOBODY = "nobody"
    USER = "user"
    ADMIN = "admin"
    US = "us"


class SyncError(AppError):
    """Base of the tree. `retry_at` (UTC) overrides our own back-off where the provider named a time.

    Otherwise the first wait is up to `first_wait` seconds, and longer with each failure. Of each wait the share
    `least_wait` is certain and the rest is left to chance, so that what failed together does not return together.
    """

    code = "sync_error"
    retry: ClassVar[Retry] = Retry.LATER
    actor: ClassVar[Actor] = Actor.NOBODY
    first_wait: ClassVar[int] = 10
    least_wait: ClassVar[float] = 0.0
    by_code: ClassVar[dict[str, type["SyncError"]]] = {}

    def __init_subclass__(cls) -> None:
        SyncError.by_code[cls.code] = cls

    def __init__(self, *, retry_at: datetime | None = None, **context: object) -> None:
        self.retry_at = retry_at
        super().__init__(None, **context)


class SyncTokenVoid(SyncError):
    """The provider will not continue from our sync token (Google 410 fullSyncRequired)."""

    code = "sync_token_void"
    retry = Retry.NOW
    sentence = _("Refreshing your whole calendar; this may take some minutes.")


class VoidedOften(SyncError):
    """Our position is voided again and again; complete readings are rationed until `retry_at`."""

    code = "voided_often"
    actor = Actor.US
    sentence = _(
        "%(provider)s keeps making us read this whole calendar again. We do that a few times a day, next %(at)s. "
        "The operator of this CRM has been told; nothing is lost."
    )


class AccessExpired(SyncError):
    """The access token was refused once."""

    code = "access_expired"
    retry = Retry.NOW
    sentence = _("%(provider)s asked us to sign in again; we are doing that.")


class AccessRefused(SyncError):
    """401 in spite of a fresh token: the whole grant, this calendar, or a provider under load."""

    code = "access_refused"
    first_wait = 60  # three waits are minutes: whoever must reconnect for nothing loses more
    least_wait = 0.5
    sentence = _("%(provider)s refuses our sign-in at the moment; we check again %(at)s.")


class RefreshElsewhere(SyncError):
    """Another worker refreshes this grant at this moment."""

    code = "refresh_elsewhere"
    first_wait = 2
    sentence = _("We are signing in at %(provider)s again.")


class ReconnectNeeded(SyncError):
    """The grant is dead: password change, revoked, expired or unused (OAuth invalid_grant)."""

    code = "reconnect_needed"
    retry = Retry.NEVER
    actor = Actor.USER
    sentence = _(
        "%(provider)s withdrew our access (password change, revoked or unused). Reconnect; nothing is lost."
    )


class PermissionMissing(ReconnectNeeded):
    """The grant lives but lacks a scope we need."""

    code = "permission_missing"
    sentence = _("Calendar permission was not ticked. Reconnect and allow calendar access.")


class ApprovalNeeded(SyncError):
    """An administrator at the provider must trust the app first."""

    code = "approval_needed"
    retry = Retry.NEVER
    actor = Actor.ADMIN
    sentence = _("Your %(provider)s administrator must trust this app before it can synchronise.")


class SetupFaulty(SyncError):
    """Our registration at the provider is wrong: client, secret, or an API that is not enabled."""

    code = "setup_faulty"
    retry = Retry.DAILY
    actor = Actor.US
    sentence = _(
        "This CRM is not set up correctly at %(provider)s. Its operator has been told and has to act; nothing is lost."
    )


class Throttled(SyncError):
    """Too many requests. Holds for the whole mailbox and does not count as a failure."""

    code = "throttled"
    first_wait = 60  # quotas are counted by the minute
    least_wait = 0.5
    sentence = _("%(provider)s is limiting us; we continue %(at)s by ourselves.")


class WritingBlocked(SyncError):
    """Limit on invitations and writing; reading goes on."""

    code = "writing_blocked"
    first_wait = 3600
    least_wait = 0.5
    sentence = _("%(provider)s does not accept more changes for now; we continue %(at)s by ourselves.")


class Unavailable(SyncError):
    """The provider, or the way to it, fails: 5xx, time-out, reset, half an answer, HTML instead of JSON."""

    code = "unavailable"
    sentence = _("%(provider)s does not answer properly; we try again %(at)s.")


class Forbidden(SyncError):
    """This one calendar may not be read any more."""

    code = "forbidden"
    retry = Retry.DAILY
    actor = Actor.USER
    sentence = _("%(provider)s no longer lets you read this calendar. Ask its owner to share it again.")


class Gone(SyncError):
    """The calendar or the item is not found; for a calendar the provider's list has the last word."""

    code = "gone"
    sentence = _("This was removed at %(provider)s; we check that %(at)s.")


class ChangedElsewhere(SyncError):
    """The item changed at the provider since we read it (412), or the id exists already (409)."""

    code = "changed_elsewhere"
    sentence = _(
        "Changed at the same moment elsewhere; the newest version is loaded, please redo your change."
    )


class Refused(SyncError):
    """The provider calls our request invalid (400); repeating it is useless."""

    code = "refused"
    retry = Retry.DAILY
    actor = Actor.US
    sentence = _(
        "%(provider)s refused our request. The operator of this CRM has been told; we try again %(at)s. "
        "Nothing is lost."
    )


class StorageAway(SyncError):
    """Our own database is locked or out of reach. No fault of what was read, and none that lasts."""

    code = "storage_away"
    actor = Actor.US
    sentence = _(
        "We cannot store changes right now. The operator of this CRM has been told; we try again %(at)s. "
        "Nothing is lost."
    )


class Unexpected(SyncError):
    """None of the above; kept with its type for support."""

    code = "unexpected"
    actor = Actor.US
    sentence = _(
        "Something unexpected went wrong. The operator of this CRM has been told; we try again %(at)s. Nothing is lost."
    )


class UnexpectedAgain(Unexpected):
    """A bug that does not go away by itself: this lane is tried once a day, all others go on."""

    code = "unexpected_again"
    retry = Retry.DAILY
    sentence = _(
        "Something unexpected keeps going wrong here. The operator of this CRM has been told; we try again %(at)s, "
        "once a day. Nothing is lost."
    )


def sentence_of(code: str) -> str | Promise:
    """The sentence of a stored error code; the general one for codes of a former release."""
    return SyncError.by_code.get(code, Unexpected).sentence

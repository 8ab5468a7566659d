"""One e-mail for each time that a connection comes to need its owner, and none to somebody who is reconnecting now.

`Account.told_at` is set by a conditional UPDATE before the mail leaves, so that two workers send one. A mail server
that does not answer takes it back: the schedule tries again a minute later. Only a worker that is killed between the
two loses a mail; the banner stays.
"""

from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

import structlog
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation

from calendarsync.models import Account, Calendar
from calendarsync.models.account import NEEDS_OWNER, RUNNING
from calendarsync.notice_mail import notice_for
from calendarsync.selectors.facts import with_lanes
from calendarsync.selectors.status import status_of
from marketplace.catalogue import CALENDAR
from marketplace.models import Installation, User
from marketplace.tenancy import every_tenant, tenant_scope

log = structlog.get_logger(__name__)

# Somebody who is at it right now needs no mail.
_GRACE = timedelta(minutes=10)
_AT_ONCE = 50


def tell_owners(now: datetime) -> int:
    """Mail everybody, of any tenant, whose connection needs them and who was not told. Returns how many were told."""
    _forget_what_is_well()
    with every_tenant():
        due = list(_untold(now).values_list("pk", flat=True)[:_AT_ONCE])
    told = 0
    for account_id in due:
        try:
            told += tell_owner(account_id, now)
        except (SMTPException, OSError) as error:
            # The next one would only wait for the same server.
            log.warning("notice_not_sent", account=account_id, reason=type(error).__name__)
            break
    return told


def tell_owner(account_id: int, now: datetime) -> bool:
    """Mail the owner unless somebody else is doing so or it is no longer needed. Raises what the mail server raises."""
    with every_tenant():
        won = _untold(now).filter(pk=account_id).update(told_at=now)
        if not won:
            return False
        [account] = with_lanes(Account.objects.select_related("tenant").filter(pk=account_id))
    is_sent = False
    try:
        with tenant_scope(account.tenant):
            _send(account, now)
        is_sent = True
    finally:
        if not is_sent:
            with every_tenant():
                Account.objects.filter(pk=account_id, told_at=now).update(told_at=None)
    return True


def _untold(now: datetime) -> QuerySet[Account]:
    """Accounts in need for longer than the grace, whose owners still work here with the module active.

    Without joins: of two claims that meet, PostgreSQL lets the second see only conditions of the row and EXISTS.
    """
    since = Q(stopped_at__lte=now - _GRACE) | Q(stopped_at=None, error_at__lte=now - _GRACE)
    active = Installation.objects.filter(
        tenant=OuterRef("tenant"), module=CALENDAR.key, state=Installation.State.ACTIVE
    )
    here = User.objects.filter(pk=OuterRef("owner"), is_active=True)
    needy = Account.objects.filter(NEEDS_OWNER, since, Exists(active), Exists(here), told_at=None)
    return needy.order_by("pk")


def _forget_what_is_well() -> None:
    """A success since the mail ends the episode: the next trouble is told again."""
    with every_tenant():
        better = Calendar.objects.filter(account=OuterRef("pk"), last_ok_at__gt=OuterRef("told_at"))
        Account.objects.filter(RUNNING, Exists(better), told_at__isnull=False).update(told_at=None)


def _send(account: Account, now: datetime) -> None:
    owner = account.owner
    with translation.override(owner.language), timezone.override(owner.zone):
        mail = notice_for(account, status_of(account, now))
    try:
        mail.send()
    except SMTPRecipientsRefused as refusal:
        if any(code < 500 for code, _reason in refusal.recipients.values()):
            raise
        # This address will never take it; asking each minute helps nobody.
        log.warning("notice_refused", account=account.pk)

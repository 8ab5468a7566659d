"""What an administrator sees of colleagues' connections: whose, in which state, since when. Nothing of a calendar."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from calendarsync.errors import SetupFaulty
from calendarsync.models import Account, Calendar
from calendarsync.models.account import CONNECTED, NEEDS_OWNER
from calendarsync.selectors.facts import with_lanes
from calendarsync.selectors.states import AccountStatus
from calendarsync.selectors.status import status_of
from marketplace.hooks import Attention


def connections_in_need(now: datetime) -> list[Attention]:
    """Connections of the tenant in scope that do not go on by themselves, the longest first; two statements."""
    faulty = Calendar.objects.filter(
        account=OuterRef("pk"), selected=True, failures__gt=0, error_code=SetupFaulty.code
    )
    working = Account.objects.filter(owner__is_active=True)
    stuck = working.filter(NEEDS_OWNER) | working.filter(CONNECTED, Exists(faulty), stopped_at=None)
    known = [(account, status_of(account, now)) for account in with_lanes(stuck.distinct())]
    found = [_attention(account, status) for account, status in known]
    return sorted(found, key=lambda each: each.since or now)


def _attention(account: Account, status: AccountStatus) -> Attention:
    # What the state says to its owner ("Please …") is not meant for an administrator.
    signed_out = account.stopped_at is None and account.auth_state != Account.AuthState.OK
    words = account.get_auth_state_display() if signed_out else status.words
    since = account.stopped_at or status.at or account.error_at
    return Attention(account.owner.name, account.address, words, since)

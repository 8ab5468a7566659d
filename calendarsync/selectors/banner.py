"""What is said above every page to somebody whose connection needs them."""

from collections.abc import Collection
from dataclasses import dataclass

from calendarsync.models import Account
from calendarsync.selectors.pill import Known
from calendarsync.selectors.states import AccountStatus


@dataclass(frozen=True, slots=True)
class Banner:
    """One account in need with its state, and how many others there are; `keys` name what dismissing hides."""

    account: Account
    status: AccountStatus
    others: int
    keys: str

    @property
    def can_reconnect(self) -> bool:
        """Whether signing in again is what helps, and all that is to be done."""
        return self.account.auth_state == Account.AuthState.RECONNECT and not self.others


def banner_from(known: Known, dismissed: Collection[str]) -> Banner | None:
    """The banner for the accounts in need that were not dismissed; None when there is none."""
    needy = [(account, status) for account, status in known if account.needs_owner]
    open_ = [(account, status) for account, status in needy if key_of(account) not in dismissed]
    if not open_:
        return None
    account, status = open_[0]
    return Banner(account, status, len(open_) - 1, " ".join(key_of(each) for each, _status in open_))


def key_of(account: Account) -> str:
    """This need of this account: the next one has another name, and is told again."""
    since = account.stopped_at or account.error_at
    return f"{account.pk}-{since.timestamp():.0f}" if since else str(account.pk)

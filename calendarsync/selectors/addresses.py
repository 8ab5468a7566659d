"""Who "me" is in an event."""

from calendarsync.models import Account
from marketplace.selectors import addresses_of as addresses_of_person


def addresses_of(account: Account) -> frozenset[str]:
    """All addresses, in lower case, by which the owner of an account may be invited."""
    known = {account.address.casefold(), *addresses_of_person(account.owner)}
    return frozenset(address for address in known if address)

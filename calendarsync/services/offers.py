"""A grant for another mailbox than the one to reconnect, put aside until its owner has decided.

It waits in the browser's session, which lives on the server, sealed; for ten minutes, for one account, usable once.
"""

import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from calendarsync.domain import Grant
from carerix_calendar.lib.crypto import SecretUnreadable, seal, unseal

_SESSION_KEY = "calendar_offer"
_SECONDS = 600

Session = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """The mailbox somebody signed in with, offered in the place of another."""

    provider: str
    grant: Grant


def put_aside(*, session: Session, account_id: int, offer: Offer) -> None:
    """Keep `offer` for `account_id`; an earlier one of this session is forgotten."""
    grant = offer.grant
    secret = {
        "provider": offer.provider,
        "subject": grant.subject,
        "address": grant.address,
        "name": grant.name,
        "credentials": dict(grant.credentials),
    }
    session[_SESSION_KEY] = {
        "until": time.time() + _SECONDS,
        "sealed": seal(secret, bound_to=_bound_to(account_id)),
    }


def offer_for(*, session: Session, account_id: int) -> Offer | None:
    """What was offered in the place of this account; None when nothing was, or too long ago."""
    kept = session.get(_SESSION_KEY)
    if not kept or kept["until"] < time.time():
        return None
    try:  # it was sealed for one account
        secret = unseal(kept["sealed"], bound_to=_bound_to(account_id))
    except SecretUnreadable:
        return None
    return Offer(secret.pop("provider"), Grant(**secret))


def take(*, session: Session, account_id: int) -> Offer | None:
    """The same, for the only time."""
    offer = offer_for(session=session, account_id=account_id)
    if offer is not None:
        session.pop(_SESSION_KEY)
    return offer


def _bound_to(account_id: int) -> str:
    return f"offer:{account_id}"

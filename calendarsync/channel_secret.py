"""The secret of a push channel: random, signed by us, and kept as a hash only.

The signature tells our channels from strangers without asking the database, so no flood of strangers can keep a
genuine notification out. The hash means that who reads the database can forge none.
"""

import hashlib
import secrets

from django.core.signing import BadSignature, Signer

_SALT = "calendarsync.channel"


def new_secret(channel_id: str) -> str:
    """A secret for this channel; ASCII, about 80 characters (Google allows 256)."""
    return Signer(salt=_SALT).sign(f"{channel_id}.{secrets.token_urlsafe(24)}").removeprefix(f"{channel_id}.")


def is_signed(channel_id: str, secret: str) -> bool:
    """Whether we made this secret for this channel, at whatever time. After a change of SECRET_KEY nobody's is."""
    try:
        Signer(salt=_SALT).unsign(f"{channel_id}.{secret}")
    except BadSignature:
        return False
    return True


def hash_of(secret: str) -> str:
    """What we keep of a channel's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()

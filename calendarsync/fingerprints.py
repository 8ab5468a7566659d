"""Short hashes that tell whether content changed and which events are the same meeting. Pure."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

# Made once: json.dumps would make one for every event.
_CANONICAL = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False, separators=(",", ":"))


def fingerprint(values: Mapping[str, Any]) -> str:
    """32 hex digits over a mapping of plain values; equal content gives an equal fingerprint in every process."""
    return blake2b(_CANONICAL.encode(values).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def identity_key(ical_uid: str, original_start: str) -> str:
    """The key under which all copies of one meeting meet: iCalendar UID and, for one occurrence, its original start."""
    return blake2b(
        f"{ical_uid}\n{original_start}".encode("utf-8", "surrogatepass"), digest_size=16
    ).hexdigest()

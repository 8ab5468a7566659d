"""Hashes that tell whether content changed and which events are one meeting."""

import subprocess
import sys
from datetime import date
from typing import Any

from calendarsync.fingerprints import fingerprint, identity_key


def test_order_of_keys_does_not_matter():
    assert fingerprint({"a": 1, "b": [1, 2]}) == fingerprint({"b": [1, 2], "a": 1})


def test_order_of_lists_and_kinds_of_values_matter():
    different: list[dict[str, Any]] = [
        {"a": [1, 2]},
        {"a": [2, 1]},
        {"a": "1"},
        {"a": 1},
        {"a": None},
        {"a": ""},
        {},
        {"b": 1},
    ]

    assert len({fingerprint(values) for values in different}) == len(different)


def test_another_process_comes_to_the_same_result():
    command = "from calendarsync.fingerprints import fingerprint; print(fingerprint({'a': 'é', 'b': [1]}))"

    other = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)

    assert other.stdout.strip() == fingerprint({"a": "é", "b": [1]})


def test_dates_and_any_text_are_hashed():
    assert len(fingerprint({"day": date(2026, 11, 23), "text": "\ud800\x00é"})) == 32


def test_copies_of_one_meeting_share_their_key_and_occurrences_do_not():
    assert identity_key("uid", "") == identity_key("uid", "")
    assert len({identity_key("uid", ""), identity_key("uid", "20261123"), identity_key("uid2", "")}) == 3


def test_uid_and_start_cannot_be_confused():
    assert identity_key("a", "b") != identity_key("a\nb", "")

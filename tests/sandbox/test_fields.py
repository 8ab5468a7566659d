"""The mask language of partial responses."""

from typing import Any

import pytest

from sandbox.google.errors import ApiError
from sandbox.google.fields import apply_mask, parse_mask

PAGE: dict[str, Any] = {
    "kind": "calendar#events",
    "nextPageToken": "t",
    "items": [
        {"id": "1", "start": {"date": "2026-11-23"}, "attendees": [{"email": "a@x.example", "self": True}]},
        {"id": "2", "start": {"dateTime": "2026-11-23T09:00:00Z", "timeZone": "UTC"}},
    ],
}


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("kind", {"kind": "calendar#events"}),
        ("items/id", {"items": [{"id": "1"}, {"id": "2"}]}),
        ("nextPageToken,items(id)", {"nextPageToken": "t", "items": [{"id": "1"}, {"id": "2"}]}),
        ("items(start/date)", {"items": [{"start": {"date": "2026-11-23"}}, {"start": {}}]}),
        ("items(attendees(email))", {"items": [{"attendees": [{"email": "a@x.example"}]}, {}]}),
        ("items/start/*", {"items": [{"start": PAGE["items"][0]["start"]}, {"start": PAGE["items"][1]["start"]}]}),
        ("items/*/date",
         {"items": [{"id": "1", "start": {"date": "2026-11-23"}, "attendees": [{}]}, {"id": "2", "start": {}}]}),
        ("items(id),items/start/date",
         {"items": [{"id": "1", "start": {"date": "2026-11-23"}}, {"id": "2", "start": {}}]}),
        ("*", PAGE),
        ("items,items/id", {"items": PAGE["items"]}),
        ("absent", {}),
    ],
)  # fmt: skip
def test_mask_selects_members(mask, expected):
    assert apply_mask(parse_mask(mask), PAGE) == expected


@pytest.mark.parametrize("mask", ["items(", "a,,b", "a)", "/a", "a(b))", "a b?", "()", "a//b", ","])
def test_unreadable_mask_is_refused(mask):
    with pytest.raises(ApiError) as caught:
        parse_mask(mask)

    assert (caught.value.status, caught.value.reason) == (400, "invalidParameter")

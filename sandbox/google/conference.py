"""Video meetings: asked for in a write, pending in its answer, there on the next read."""

import base64
import hashlib

from sandbox.google.errors import invalid
from sandbox.google.store import Store
from sandbox.shapes import Json

SOLUTION = {
    "key": {"type": "hangoutsMeet"},
    "name": "Google Meet",
    "iconUri": "https://meet.sandbox.example/icon.png",
}


def with_conference(body: Json, raw: Json, version: int) -> Json:
    """The resource after the client's `conferenceData`, which counts only with conferenceDataVersion 1."""
    if version < 1 or "conferenceData" not in raw:
        return body
    wanted = raw["conferenceData"]
    if wanted is None:
        return {name: value for name, value in body.items() if name not in ("conferenceData", "hangoutLink")}
    if not isinstance(wanted, dict):
        raise invalid("Invalid conference data.")
    request = wanted.get("createRequest")
    if not isinstance(request, dict):
        return body | {"conferenceData": wanted} | _link(wanted)
    return body | _requested(body, request)


def _requested(body: Json, request: Json) -> Json:
    known = (body.get("conferenceData") or {}).get("createRequest") or {}
    if not request.get("requestId"):
        raise invalid("Invalid conference create request.")
    if known.get("requestId") == request["requestId"]:
        return {}
    key = request.get("conferenceSolutionKey") or {}
    kind = key.get("type", "hangoutsMeet") if isinstance(key, dict) else ""
    if kind not in ("hangoutsMeet", "eventHangout", "eventNamedHangout"):
        raise invalid("Invalid conference type value.")
    pending = {
        "requestId": str(request["requestId"]),
        "conferenceSolutionKey": {"type": kind},
        "status": {"statusCode": "pending"},
    }
    return {"conferenceData": {"createRequest": pending}}


def settle(store: Store) -> None:
    """Finish every conference that was shown as pending; called at the start of a read."""
    waiting, store.pending = list(store.pending), {}
    for calendar_id, event_id in waiting:
        calendar = store.calendars.get(calendar_id)
        event = calendar.events.get(event_id) if calendar else None
        if calendar and event and not event.cancelled:
            body = event.body
            store.write(calendar, body | meeting(body["id"], body["conferenceData"].get("createRequest")))


def note_pending(store: Store, calendar_id: str, body: Json) -> None:
    request = (body.get("conferenceData") or {}).get("createRequest") or {}
    if request.get("status", {}).get("statusCode") == "pending":
        store.pending[calendar_id, body["id"]] = None


def meeting(seed: str, request: Json | None = None) -> Json:
    """`conferenceData` and `hangoutLink` of a ready meeting; its code follows from the seed."""
    letters = base64.b32encode(hashlib.sha256(seed.encode()).digest()).decode().lower()
    letters = "".join(letter for letter in letters if letter.isalpha())[:10]
    code = f"{letters[:3]}-{letters[3:7]}-{letters[7:10]}"
    link = f"https://meet.sandbox.example/{code}"
    data: Json = {
        "conferenceId": code,
        "conferenceSolution": SOLUTION,
        "entryPoints": [
            {"entryPointType": "video", "uri": link, "label": link.removeprefix("https://")},
            {
                "entryPointType": "phone",
                "uri": "tel:+31-20-555-0100",
                "label": "+31 20 555 0100",
                "pin": "4471902",
            },
        ],
    }
    if request:
        data["createRequest"] = request | {"status": {"statusCode": "success"}}
    return {"conferenceData": data, "hangoutLink": link}


def _link(data: Json) -> Json:
    points = data.get("entryPoints") or []
    if not isinstance(points, list) or not all(
        isinstance(point, dict) and point.get("uri") for point in points
    ):
        raise invalid("Invalid conference data.")
    return next(
        ({"hangoutLink": point["uri"]} for point in points if point.get("entryPointType") == "video"), {}
    )

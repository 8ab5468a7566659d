"""The control API under /control/: JSON in, JSON out. What an address does stands in its docstring.

``GET /control/`` lists them. A wrong request answers 400 with ``{"error": sentence}``.
"""

import inspect
import json
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control import mailboxes, malformed, observing, outages, series, tokens
from sandbox.google.cloud import Cloud
from sandbox.google.errors import ApiError
from sandbox.shapes import Json

Action: TypeAlias = Callable[[Cloud, Json], Json]

ACTIONS: tuple[tuple[str, str, Action], ...] = (
    ("POST", "reset", mailboxes.reset),
    ("GET", "mailboxes", mailboxes.list_mailboxes),
    ("POST", "mailboxes", mailboxes.create_mailbox),
    ("POST", "calendars", mailboxes.create_calendar),
    ("POST", "calendars/patch", mailboxes.patch_calendar),
    ("POST", "calendars/role", mailboxes.change_role),
    ("POST", "events", mailboxes.add_event),
    ("POST", "events/random", mailboxes.add_random),
    ("POST", "events/patch", mailboxes.patch_event),
    ("POST", "events/move", mailboxes.move_event),
    ("POST", "events/delete", mailboxes.delete_event),
    ("POST", "events/split", series.split_series),
    ("POST", "malformed", malformed.add_malformed),
    ("GET", "faults", outages.list_faults),
    ("POST", "faults", outages.add_fault),
    ("DELETE", "faults", outages.clear_faults),
    ("POST", "latency", outages.add_latency),
    ("POST", "quota", outages.set_quota),
    ("POST", "pages", outages.shape_pages),
    ("POST", "notifications", outages.set_notifications),
    ("POST", "clock", outages.advance_clock),
    ("POST", "tokens", tokens.change_tokens),
    ("POST", "tokens/expire", tokens.expire_tokens),
    ("POST", "sync-tokens/expire", tokens.expire_sync_tokens),
    ("POST", "grants/revoke", tokens.revoke_grants),
    ("GET", "grants", tokens.list_grants),
    ("POST", "clients", tokens.add_client),
    ("GET", "log", observing.read_log),
    ("DELETE", "log", observing.clear_log),
    ("GET", "outbox", observing.read_outbox),
    ("DELETE", "outbox", observing.clear_outbox),
    ("GET", "channels", observing.list_channels),
)


async def _overview(request: Request) -> Response:
    listed = [
        {"method": method, "path": f"/control/{path}", "does": inspect.getdoc(action)}
        for method, path, action in ACTIONS
    ]
    return JSONResponse({"endpoints": listed})


def _endpoint(action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        try:
            body = await _body(request)
            return JSONResponse(action(request.app.state.cloud, body))
        except KeyError as error:
            return JSONResponse({"error": f"missing or unknown: {error.args[0]}"}, 400)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        except ApiError as error:
            return JSONResponse({"error": error.message, "reason": error.reason}, 400)

    return serve


async def _body(request: Request) -> Json:
    if request.method == "GET":
        return dict(request.query_params)
    raw = await request.body()
    body = json.loads(raw) if raw.strip() else {}
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body


ROUTES = [
    Route("/control/", _overview),
    *(Route(f"/control/{path}", _endpoint(action), methods=[method]) for method, path, action in ACTIONS),
]

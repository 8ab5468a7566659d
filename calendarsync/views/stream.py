"""The event stream of an open page (server-sent events, HTML Living Standard 9.2).

Events: `hello` with the newest revision of every calendar on each (re)connection and when there are others than before;
`changed` with calendar and revision, once for each; `status` when progress or state of an own account changed. Never
content. What the live messages leave out is found in the rows at the next heartbeat, so nothing missed stays missed.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import redis.asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from redis.exceptions import RedisError

from calendarsync.live import topic
from calendarsync.selectors.own import visible_calendars
from calendarsync.services.attend import attend
from marketplace.catalogue import CALENDAR
from marketplace.models import Tenant, User
from marketplace.selectors import is_active
from marketplace.sign_in import session_is_current
from marketplace.tenancy import tenant_scope

_HEARTBEAT_SECONDS = 10
# A stream ends by itself now and then; the browser reconnects and everything is checked anew.
_LIFE_SECONDS = 300
_RETRY_MILLISECONDS = 2000


async def stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The stream of the logged-in person; 401 without a login, 404 without the module."""
    # The tenant middleware has loaded both already; here, in the event loop, a query would be refused.
    user = request.user
    if not isinstance(user, User) or user.tenant is None:
        return HttpResponse(status=401)
    if not await sync_to_async(_module_is_active)(user.tenant):
        return HttpResponse(status=404)
    events = _events(user, user.tenant, request.session)
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(user: User, tenant: Tenant, session: SessionBase) -> AsyncIterator[str]:
    client = redis.asyncio.from_url(settings.REDIS_URL)
    try:
        async with client.pubsub() as inbox:
            await inbox.subscribe(topic(tenant.pk))
            page = _Page(user, tenant, session, await sync_to_async(_revisions)(user, tenant))
            yield f"retry: {_RETRY_MILLISECONDS}\n" + page.hello()
            async for event in _relay(inbox, page):
                yield event
    except (RedisError, OperationalError, InterfaceError, OSError):
        # Ending the stream makes the browser fall back to asking from time to time and try again.
        return
    finally:
        await client.aclose()


@dataclass(slots=True)
class _Page:
    """An open page: whose it is, and the revision of each calendar that it has been told."""

    user: User
    tenant: Tenant
    session: SessionBase
    told: dict[int, int]

    def hello(self) -> str:
        """Everything at once."""
        return _event("hello", {"revisions": self.told})

    def hear(self, message: dict[str, int]) -> str:
        """A message of the tenant as an event for this person; "" when it is not theirs, or no news."""
        if message.get("owner") == self.user.pk:
            return _event("status", {})
        calendar, revision = message.get("calendar", 0), message.get("revision", 0)
        if revision <= self.told.get(calendar, revision):
            return ""
        self.told[calendar] = revision
        return _event("changed", {"calendar": calendar, "revision": revision})

    def compare(self, revisions: dict[int, int]) -> str:
        """What the rows say and no message told: it was lost, or came before we knew that the calendar is theirs."""
        if revisions.keys() != self.told.keys():
            self.told = revisions
            return self.hello()
        return "".join(self.hear({"calendar": pk, "revision": number}) for pk, number in revisions.items())


async def _relay(inbox: "redis.asyncio.client.PubSub", page: _Page) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    ends, beat = loop.time() + _LIFE_SECONDS, 0.0
    while loop.time() < ends:
        if loop.time() >= beat:
            if not await sync_to_async(_login_holds)(page.session):
                return
            revisions, until_next = await sync_to_async(_look_after)(page.user, page.tenant)
            beat = loop.time() + min(_HEARTBEAT_SECONDS, until_next)
            yield ": still here\n\n"
            if event := page.compare(revisions):
                yield event
        wait = max(0.01, min(beat, ends) - loop.time())
        message = await inbox.get_message(ignore_subscribe_messages=True, timeout=wait)
        if message is not None and (event := page.hear(json.loads(message["data"]))):
            yield event


def _event(name: str, data: Mapping[str, object]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def _login_holds(session: SessionBase) -> bool:
    """Whether a request of this session would still be let in: logged in, active, of the tenant's current epoch."""
    request = HttpRequest()
    request.session = type(session)(session.session_key)
    user = get_user(request)
    return isinstance(user, User) and session_is_current(request, user)


def _module_is_active(tenant: Tenant) -> bool:
    with tenant_scope(tenant):
        return is_active(CALENDAR.key)


def _revisions(user: User, tenant: Tenant) -> dict[int, int]:
    with tenant_scope(tenant):
        return dict(visible_calendars(user).values_list("pk", "revision"))


def _look_after(user: User, tenant: Tenant) -> tuple[dict[int, int], float]:
    """See that calendars without working push are asked. Returns what the person sees now, and when to come again."""
    with tenant_scope(tenant):
        until_next = attend(user=user, now=timezone.now())
        return _revisions(user, tenant), until_next

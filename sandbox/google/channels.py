"""Push channels: a `sync` message at creation, then `exists` after every burst of changes (push guide)."""

import asyncio
import json
import re
import zlib
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from sandbox import webhooks
from sandbox.google.errors import ApiError, invalid, not_found, required
from sandbox.shapes import Json
from sandbox.world import World

WEEK = 604_800
PAUSE = 0.1
RETRIED = (500, 502, 503, 504)
RETRY_AFTER = (0.5, 1.0, 2.0, 4.0, 8.0)
CHANNEL_ID = re.compile(r"[A-Za-z0-9\-_+/=]{1,64}")


@dataclass(slots=True)
class Channel:
    """One subscription. `resource` is what the store announces; `expires` in epoch milliseconds."""

    id: str
    client: str
    mailbox: str
    resource: str
    resource_id: str
    resource_uri: str
    address: str
    token: str
    expires: int
    number: int = 0
    stopped: bool = False
    delivered: int = 0
    failed: int = 0
    last_status: int = 0

    def dump(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__})

    def describe(self) -> Json:
        """The Channel resource of the API."""
        answer = {"kind": "api#channel", "id": self.id, "resourceId": self.resource_id}
        token = {"token": self.token} if self.token else {}
        return answer | {"resourceUri": self.resource_uri} | token | {"expiration": str(self.expires)}

    def headers(self, state: str) -> dict[str, str]:
        expires = datetime.fromtimestamp(self.expires / 1000, UTC)
        headers = {
            "X-Goog-Channel-ID": self.id,
            "X-Goog-Channel-Expiration": format_datetime(expires, usegmt=True),
            "X-Goog-Message-Number": str(self.number),
            "X-Goog-Resource-ID": self.resource_id,
            "X-Goog-Resource-State": state,
            "X-Goog-Resource-URI": self.resource_uri,
            "User-Agent": "APIs-Google; (+https://sandbox.example/webmasters/APIs-Google.html)",
        }
        return headers | ({"X-Goog-Channel-Token": self.token} if self.token else {})


class Channels:
    """All channels and the deliveries under way. `silent` lets notifications die without a word."""

    def __init__(self, world: World, *, https_only: bool) -> None:
        self.world = world
        self.https_only = https_only
        self.silent = False
        self.all: dict[str, Channel] = {}
        self._by_resource: dict[str, set[str]] = {}
        self._due: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self, raw: Json, *, client: str, mailbox: str, resource: str, uri: str) -> Channel:
        """Create a channel and send its `sync` message. Raises ApiError 400 or 401."""
        self._check(raw)
        channel = Channel(
            id=raw["id"], client=client, mailbox=mailbox, resource=resource, resource_uri=uri,
            resource_id=f"{zlib.crc32(f'{mailbox} {resource}'.encode()):08x}sandboxresource",
            address=raw["address"], token=raw.get("token") or "", expires=self._expiry(raw),
        )  # fmt: skip
        self._add(channel)
        self._keep(channel)
        self._start(self._deliver(channel, "sync"))
        return channel

    def stop(self, raw: Json, *, client: str, mailbox: str) -> None:
        """Raises ApiError 404 unless this user and client opened a channel of that id and resource."""
        channel = self.all.get(str(raw.get("id", "")))
        if channel is None or channel.stopped or channel.resource_id != raw.get("resourceId"):
            raise not_found()
        if (channel.client, channel.mailbox) != (client, mailbox):
            raise not_found()
        self.end(channel)

    def end(self, channel: Channel) -> None:
        channel.stopped = True
        self._by_resource.get(channel.resource, set()).discard(channel.id)
        self._keep(channel)

    def changed(self, resource: str) -> None:
        """A resource changed: its channels hear of it once, a moment later, with all that follows."""
        for channel_id in self._by_resource.get(resource, ()):
            if channel_id not in self._due and not self.silent:
                self._due.add(channel_id)
                self._start(self._soon(self.all[channel_id]))

    def alive(self, channel: Channel) -> bool:
        return not channel.stopped and channel.expires > self.world.now().timestamp() * 1000

    def forget(self) -> None:
        for task in self._tasks:
            task.cancel()
        self.all.clear()
        self._by_resource.clear()
        self._due.clear()
        self.silent = False

    def load(self) -> None:
        """Fill from storage. Raises ValueError or TypeError on rows of another shape."""
        for text in self.world.storage.rows("channel"):
            self._add(Channel(**json.loads(text)))

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # Checks

    def _check(self, raw: Json) -> None:
        if not isinstance(raw.get("id"), str) or not CHANNEL_ID.fullmatch(raw["id"]):
            raise required("entity.resource.id") if not raw.get("id") else invalid("Invalid channel id.")
        known = self.all.get(raw["id"])
        if known and self.alive(known):
            raise ApiError(400, "channelIdNotUnique", f"Channel id {raw['id']} not unique")
        if raw.get("type") not in ("web_hook", "webhook"):
            raise ApiError(400, "channelUnknown", "Unknown channel type.")
        if len(str(raw.get("token") or "")) > 256:
            raise invalid("Channel token too long.")
        self._check_address(str(raw.get("address") or ""))

    def _check_address(self, address: str) -> None:
        if not address:
            raise required("entity.resource.address")
        secure = address.startswith("https://")
        if not secure and (self.https_only or not address.startswith("http://")):
            raise ApiError(400, "webhookUrlNotHttps", f"WebHook callback must be HTTPS: {address}")
        if not webhooks.is_loopback_url(address):
            raise ApiError(401, "webhookUrlUnauthorized", f"Unauthorized WebHook callback channel: {address}")

    def _expiry(self, raw: Json) -> int:
        now = int(self.world.now().timestamp() * 1000)
        params = raw.get("params")
        ttl = params.get("ttl") if isinstance(params, dict) else None
        try:
            wanted = int(raw["expiration"]) if raw.get("expiration") else now + int(ttl or WEEK) * 1000
        except (TypeError, ValueError):
            raise invalid("Invalid expiration.") from None
        if wanted <= now:
            raise invalid("Invalid expiration: it lies in the past.")
        return min(wanted, now + WEEK * 1000)

    # Delivery

    async def _soon(self, channel: Channel) -> None:
        await asyncio.sleep(PAUSE)
        self._due.discard(channel.id)
        if self.alive(channel) and not self.silent:
            await self._deliver(channel, "exists")

    async def _deliver(self, channel: Channel, state: str) -> None:
        # The world's sequence only rises and every message follows a change, so it numbers messages well.
        channel.number = 1 if state == "sync" else max(channel.number + 1, self.world.seq)
        headers = channel.headers(state)
        self._keep(channel)
        for wait in (*RETRY_AFTER, None):
            status = await self._try(channel, headers)
            if status not in (*RETRIED, 0) or wait is None:
                break
            await asyncio.sleep(wait)
            if not self.alive(channel) or self.silent:
                return
        good = status in (102, 200, 201, 202, 204)
        channel.delivered, channel.failed = channel.delivered + good, channel.failed + (not good)
        self._keep(channel)

    async def _try(self, channel: Channel, headers: dict[str, str]) -> int:
        try:
            channel.last_status = await webhooks.post(channel.address, headers)
        except (OSError, TimeoutError):
            channel.last_status = 0
        return channel.last_status

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            task = asyncio.get_running_loop().create_task(work)
        except RuntimeError:
            # Nobody listens while the world is still being built.
            work.close()
            return
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _add(self, channel: Channel) -> None:
        self.all[channel.id] = channel
        if not channel.stopped:
            self._by_resource.setdefault(channel.resource, set()).add(channel.id)

    def _keep(self, channel: Channel) -> None:
        self.world.storage.keep("channel", channel.id, channel.dump)
        self.world.storage.flush()

"""A person with a browser at the product: connects a mailbox, looks at this week, hears of changes."""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import requests
from django.conf import settings
from django.test import Client
from django.utils import timezone

from benchmarks.stage import Stage
from calendarsync.models import Account, Calendar
from marketplace.catalogue import CALENDAR
from marketplace.models import Installation, Tenant, User
from marketplace.sign_in import TenantBackend
from marketplace.tenancy import every_tenant

_SECONDS = 60


class Told(NamedTuple):
    """One event of the event stream."""

    name: str
    data: Any


class Visitor:
    """Somebody of a tenant of their own, logged in, with a mailbox of so many events at the provider."""

    def __init__(self, stage: Stage, name: str, events: int) -> None:
        self.stage = stage
        self.mailbox = f"{name}@mail.example"
        stage.provider.control("mailboxes", address=self.mailbox, events=events)
        self._browser = _logged_in(_person(name))

    def start_sign_in(self) -> str:
        """Press Start synchronization and agree at the provider; returns the way back, not yet gone."""
        answer = self._browser.post(
            f"{self.stage.url}/calendar/connect/google/", allow_redirects=False, timeout=_SECONDS
        )
        return self.stage.provider.consent(answer.headers["location"], self.mailbox)

    def return_from_provider(self, way_back: str) -> None:
        """Follow the provider's redirect; afterwards the account exists."""
        answer = self._browser.get(f"{self.stage.url}{way_back}", allow_redirects=False, timeout=_SECONDS)
        answer.raise_for_status()

    def connect(self) -> None:
        """The whole way to the provider and back."""
        self.return_from_provider(self.start_sign_in())

    def this_week(self) -> dict[str, str]:
        """The calendar's answer for this week: titles by id."""
        today = timezone.now().astimezone(UTC).date()
        monday = datetime.combine(today - timedelta(days=today.weekday()), datetime.min.time(), UTC)
        asked = {"from": monday.isoformat(), "to": (monday + timedelta(days=7)).isoformat()}
        answer = self._browser.get(f"{self.stage.url}/api/v1/calendar/", params=asked, timeout=_SECONDS)
        answer.raise_for_status()
        return {str(event["id"]): event["title"] for event in answer.json()["events"]}

    def listen(self) -> Iterator[Told]:
        """The events of the event stream as they come, from `hello` on; the comments between them are left out."""
        name = ""
        with self._browser.get(f"{self.stage.url}/calendar/stream/", stream=True, timeout=_SECONDS) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    yield Told(name, json.loads(value))

    def calendar(self) -> Calendar:
        """The mailbox's own calendar as it stands now."""
        with every_tenant():
            own = Calendar.objects.filter(account__address=self.mailbox, is_primary=True)
            return own.select_related("account").get()

    def account(self) -> Account:
        """The connected account as it stands now."""
        return self.calendar().account

    def wait_until_complete(self, seconds: float = 120.0) -> None:
        """Return when everything was read and committed."""
        self.stage.wait_for(self._is_complete, "reading the whole mailbox", seconds)

    def _is_complete(self) -> bool:
        return self.calendar().phase == Calendar.Phase.LIVE


def _person(name: str) -> User:
    tenant = Tenant.objects.create(name=name.title(), slug=name)
    with every_tenant():
        Installation.objects.create(tenant=tenant, module=CALENDAR.key, state=Installation.State.ACTIVE)
        return User.objects.create_user(
            email=f"{name}@{name}.example", password=secrets.token_hex(), name=name.title(), tenant=tenant
        )


def _logged_in(user: User) -> requests.Session:
    """A browser with the session of a login."""
    client = Client()
    client.force_login(user, backend=f"{TenantBackend.__module__}.{TenantBackend.__name__}")
    token = secrets.token_hex(16)
    browser = requests.Session()
    browser.trust_env = False
    browser.cookies.set(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    browser.cookies.set(settings.CSRF_COOKIE_NAME, token)
    browser.headers["X-CSRFToken"] = token
    return browser

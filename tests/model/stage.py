"""What stories are played on: tenant, provider, queue and clock; and the small moves they are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from hypothesis.stateful import RuleBasedStateMachine

from calendarsync import tasks
from calendarsync.models import Account, Calendar, Channel
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, sign_in
from tests.conftest import signed_in
from tests.model.faults import Faults, Killed
from tests.model.provider_side import CALENDARS, ProviderSide, Resource, age, is_cancelled

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOME = "Europe/Amsterdam"


@dataclass(slots=True)
class Ground:
    """What stories are played on: the tenant with its user, the provider, and the means to disturb."""

    alice: User
    side: ProviderSide
    faults: Faults
    patch: pytest.MonkeyPatch


class Stage(RuleBasedStateMachine):
    """One story's state and the moves its rules are made of; `ground` is set by the test that tells stories."""

    ground: Ground
    clock: time_machine.travel
    now: time_machine.Traveller

    def __init__(self) -> None:
        super().__init__()
        self.side, self.faults = self.ground.side, self.ground.faults
        self.queue: list[tuple[str, int]] = []
        self.cancelled: list[tuple[str, str]] = []
        self.notices: list[str] = []
        self.owed: dict[str, dict[str, int]] = {}
        self.ever_gone: set[tuple[str, str]] = set()
        self.theirs: dict[str, dict[str, Resource]] = {}
        self.local_ids: dict[tuple[str, str], int] = {}
        self.newest: dict[tuple[str, str], int] = {}
        self.gone_before: set[tuple[str, str]] = set()
        self.seen: dict[int, tuple[int, set[tuple[str, str]]]] = {}
        self.fences: dict[int, int] = {}
        self.checked_tokens: dict[int, str] = {}
        self.withdrawn = False
        self.message_number = 0
        self.serial = 0

    def _published(self, sender: str, body: Any, **ignored: Any) -> None:
        self.queue.append(
            (sender.rpartition(".")[2], *body[0]) if body[0] else (sender.rpartition(".")[2], 0)
        )

    def _account(self) -> Account:
        with every_tenant():
            return Account.objects.select_related("owner__tenant", "tenant").get()

    def _known_account(self) -> dict[str, int]:
        with every_tenant():
            found = Account.objects.first()
        return {"account": found.pk} if found else {}

    def _lanes(self) -> list[Calendar]:
        with every_tenant():
            lanes = Calendar.objects.select_related("account__owner__tenant", "account__tenant", "tenant")
            return [lane for lane in lanes.order_by("pk") if lane.remote_id in CALENDARS]

    def _lane(self, remote_id: str) -> Calendar:
        return next(lane for lane in self._lanes() if lane.remote_id == remote_id)

    def _is_blocked(self) -> bool:
        account = self._account()
        return account.auth_state != Account.AuthState.OK or account.blocked_until is not None

    def _perform(self, name: str, *about: int) -> None:
        """A task in a process of its own, which may die or find the database busy."""
        arguments = [each for each in about if each]
        task: Callable[..., Any] = getattr(tasks, name)
        try:
            with self.faults.in_force():
                task(*arguments)
        except (Killed, OperationalError):
            return

    def _pass(self, seconds: float) -> None:
        self.now.shift(timedelta(seconds=seconds))
        self.side.pass_time(seconds)

    def _change(self, which: int, changes: dict[str, Any]) -> None:
        calendar, item = self._event(which)
        if item:
            self._edit("events/patch", calendar, id=item["id"], changes=changes)

    def _edit(self, action: str, calendar: str, **body: Any) -> None:
        if self.side.try_to(action, calendar=calendar, **body) is not None:
            self._changed(calendar)

    def _cancel(self, calendar: str, event_id: str) -> None:
        self._edit("events/delete", calendar, id=event_id)
        self.cancelled.append((calendar, event_id))

    def _create_at(self, calendar: str, start: datetime, repeats: str) -> None:
        self.serial += 1
        times = {"start": start, "end": start + timedelta(hours=1)}
        event = {
            "id": f"made{self.serial:04d}", "summary": f"Event {self.serial}", "recurrence": [repeats],
            **{name: {"dateTime": value.isoformat(), "timeZone": HOME} for name, value in times.items()},
        }  # fmt: skip
        self._edit("events", calendar, event=event)

    def _event(self, which: int) -> tuple[str, Resource | None]:
        found = [
            (calendar, item)
            for calendar in CALENDARS
            for item in self.theirs[calendar].values()
            if not is_cancelled(item) and "recurringEventId" not in item
        ]
        return found[which % len(found)] if found else ("", None)

    def _occurrence(self, which: int, nth: int) -> tuple[str, Resource | None]:
        found = [
            (calendar, item["id"])
            for calendar in CALENDARS
            for item in self.theirs[calendar].values()
            if "recurrence" in item
        ]
        if not found:
            return "", None
        calendar, series = found[which % len(found)]
        occurrences = self.side.instances(calendar, series)
        return calendar, occurrences[nth % len(occurrences)] if occurrences else None

    def _changed(self, calendar: str) -> None:
        self._look()
        self.notices.append(calendar)

    def _look(self) -> None:
        """What the provider has now; what it had and has no more is gone."""
        for calendar in CALENDARS:
            items = self.side.items(calendar)
            self.ever_gone |= {(calendar, key) for key in self.theirs.get(calendar, {}).keys() - items.keys()}
            self.theirs[calendar] = items

    def _notify(self, calendar: str) -> None:
        """Google's message on each living channel of a calendar."""
        lane = self._lane(calendar)
        with every_tenant():
            ours = {
                str(each)
                for each in Channel.objects.filter(calendar=lane).values_list("channel_id", flat=True)
            }
        for channel in self.side.channels():
            if channel["id"] in ours:
                self._post(channel, lane)

    def _post(self, channel: Resource, lane: Calendar) -> None:
        self.message_number += 1
        headers = {
            "X-Goog-Channel-ID": channel["id"], "X-Goog-Channel-Token": channel["token"],
            "X-Goog-Resource-ID": channel["resourceId"], "X-Goog-Resource-State": "exists",
            "X-Goog-Resource-URI": channel["resourceUri"], "X-Goog-Message-Number": str(self.message_number),
        }  # fmt: skip
        answer = Client().post(reverse("hook", args=["google"]), headers=headers)
        assert answer.status_code == 204
        items = self.side.items(lane.remote_id).values()
        self.owed[lane.remote_id] = {item["id"]: age(item["etag"]) for item in items}

    def _sign_in(self) -> bool:
        """The whole way to the provider and back; False when the provider was in no state for it."""
        answer = sign_in(
            signed_in(self.ground.alice), self.side.sandbox, ALICE_AT_GOOGLE, **self._known_account()
        )
        is_signed_in = bool(answer.status_code == 302)
        self.withdrawn = self.withdrawn and not is_signed_in
        return is_signed_in


def times_of(day: int, hour: int, zone: str, minutes: int, whole_day: bool) -> dict[str, dict[str, str]]:
    first: date = START.date() + timedelta(days=day)
    if whole_day:
        last = first + timedelta(days=1 + minutes // 1440)
        return {"start": {"date": first.isoformat()}, "end": {"date": last.isoformat()}}
    wall = datetime(first.year, first.month, first.day, hour, 15, tzinfo=ZoneInfo(zone))
    end = wall.astimezone(UTC) + timedelta(minutes=minutes)
    return {
        "start": {"dateTime": wall.astimezone(UTC).isoformat(), "timeZone": zone},
        "end": {"dateTime": end.isoformat(), "timeZone": zone},
    }

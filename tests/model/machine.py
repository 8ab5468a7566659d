"""A model test of the whole reading side: people edit, workers run, everything fails, and in the end all is equal.

Hypothesis chooses the story: remote edits, engine steps, faults, in any order. After every step some things must
hold (`_holds_*`); at the end of every story faults heal, the work is drained, and the invariants of convergence are
demanded. Numbers in docstrings are those of the specification's list of invariants.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from celery.signals import before_task_publish
from django.core.cache import cache
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from calendarsync.models import Account, Calendar
from calendarsync.providers.google import mapping
from calendarsync.services.choose_calendars import choose_one
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE
from tests.model.ending import Ended
from tests.model.provider_side import CALENDARS, TEAM
from tests.model.stage import START, times_of

ZONES = ("Europe/Amsterdam", "America/New_York", "Pacific/Auckland", "Etc/UTC")
RULES = (
    "RRULE:FREQ=WEEKLY", "RRULE:FREQ=DAILY;COUNT=8", "RRULE:FREQ=DAILY;INTERVAL=3", "RRULE:FREQ=MONTHLY",
    "RRULE:FREQ=YEARLY", "RRULE:FREQ=WEEKLY;COUNT=5",
)  # fmt: skip
EDITS: tuple[dict[str, Any], ...] = (
    {"summary": "Renamed"}, {"summary": "Renamed again"}, {"location": "Room 2"}, {"location": None},
    {"transparency": "transparent"}, {"transparency": "opaque"}, {"visibility": "private"}, {"status": "tentative"},
    {"attendees": [{"email": "guest@post.example", "responseStatus": "accepted"}]}, {"attendees": None},
)  # fmt: skip
TROUBLES: tuple[dict[str, Any], ...] = (
    {"status": 429, "retry_after": 90}, {"status": 403, "reason": "rateLimitExceeded"}, {"status": 503},
    {"status": 500, "times": 3}, {"status": 403, "reason": "forbidden"}, {"status": 404}, {"body": "truncated"},
    {"body": "html"}, {"body": "reset"}, {"body": "empty"}, {"status": 400, "reason": "invalid"},
)  # fmt: skip
WAITS = (1, 6, 61, 130, 700, 3700, 6 * 3600)
LEASE = timedelta(seconds=121)

numbers = st.integers(0, 30)
calendar_ids = st.sampled_from(CALENDARS)


class Story(Ended):
    """What may happen, in any order."""

    @initialize(followed=st.sampled_from((True, True, False)))
    def begin(self, followed: bool) -> None:
        """Some events are there; often everything was read already and both calendars are watched."""
        random.seed(0)
        cache.clear()
        self.faults.forget()
        self.faults.network_in_transaction = False
        self.ground.patch.setattr(mapping, "VERSION", 1)
        self.clock = time_machine.travel(START, tick=False)
        self.now = self.clock.start()
        with every_tenant():
            Account.objects.all().delete()
        self.side.begin(START)
        before_task_publish.connect(self._published, weak=False)
        self._look()
        for day, repeats in enumerate((None, RULES[0], RULES[1], None)):
            for calendar in CALENDARS:
                self.create(calendar, day, 9, ZONES[0], 60, day == 3, repeats)
        self.notices.clear()
        self.connect()
        if followed:
            self._follow()

    def _follow(self) -> None:
        for _ in range(2):
            self._drain()
            self._perform("renew_channels")
        self._drain()

    def teardown(self) -> None:
        if not hasattr(self, "clock"):
            return
        try:
            self.heal_and_compare()
        finally:
            before_task_publish.disconnect(self._published)
            self.faults.forget()
            self.clock.stop()

    @rule(
        calendar=calendar_ids,
        day=st.integers(-40, 80),
        hour=st.integers(0, 23),
        zone=st.sampled_from(ZONES),
        minutes=st.sampled_from((0, 30, 60, 1500)),
        whole_day=st.booleans(),
        repeats=st.none() | st.sampled_from(RULES),
    )
    def create(self, calendar: str, day: int, hour: int, zone: str, minutes: int, whole_day: bool,
               repeats: str | None) -> None:  # fmt: skip
        self.serial += 1
        event = {
            "id": f"made{self.serial:04d}", "summary": f"Event {self.serial}",
            "recurrence": [repeats] if repeats else None,
        } | times_of(day, hour, zone, minutes, whole_day)  # fmt: skip
        self._edit("events", calendar, event=event)

    @rule(which=numbers, edit=st.sampled_from(EDITS))
    def edit(self, which: int, edit: dict[str, Any]) -> None:
        self._change(which, edit)

    @rule(which=numbers, day=st.integers(-20, 40), hour=st.integers(0, 23), zone=st.sampled_from(ZONES),
          whole_day=st.booleans())  # fmt: skip
    def reschedule(self, which: int, day: int, hour: int, zone: str, whole_day: bool) -> None:
        """Also to another zone, and between whole days and hours."""
        times = times_of(day, hour, zone, 60, whole_day)
        self._change(
            which, {name: {"date": None, "dateTime": None, "timeZone": None} | times[name] for name in times}
        )

    @rule(which=numbers, repeats=st.none() | st.sampled_from(RULES))
    def repeat(self, which: int, repeats: str | None) -> None:
        """A single event becomes a series, a series gets another rule, or ends being one."""
        self._change(which, {"recurrence": [repeats] if repeats else None})

    @rule(which=numbers, nth=st.integers(0, 5), day=st.integers(-3, 3))
    def move_occurrence(self, which: int, nth: int, day: int) -> None:
        calendar, occurrence = self._occurrence(which, nth)
        if occurrence:
            minutes = day * 1440 + 75
            self._edit("events/move", calendar, id=occurrence["id"], minutes=minutes)

    @rule(which=numbers, nth=st.integers(0, 5), edit=st.sampled_from(EDITS))
    def edit_occurrence(self, which: int, nth: int, edit: dict[str, Any]) -> None:
        calendar, occurrence = self._occurrence(which, nth)
        if occurrence:
            self._edit("events/patch", calendar, id=occurrence["id"], changes=edit)

    @rule(which=numbers, nth=st.integers(0, 5))
    def cancel_occurrence(self, which: int, nth: int) -> None:
        calendar, occurrence = self._occurrence(which, nth)
        if occurrence:
            self._cancel(calendar, occurrence["id"])

    @rule(which=numbers, nth=st.integers(1, 5), repeats=st.sampled_from(RULES))
    def split(self, which: int, nth: int, repeats: str) -> None:
        """ "This and following": the series ends before an occurrence, another begins there an hour later."""
        calendar, occurrence = self._occurrence(which, nth)
        if not occurrence or "dateTime" not in occurrence["originalStartTime"]:
            return
        start = datetime.fromisoformat(occurrence["originalStartTime"]["dateTime"]).astimezone(UTC)
        until = f"RRULE:FREQ=WEEKLY;UNTIL={start - timedelta(seconds=1):%Y%m%dT%H%M%SZ}"
        self._edit(
            "events/patch", calendar, id=occurrence["recurringEventId"], changes={"recurrence": [until]}
        )
        later = start + timedelta(hours=1)
        self._create_at(calendar, later, repeats)

    @rule(which=numbers)
    def delete(self, which: int) -> None:
        calendar, item = self._event(which)
        if item:
            self._cancel(calendar, item["id"])

    @rule(which=numbers)
    def restore(self, which: int) -> None:
        if self.cancelled:
            calendar, event_id = self.cancelled[which % len(self.cancelled)]
            self._edit("events/patch", calendar, id=event_id, changes={"status": "confirmed"})

    @rule(which=numbers)
    def move_to_other_calendar(self, which: int) -> None:
        """S84"""
        calendar, item = self._event(which)
        if item:
            other = TEAM if calendar == ALICE_AT_GOOGLE else ALICE_AT_GOOGLE
            self.side.move(calendar, item["id"], other)
            self._changed(calendar)
            self._changed(other)

    @rule(which=numbers, fate=st.sampled_from(("run", "run", "run", "twice", "lost")))
    def take_task(self, which: int, fate: str) -> None:
        if self.queue:
            name, about = self.queue.pop(which % len(self.queue))
            for _ in range({"run": 1, "twice": 2, "lost": 0}[fate]):
                self._perform(name, about)

    @rule(calendar=calendar_ids)
    def run_lane(self, calendar: str) -> None:
        """S22: a task the broker delivers hours late."""
        self._perform("run_lane", self._lane(calendar).pk)

    @rule()
    def work_off(self) -> None:
        for _ in range(12):
            if not self.queue:
                break
            self._perform(*self.queue.pop(0))

    @rule()
    def beat(self) -> None:
        self._perform("enqueue_due_lanes")

    @rule()
    def poll(self) -> None:
        """The next regular look has come for every lane, and is taken."""
        with every_tenant():
            Calendar.objects.update(next_poll_at=timezone.now())
        for calendar in CALENDARS:
            self.run_lane(calendar)

    @rule()
    def watch(self) -> None:
        self._perform("renew_channels")

    @rule(which=numbers, fate=st.sampled_from(("once", "once", "twice", "lost")))
    def notify(self, which: int, fate: str) -> None:
        """A notification arrives: late, out of order, doubled, or never."""
        if self.notices:
            calendar = self.notices.pop(which % len(self.notices))
            for _ in range({"once": 1, "twice": 2, "lost": 0}[fate]):
                self._notify(calendar)

    @rule(seconds=st.sampled_from(WAITS))
    def wait(self, seconds: int) -> None:
        self._pass(seconds)

    @rule(calendar=calendar_ids)
    def tick_or_untick(self, calendar: str) -> None:
        lane = self._lane(calendar)
        with tenant_scope(lane.tenant):
            choose_one(calendar=lane, selected=not lane.selected, now=timezone.now())

    @rule()
    def connect(self) -> None:
        """Sign in, again as well: nothing is lost by it."""
        self._sign_in()

    @rule(steps=st.integers(0, 45))
    def die_later(self, steps: int) -> None:
        """S1, S23: the process of the next run ends between two of its steps."""
        self.faults.steps_to_live = steps

    @rule(steps=st.integers(0, 45))
    def lock_database_later(self, steps: int) -> None:
        """S28"""
        self.faults.steps_to_busy = steps

    @rule(which=numbers, heard=st.booleans())
    def change_during_next_read(self, which: int, heard: bool) -> None:
        """S21: somebody edits after the page was fetched, and the notification is here before the run ends."""

        def meanwhile() -> None:
            self._change(which, {"summary": f"Changed while reading {which}"})
            for calendar in CALENDARS if heard else ():
                self._notify(calendar)

        self.faults.meanwhile = meanwhile

    @rule(which=numbers)
    def stall_during_next_read(self, which: int) -> None:
        """S20: the worker sleeps past its lease with a page in its hands; another takes the lane meanwhile."""

        def meanwhile() -> None:
            self._pass(LEASE.total_seconds())
            self._change(which, {"summary": f"Changed while asleep {which}"})
            for calendar in CALENDARS:
                self._perform("run_lane", self._lane(calendar).pk)
            # What the other worker wrote is what must not be undone.
            self._holds_always()

        self.faults.meanwhile = meanwhile

    @rule()
    def repeat_older_item(self) -> None:
        self.faults.repeats_older_item = True

    @rule(trouble=st.sampled_from(TROUBLES), after=st.integers(0, 2))
    def trouble(self, trouble: dict[str, Any], after: int) -> None:
        match = {"path": "/events", "mailbox": ALICE_AT_GOOGLE, "method": "GET"}
        self.side.sandbox.control("faults", **{"times": 1, "match": match, "after": after} | trouble)

    @rule(status=st.sampled_from((500, 503)))
    def sign_in_server_fails(self, status: int) -> None:
        """S65"""
        self.side.sandbox.control("faults", match={"path": "^/token"}, status=status, times=1)

    @rule(calendar=calendar_ids)
    def void_sync_token(self, calendar: str) -> None:
        """S4"""
        self.side.try_to("sync-tokens/expire", calendar=calendar)

    @rule()
    def end_access(self) -> None:
        self.side.try_to("tokens/expire")

    @rule()
    def withdraw_grant(self) -> None:
        """S61"""
        self.side.try_to("grants/revoke")
        self.withdrawn = True

    @rule(size=st.sampled_from((0, 1, 2, 3)), empty=st.sampled_from((0, 0, 1)), twice=st.booleans())
    def shape_pages(self, size: int, empty: int, twice: bool) -> None:
        self.side.sandbox.control("pages", size=size, empties=empty, duplicates=twice)

    @rule(hours=st.sampled_from((-2, 2)))
    def clock_jumps(self, hours: int) -> None:
        """Ours, not the provider's."""
        self.now.shift(timedelta(hours=hours))

    @rule()
    def release_reads_differently(self) -> None:
        """S13"""
        self.ground.patch.setattr(mapping, "VERSION", mapping.VERSION + 1)

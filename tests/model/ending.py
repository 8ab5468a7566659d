"""The end of every story: faults heal, the work is drained, and the invariants of convergence are demanded."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from calendarsync.domain import Window
from calendarsync.enqueue import lane_started
from calendarsync.models import Account, Calendar, SyncRun
from marketplace.tenancy import every_tenant
from tests.model import truth
from tests.model.holds import Watched
from tests.model.stage import START

SEEN = Window(START - timedelta(days=60), START + timedelta(days=220))


class Ended(Watched):
    """A story that comes to its end. Numbers are those of the specification's list of invariants."""

    def heal_and_compare(self) -> None:
        self.faults.forget()
        self.side.heal()
        self._drain()
        self._holds_always()
        self._converged()
        self._quiet()
        self._reading_everything_again_changes_nothing()
        methods = {
            (line["method"], line["path"].split("?")[0].rpartition("/")[2])
            for line in self.side.requests_of_alice()
        }
        assert {method for method, what in methods if what not in ("watch", "stop")} <= {"GET"}, "a write"
        assert self.side.mails() == 0
        self._no_secrets()

    def _drain(self) -> None:
        """9: without faults, every lane arrives within three days of the clock."""
        before, waited = {lane.pk: lane.last_ok_at for lane in self._lanes()}, 0
        if self.withdrawn:
            assert self._sign_in()
        self._pass(1)
        with every_tenant():
            Calendar.objects.update(next_poll_at=timezone.now())
        while waited < 3 * 86_400:
            for lane in self._lanes():
                lane_started(lane.pk)
            self.queue = [task for task in self.queue if task[0] == "refresh_calendar_list"]
            self._perform("enqueue_due_lanes")
            worked = bool(self.queue)
            for _ in range(60):
                if self.queue:
                    self._perform(*self.queue.pop(0))
            assert not self.queue, f"work without end: {self._states()}"
            if self._has_arrived(before):
                return
            if not worked:
                step = min(3600, max(61, waited // 2))
                self._pass(step)
                waited += step
        raise AssertionError(f"lanes that never arrive: {self._states()}")

    def _states(self) -> list[Any]:
        return [(each.name, each.phase, each.error_code, each.not_before) for each in self._lanes()]

    def _has_arrived(self, before: dict[int, datetime | None]) -> bool:
        # Another time, not a later one: our clock may have been ahead before.
        return all(
            lane.phase == Calendar.Phase.LIVE
            and lane.last_ok_at is not None
            and lane.last_ok_at != before.get(lane.pk)
            and not truth.is_due(lane, timezone.now())
            for lane in self._lanes()
            if lane.selected
        )

    def _converged(self) -> None:
        for lane in self._lanes():
            if lane.selected:
                truth.assert_converged(self.side, lane, SEEN)

    def _quiet(self) -> None:
        """2, 20: another run costs one request a lane and changes nothing."""
        before, revisions = truth.everything(self._account()), truth.revisions(self._account())
        self.side.forget_requests()
        lanes = [lane for lane in self._lanes() if lane.selected]
        with every_tenant():
            Calendar.objects.update(next_poll_at=timezone.now())
        for lane in lanes:
            self._perform("run_lane", lane.pk)
        assert truth.everything(self._account()) == before
        assert truth.revisions(self._account()) == revisions
        asked = [line for line in self.side.requests_of_alice() if line["status"] == 200]
        assert len(asked) == len(lanes)

    def _reading_everything_again_changes_nothing(self) -> None:
        """3, 4, 5: page by page, in the order of storage, the result is the same rows."""
        before = truth.everything(self._account())
        self.side.try_to("sync-tokens/expire")
        self.side.sandbox.control("pages", size=2)
        with every_tenant():
            Calendar.objects.update(voids=0, voids_since=None)
        self._pass(700)
        self._drain()
        assert truth.everything(self._account()) == before
        self._converged()

    def _no_secrets(self) -> None:
        """21"""
        with every_tenant():
            told = [*SyncRun.objects.values_list("error_detail", flat=True)]
            told += [*Calendar.objects.values_list("error_detail", flat=True)]
            told += [*Account.objects.values_list("error_detail", flat=True)]
            secret = [str(value) for value in self._account().credentials.values()]
        assert not [text for text in told if any(each in text for each in secret if len(each) > 12)]

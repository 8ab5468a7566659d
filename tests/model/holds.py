"""What holds after every step of a story. Numbers are those of the specification's list of invariants."""

from typing import Any

from django.utils import timezone
from hypothesis.stateful import invariant

from calendarsync.models import Account, Calendar
from marketplace.tenancy import every_tenant
from tests.model import truth
from tests.model.provider_side import age
from tests.model.stage import Stage


class Watched(Stage):
    """A story that is looked at after every step."""

    @invariant()
    def _holds_always(self) -> None:
        if not hasattr(self, "clock"):
            return
        assert not self.faults.network_in_transaction, "a request inside a transaction"
        for lane in self._lanes():
            events = truth.rows(lane)
            self._holds_for_rows(lane, events)
            self._holds_for_lane(lane, events)
            self._holds_at_rest(lane, events)
        with every_tenant():
            parked = Account.objects.exclude(auth_state=Account.AuthState.OK).exists()
        assert self.withdrawn or not parked, "nobody withdrew the grant"

    def _holds_for_rows(self, lane: Calendar, events: dict[str, Any]) -> None:
        """6: nothing is removed without a cause. 8: no row goes back in time. 14: local ids stay."""
        for remote_id, event in events.items():
            key = (lane.remote_id, remote_id)
            assert self.local_ids.setdefault(key, event.pk) == event.pk, "another local id"
            assert age(event.etag) >= self.newest.get(key, 0) or not event.etag, "an older state came back"
            self.newest[key] = max(age(event.etag), self.newest.get(key, 0))
            if event.removed_at is not None and key not in self.gone_before:
                assert key in self.ever_gone, "removed, but the provider always had it"
        self.gone_before = {each for each in self.gone_before if each[0] != lane.remote_id}
        self.gone_before |= {(lane.remote_id, key) for key, event in events.items() if event.removed_at}
        known = {key for calendar, key in self.local_ids if calendar == lane.remote_id}
        assert known <= events.keys(), "a row was deleted instead of marked"

    def _holds_for_lane(self, lane: Calendar, events: dict[str, Any]) -> None:
        """7: the position is never ahead of the rows. 8: fences rise. 19: what can be seen has a new revision."""
        assert lane.fence >= self.fences.get(lane.pk, 0)
        self.fences[lane.pk] = lane.fence
        now_visible = truth.visible(events.values())
        revision, was_visible = self.seen.get(lane.pk, (lane.revision, now_visible))
        assert lane.revision > revision or now_visible == was_visible, "a change nobody is told of"
        assert lane.revision >= revision
        self.seen[lane.pk] = (lane.revision, now_visible)
        token = truth.sync_token(lane)
        if token != self.checked_tokens.get(lane.pk):
            truth.assert_position_is_safe(self.side, lane)
            self.checked_tokens[lane.pk] = token

    def _holds_at_rest(self, lane: Calendar, events: dict[str, Any]) -> None:
        """5: a lane that waits for its next poll has answered every notification it was given."""
        waits = lane.lease_until is not None or lane.not_before is not None or not lane.selected
        if (
            waits
            or lane.phase != Calendar.Phase.LIVE
            or truth.is_due(lane, timezone.now())
            or self._is_blocked()
        ):
            return
        for remote_id, since in self.owed.pop(lane.remote_id, {}).items():
            if remote_id not in self.theirs[lane.remote_id]:
                continue  # deleted before anybody looked
            ours = events.get(remote_id)
            assert ours is not None, "a notification was lost"
            assert age(ours.etag) >= since, "a notification was lost"

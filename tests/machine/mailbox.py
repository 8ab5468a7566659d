"""One mailbox connected twice: by a tenant whose workers are hurt, and by one that is read undisturbed."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils import timezone

from calendarsync.domain import Kind
from calendarsync.engine import pull
from calendarsync.engine.run import Outcome
from calendarsync.models import Account, Calendar, Cursor, Event, Occurrence, SkippedItem
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import activate_calendar
from tests.calendarsync.stand_in import sign_in
from tests.conftest import signed_in
from tests.machine.processes import eventually
from tests.machine.stack import Stack
from tests.people import make_tenant, make_user

# What may differ between two undisturbed readings of one mailbox: when and by whom it was read.
_OWN = {"id", "tenant_id", "calendar_id", "seen_generation", "removed_at"}
_CONTENT = [field.attname for field in Event._meta.concrete_fields if field.attname not in _OWN]
_PLACES = ("event__remote_id", "original_start", "starts_at", "ends_at", "start_date", "end_date")
# The only requests besides reading that a synchronisation has a reason for.
_HARMLESS = ("/token", "/revoke", "/watch", "/channels/stop")


class Contents(NamedTuple):
    """Everything a calendar shows, as plain values; comparable between calendars of one mailbox."""

    events: dict[str, dict[str, Any]]
    occurrences: list[tuple[Any, ...]]
    unreadable: list[str]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox at the sandbox, its calendar as the disturbed tenant has it, and as the undisturbed one has."""

    stack: Stack
    address: str
    calendar_id: int
    undisturbed_id: int
    owner: User

    @property
    def calendar(self) -> Calendar:
        """The lane as it stands now."""
        with every_tenant():
            return Calendar.objects.select_related("account", "signal", "tenant").get(pk=self.calendar_id)

    @property
    def contents(self) -> Contents:
        """What the disturbed tenant has."""
        return contents_of(self.calendar_id)

    def pages_read(self) -> list[str]:
        """The pages that were asked for, by whichever tenant; counting is not reading."""
        lists = (line for line in self.requests() if "/events?" in line)
        return [line for line in lists if "items%2Fid" not in line]

    def requests(self) -> list[str]:
        """Method and path of every request about it, oldest first."""
        log = self.stack.sandbox.look("log", limit=5000, mailbox=self.address)["requests"]
        return [f"{line['method']} {line['path']}" for line in reversed(log)]

    def send_run(self, queue: str) -> None:
        """Put a run of the disturbed lane on a queue."""
        self.stack.send("run_lane", self.calendar_id, queue=queue)

    def make_due(self) -> None:
        """As if the next poll of the disturbed lane had come."""
        _make_due(self.calendar_id)

    def read_until(self, *outcomes: Outcome) -> None:
        """Read the disturbed lane here, undisturbed so far, until a run comes to one of these.

        Before a schedule ticks: a worker could be first.
        """
        eventually(lambda: _run_now(self.calendar_id) in outcomes, f"a run comes to {outcomes}")

    def have_a_busy_day(self, *, deletions: int = 6) -> None:
        """The owner deletes, renames, moves and adds appointments, and cancels one occurrence: several pages."""
        control, mine = self.stack.sandbox.control, {"mailbox": self.address}
        events, occurrences = self.contents.events, self.contents.occurrences
        singles = [key for key, row in sorted(events.items()) if row["kind"] == Kind.SINGLE]
        gone, moved, renamed = singles[:deletions], singles[-4:], singles[-14:-4]
        for key in gone:
            control("events/delete", id=key, **mine)
        for key in moved:
            control("events/move", id=key, minutes=90, **mine)
        for key in renamed:
            control("events/patch", id=key, changes={"summary": f"Renamed {key[:6]}"}, **mine)
        series, start, *_times = occurrences[0]
        control("events/delete", id=f"{series}_{start}", **mine)
        control("events/random", count=10, **mine)

    def read_undisturbed(self) -> Contents:
        """Read the other tenant's lane to its end, here; what it has then. No worker ever finds it due."""
        _choose(self.undisturbed_id, selected=True)
        _read_to_the_end(self.undisturbed_id)
        _choose(self.undisturbed_id, selected=False)
        return contents_of(self.undisturbed_id)

    def is_settled(self) -> bool:
        """Whether the disturbed lane follows changes and has nothing to do."""
        now, calendar = timezone.now(), self.calendar
        return (
            calendar.phase == Calendar.Phase.LIVE
            and not calendar.lease_owner
            and calendar.next_poll_at is not None
            and calendar.next_poll_at > now
            and calendar.not_before is None
            and calendar.signal.dirty_seq <= calendar.synced_seq
        )

    def settle(self) -> None:
        """Let workers and schedule do what they do until nothing is left to do."""

        self.stack.tick_until(self.is_settled, f"{self.address} is read to its end")

    def assert_as_undisturbed(self) -> None:
        """The acceptance of every kill: same content, no duplicate, a living position, nothing written or mailed."""
        assert self.contents == self.read_undisturbed()
        revision = self.calendar.revision
        _read_to_the_end(self.calendar_id)
        assert self.calendar.revision == revision
        with every_tenant():
            assert Cursor.objects.get(calendar=self.calendar_id, stream=Cursor.Stream.FULL).sync_token
        self.assert_nothing_was_written()

    def assert_nothing_was_written(self) -> None:
        """Reading is all that happened at the provider."""
        writes = [line for line in self.requests() if not line.startswith("GET ")]
        assert [line for line in writes if not line.split("?")[0].endswith(_HARMLESS)] == []
        assert self.stack.sandbox.look("outbox")["count"] == 0

    def local_ids(self) -> dict[str, int]:
        """Our own id of every event, the removed ones included, by the provider's."""
        with every_tenant():
            return dict(Event.objects.filter(calendar=self.calendar_id).values_list("remote_id", "pk"))


def contents_of(calendar_id: int) -> Contents:
    """What stands in the tables for a calendar."""
    with every_tenant():
        living = Event.objects.living().filter(calendar=calendar_id)
        rows = list(living.values(*_CONTENT))
        events = {row["remote_id"]: row for row in rows}
        assert len(events) == len(rows)
        places = Occurrence.objects.filter(calendar=calendar_id).values_list(*_PLACES)
        skipped = SkippedItem.objects.filter(calendar=calendar_id).values_list("remote_id", flat=True)
        return Contents(events, sorted(places, key=repr), sorted(skipped))


def connected_twice(stack: Stack, word: str, *, events: int, page_size: int) -> Mailbox:
    """A new mailbox, connected by two tenants; none of its lanes has run."""
    address = f"{word}@mail.example"
    stack.sandbox.add_mailbox(address, events)
    stack.sandbox.control("pages", calendar=address, size=page_size)
    owners = [make_user(make_tenant(f"{word}-{side}"), "Alice") for side in ("hurt", "calm")]
    hurt, calm = (_connect(stack, owner, address) for owner in owners)
    _choose(calm, selected=False)
    return Mailbox(stack, address, hurt, calm, owners[0])


def _connect(stack: Stack, owner: User, address: str) -> int:
    assert owner.tenant is not None
    activate_calendar(owner.tenant)
    answer = sign_in(signed_in(owner), stack.sandbox, address)
    assert answer.status_code == 302, answer.content
    with every_tenant():
        return int(Calendar.objects.get(account__owner=owner, is_primary=True).pk)


def _choose(calendar_id: int, *, selected: bool) -> None:
    with every_tenant():
        Calendar.objects.filter(pk=calendar_id).update(selected=selected)


def _read_to_the_end(calendar_id: int) -> None:
    """Run the lane here until nothing is left; a worker may be at it as well."""
    ends = (Outcome.DONE, Outcome.COMPLETE)
    eventually(lambda: _run_now(calendar_id) in ends, f"calendar {calendar_id} is read to its end")


def _run_now(calendar_id: int) -> Outcome:
    _make_due(calendar_id)
    return pull.run_lane(calendar_id)


def _make_due(calendar_id: int) -> None:
    with every_tenant():
        Calendar.objects.filter(pk=calendar_id).update(next_poll_at=timezone.now(), not_before=None)


def stop_every_account() -> None:
    """Nothing of this test is due any more in the next one."""
    with every_tenant():
        Account.objects.update(stopped_at=timezone.now(), stopped_by=Account.StoppedBy.USER)

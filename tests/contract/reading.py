"""Reading a mailbox to the end, and events without what each provider makes up itself."""

from dataclasses import dataclass, field, replace

from calendarsync.domain import DeltaPage, Position, RemoteEvent, SnapshotPage, Unreadable
from calendarsync.providers.base import Mailbox
from tests.contract.rig import Rig

_MOST_PAGES = 50


@dataclass(slots=True)
class Reading:
    """All pages of one stream."""

    items: list[RemoteEvent] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    pages: int = 0
    sync_token: str = ""

    @property
    def titles(self) -> list[str]:
        return [item.title for item in self.items]


def read(rig: Rig, mailbox: Mailbox, position: Position = Position()) -> Reading:  # noqa: B008  frozen
    """Every page from `position` on. Fails when a page in the middle claims to end the stream."""
    reading = Reading()
    while reading.pages < _MOST_PAGES:
        page = mailbox.pull(rig.calendar, rig.zone, position)
        assert isinstance(page, DeltaPage if position.sync_token else SnapshotPage)
        reading.items += page.items
        reading.unreadable += page.unreadable
        reading.removed += page.removed if isinstance(page, DeltaPage) else ()
        reading.pages += 1
        if not page.next_page:
            reading.sync_token = page.sync_token
            return reading
        assert not page.sync_token
        position = replace(position, page_token=page.next_page)
    raise AssertionError("the pages do not end")


def plain(event: RemoteEvent) -> RemoteEvent:
    """The event without ids, links and moments, which are the provider's own."""
    return replace(
        event,
        remote_id="", master_remote_id="", etag="", ical_uid="", html_link="", updated_at=None, organiser=None,
    )  # fmt: skip

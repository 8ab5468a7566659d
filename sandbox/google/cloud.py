"""Everything Google keeps, wired together once."""

from dataclasses import dataclass, field

from sandbox.google.channels import Channels
from sandbox.google.grants import Grants
from sandbox.google.signing import Identity
from sandbox.google.store import Store
from sandbox.google.tokens import Signer
from sandbox.world import World


@dataclass(slots=True)
class PageShape:
    """What control does to pages: at most `size` items, `empties` empty pages first, items sent twice."""

    size: int = 0
    empties: int = 0
    duplicates: bool = False


@dataclass(slots=True)
class Cloud:
    world: World
    store: Store
    grants: Grants
    channels: Channels
    identity: Identity
    page_shapes: dict[str, PageShape] = field(default_factory=dict)

    @property
    def signer(self) -> Signer:
        return Signer(self.world.secret)

    def page_shape(self, calendar: str) -> PageShape:
        """The shape set for that calendar, or for all (key "")."""
        return self.page_shapes.get(calendar) or self.page_shapes.get("") or PageShape()

    def load(self) -> bool:
        """Fill from storage; False when there was nothing. Raises ValueError, KeyError or TypeError."""
        self.world.load()
        if not self.world.mailboxes:
            return False
        self.grants.load()
        self.store.load(self.world.facts.get("base_url", self.world.base_url))
        self.channels.load()
        return True

    def forget(self) -> None:
        self.channels.forget()
        self.store.forget()
        self.grants.forget()
        self.page_shapes.clear()
        self.world.forget()


def build_cloud(world: World, *, https_only_webhooks: bool = False) -> Cloud:
    store = Store(world)
    channels = Channels(world, https_only=https_only_webhooks)
    store.listeners.append(channels.changed)
    return Cloud(world, store, Grants(world), channels, Identity(world))

"""What a module's own app does when something happens here.

The catalogue names the hooks by dotted path, because this layer may not import the layers above it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from marketplace.catalogue import Module
from marketplace.models import Tenant, User


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """What a module holds at one tenant, told before it is deactivated or uninstalled."""

    connections: int = 0
    events: int = 0
    meetings: int = 0


@dataclass(frozen=True, slots=True)
class Attention:
    """Something of a colleague in a module that does not go on by itself; `since` in UTC, None where unknown."""

    person: str
    subject: str
    words: str
    since: datetime | None


class ModuleHooks(Protocol):
    """The functions a hooks module has. All run inside the caller's transaction and the tenant's scope."""

    def on_activated(self, *, tenant: Tenant, by: User) -> None:
        """The module begins its work."""

    def on_deactivated(self, *, tenant: Tenant, by: User) -> None:
        """The module stops its work and keeps what it has."""

    def on_uninstalled(self, *, tenant: Tenant, by: User) -> None:
        """The module removes its connections and its copies; nothing at a provider is touched."""

    def on_addresses_changed(self, *, user: User) -> None:
        """The addresses by which `user` is known have changed; called after the commit."""

    def attention(self, *, tenant: Tenant) -> Sequence[Attention]:
        """What an administrator should know of, while the module is active."""

    def facts(self, *, tenant: Tenant) -> ModuleFacts:
        """Count what there is; `meetings` are those with CRM fields."""


def hooks_of(module: Module) -> ModuleHooks:
    """The hooks of `module`, imported on first use."""
    return cast("ModuleHooks", import_module(module.hooks))

"""Reads of the marketplace that others need."""

from dataclasses import dataclass

from django.db.models import QuerySet

from marketplace.catalogue import CATALOGUE, Module, Option
from marketplace.models import AuditEntry, BillingLine, Installation, User, UserAddress


def installation_of(module_key: str) -> Installation | None:
    """The installation of a module at the tenant in scope; None when it is not installed."""
    return Installation.objects.filter(module=module_key).first()


def is_active(module_key: str) -> bool:
    """Whether the tenant in scope uses the module now."""
    installation = installation_of(module_key)
    return installation is not None and installation.is_active


@dataclass(frozen=True, slots=True)
class OptionState:
    """An option as the tenant in scope has it."""

    option: Option
    on: bool


@dataclass(frozen=True, slots=True)
class ModuleState:
    """An entry of the catalogue as the tenant in scope has it; `state` is absent, installed or active."""

    module: Module
    state: str
    options: tuple[OptionState, ...]

    @property
    def is_active(self) -> bool:
        """Whether the module does its work now."""
        return self.state == Installation.State.ACTIVE

    @property
    def monthly_cents(self) -> int:
        """What the paid options that are on cost a month."""
        return sum(state.option.monthly_cents for state in self.options if state.on)

    @property
    def cheapest_cents(self) -> int:
        """The lowest monthly price of the paid options; 0 when there is none."""
        return min(
            (state.option.monthly_cents for state in self.options if state.option.monthly_cents), default=0
        )


def catalogue() -> list[ModuleState]:
    """Every module with its state at the tenant in scope, in the order of the catalogue."""
    installations = {row.module: row for row in Installation.objects.all()}
    return [_state_of(module, installations.get(module.key)) for module in CATALOGUE.values()]


def module_state(module: Module) -> ModuleState:
    """One module with its state at the tenant in scope."""
    return _state_of(module, installation_of(module.key))


def _state_of(module: Module, installation: Installation | None) -> ModuleState:
    options = tuple(
        OptionState(option, on=installation is not None and installation.has(option.key))
        for option in module.options
    )
    return ModuleState(module, state=installation.state if installation else "absent", options=options)


def audit_trail(*, module_key: str = "", action: str = "") -> QuerySet[AuditEntry]:
    """The audit log of the tenant in scope, newest first; of one module or one action when given."""
    entries = AuditEntry.objects.all()
    if module_key:
        entries = entries.filter(module=module_key)
    return entries.filter(action=action) if action else entries


def ledger(module: Module) -> QuerySet[BillingLine]:
    """What the module's options have cost the tenant in scope, newest month first."""
    return BillingLine.objects.filter(item__startswith=f"{module.key}.").select_related("by")


def owner_of_address(address: str) -> User | None:
    """The person of the tenant in scope who is known by `address`, in any letter case."""
    wanted = address.strip()
    alias = UserAddress.objects.filter(address__iexact=wanted).select_related("user").first()
    return alias.user if alias else User.objects.filter(email__iexact=wanted).first()


def addresses_of(user: User) -> list[str]:
    """Every address by which `user` is known, in lower case, the one of the login first."""
    return [user.email.casefold(), *(row.address.casefold() for row in user.addresses.order_by("pk"))]

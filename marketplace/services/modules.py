"""The life of a module at a tenant: install, activate, deactivate, uninstall, and its options.

Every step is guarded by the state it starts from, so a double click or a second tab does nothing twice: the
later one gets StepRefused and nothing is written.
"""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carerix_calendar.lib.errors import AppError
from marketplace.catalogue import Module
from marketplace.hooks import hooks_of
from marketplace.models import AuditEntry, Installation, Tenant, User
from marketplace.services.audit import record
from marketplace.services.billing import bill_option
from marketplace.services.sessions import end_sessions

Action = AuditEntry.Action
State = Installation.State
ABSENT = "absent"
ON, OFF = "on", "off"


class StepRefused(AppError):
    """The module is not, or no longer, in the state this step starts from."""

    code = "step_refused"
    sentence = _("Nothing was changed: somebody did this already, or the module has another state by now.")


class FeeNotAccepted(AppError):
    """A paid option was switched on without an explicit yes to its fee."""

    code = "fee_not_accepted"
    sentence = _("Please confirm the monthly fee first.")


class UnknownOption(AppError):
    """The module has no such option."""

    code = "unknown_option"
    sentence = _("This module has no such option.")


@transaction.atomic
def install_module(*, tenant: Tenant, module: Module, by: User) -> None:
    """Put the module at the tenant's disposal; users notice nothing yet. Raises StepRefused."""
    _installation, created = Installation.objects.get_or_create(tenant=tenant, module=module.key)
    if not created:
        raise StepRefused
    _audit(tenant, module, by, Action.MODULE_INSTALLED, before=ABSENT, after=State.INSTALLED)


@transaction.atomic
def activate_module(*, tenant: Tenant, module: Module, by: User) -> None:
    """Start the module; everybody of the tenant logs in again. Raises StepRefused."""
    _move(tenant, module, before=State.INSTALLED, after=State.ACTIVE)
    _audit(tenant, module, by, Action.MODULE_ACTIVATED, before=State.INSTALLED, after=State.ACTIVE)
    hooks_of(module).on_activated(tenant=tenant, by=by)
    end_sessions(tenant=tenant, reason=Tenant.SessionReason.ACTIVATED)


@transaction.atomic
def deactivate_module(*, tenant: Tenant, module: Module, by: User) -> None:
    """Stop the module and its paid options, keep its data; everybody logs in again. Raises StepRefused."""
    _move(tenant, module, before=State.ACTIVE, after=State.INSTALLED)
    _switch(tenant, module, by, {option.key: False for option in module.options if option.monthly_cents})
    _audit(tenant, module, by, Action.MODULE_DEACTIVATED, before=State.ACTIVE, after=State.INSTALLED)
    hooks_of(module).on_deactivated(tenant=tenant, by=by)
    end_sessions(tenant=tenant, reason=Tenant.SessionReason.DEACTIVATED)


@transaction.atomic
def uninstall_module(*, tenant: Tenant, module: Module, by: User) -> None:
    """Remove a deactivated module with its connections and copies. Raises StepRefused."""
    deleted, _details = Installation.objects.filter(module=module.key, state=State.INSTALLED).delete()
    if not deleted:
        raise StepRefused
    _audit(tenant, module, by, Action.MODULE_UNINSTALLED, before=State.INSTALLED, after=ABSENT)
    hooks_of(module).on_uninstalled(tenant=tenant, by=by)


@transaction.atomic
def set_options(
    *, tenant: Tenant, module: Module, choices: Mapping[str, bool], by: User, accepted_cents: int = 0
) -> None:
    """Switch options of an active module on or off; what is so already is left alone.

    `accepted_cents` is the monthly sum the user said yes to: it must cover the paid options that go on, and
    the running month is charged at once (never twice). Raises StepRefused, UnknownOption or FeeNotAccepted.
    """
    changed = _switch(tenant, module, by, choices, only_when=State.ACTIVE)
    bought = [option for option in module.options if changed.get(option.key) and option.monthly_cents]
    if sum(option.monthly_cents for option in bought) > accepted_cents:
        raise FeeNotAccepted
    for option in bought:
        bill_option(tenant=tenant, module=module, option=option, by=by, now=timezone.now())


def _move(tenant: Tenant, module: Module, *, before: State, after: State) -> None:
    rows = Installation.objects.filter(tenant=tenant, module=module.key, state=before)
    if rows.update(state=after, changed_at=timezone.now()) != 1:
        raise StepRefused


def _switch(
    tenant: Tenant, module: Module, by: User, choices: Mapping[str, bool], only_when: State | None = None
) -> dict[str, bool]:
    """Store the choices that differ from what is stored, audit each, and return them."""
    if not choices.keys() <= {option.key for option in module.options}:
        raise UnknownOption
    installation = Installation.objects.select_for_update().filter(tenant=tenant, module=module.key).first()
    if installation is None or (only_when and installation.state != only_when):
        raise StepRefused
    changed = {key: on for key, on in choices.items() if installation.has(key) != on}
    installation.options |= changed
    installation.save(update_fields=["options", "changed_at"])
    for key, on in changed.items():
        states = (OFF, ON) if on else (ON, OFF)
        _audit(tenant, module, by, Action.OPTION_CHANGED, before=states[0], after=states[1], option=key)
    return changed


def _audit(
    tenant: Tenant, module: Module, by: User, action: Action, *, before: str, after: str, option: str = ""
) -> None:
    subject = f"{module.key}.{option}" if option else module.key
    record(
        tenant=tenant, by=by, action=action, module=module.key, subject=subject, before=before, after=after
    )

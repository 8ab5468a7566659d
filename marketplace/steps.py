"""Modules and their steps by the names they have in addresses; a name that does not exist is 404."""

from collections.abc import Callable

from django.http import Http404

from marketplace.catalogue import CATALOGUE, Module
from marketplace.services.modules import (
    activate_module,
    deactivate_module,
    install_module,
    uninstall_module,
)

STEPS: dict[str, Callable[..., None]] = {
    "install": install_module,
    "activate": activate_module,
    "deactivate": deactivate_module,
    "uninstall": uninstall_module,
}


def module_named(key: str) -> Module:
    """An entry of the catalogue. Raises Http404."""
    try:
        return CATALOGUE[key]
    except KeyError as error:
        raise Http404 from error


def step_named(name: str) -> Callable[..., None]:
    """The service that takes this step; it wants `tenant`, `module` and `by`. Raises Http404."""
    try:
        return STEPS[name]
    except KeyError as error:
        raise Http404 from error

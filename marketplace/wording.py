"""The words for the codes in audit log and ledger: which module or option, which state."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.catalogue import CATALOGUE

STATES: dict[str, Promise] = {
    "absent": _("Not installed"),
    "installed": _("Installed"),
    "active": _("Active"),
    "on": _("On"),
    "off": _("Off"),
}


def state_words(code: str) -> str | Promise:
    """The words for a state; what is no code is shown as it is."""
    return STATES.get(code, code)


def subject_words(key: str) -> str | Promise:
    """The name of a module ("calendar") or of its option ("calendar.scheduler"); a name stays a name."""
    module_key, _dot, option_key = key.partition(".")
    module = CATALOGUE.get(module_key)
    if module is None:
        return key
    return {"": module.name, **{option.key: option.label for option in module.options}}.get(option_key, key)

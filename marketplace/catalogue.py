"""The modules a tenant can install, declared in code and reviewed like code."""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Option:
    """A switch of a module. `monthly_cents` above zero makes turning it on a purchase that needs a yes."""

    key: str
    label: Promise
    explanation: Promise
    monthly_cents: int = 0


@dataclass(frozen=True, slots=True)
class Module:
    """An entry of the catalogue. `hooks` is the dotted path of what its app does when the state changes,
    `page` the name of the page it brings.

    Its texts are templates, in templates/marketplace/<key>/: about, install, activate, deactivate, uninstall.
    """

    key: str
    category: Promise
    name: Promise
    summary: Promise
    icon: str
    page: str
    hooks: str
    options: tuple[Option, ...] = field(default=())

    def option(self, key: str) -> Option:
        """The option called `key`; raises KeyError."""
        return {option.key: option for option in self.options}[key]


CALENDAR = Module(
    key="calendar",
    category=_("Productivity"),
    name=_("Calendar"),
    summary=_("Your calendar here and your calendar at Google become one, within seconds and by themselves."),
    icon="_icons/calendar.html",
    page="calendar",
    hooks="calendarsync.services.module",
    options=(
        Option(
            key="show_both_versions",
            label=_("Show both old and new version of the Calendar"),
            explanation=_(
                "Calendar 1.0 stays in the menu beside Calendar 2.0 while colleagues get used to it."
            ),
        ),
        Option(
            key="scheduler",
            label=_("Scheduler is active"),
            explanation=_(
                "Booking pages on which candidates choose a time themselves. The pages follow with a coming "
                "version; the fee is charged from the month in which you switch this on."
            ),
            monthly_cents=1500,
        ),
    ),
)

CATALOGUE: dict[str, Module] = {module.key: module for module in (CALENDAR,)}

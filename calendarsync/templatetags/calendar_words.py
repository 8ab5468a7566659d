"""Words about events and the people in them, for templates."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calendarsync.domain import Response, Special
from calendarsync.models import Event

register = template.Library()

_ANSWERS: dict[str, Promise] = {
    Response.ACCEPTED: gettext_lazy("accepted"),
    Response.TENTATIVE: gettext_lazy("maybe"),
    Response.DECLINED: gettext_lazy("declined"),
    Response.NONE: gettext_lazy("no answer yet"),
}
_SPECIALS: dict[str, Promise] = {
    Special.BIRTHDAY: gettext_lazy("Birthday"),
    Special.FOCUS_TIME: gettext_lazy("Focus time"),
    Special.FROM_MAIL: gettext_lazy("From an e-mail"),
    Special.OUT_OF_OFFICE: gettext_lazy("Out of office"),
    Special.WORKING_LOCATION: gettext_lazy("Working location"),
    Special.UNKNOWN: gettext_lazy("Managed by the provider"),
}
Person = dict[str, Any]


@register.filter
def special_words(event: Event) -> str:
    """What kind of special event it is; "" for an ordinary one."""
    return str(_SPECIALS.get(event.special, ""))


@register.filter
def person_name(person: Person) -> str:
    """The name, else the address, else that nothing is known."""
    return person.get("name") or person.get("address") or _("unknown")


@register.filter
def answer_words(person: Person) -> str:
    """The answer in a word; rooms and other resources say so instead."""
    if person.get("resource"):
        return _("room or resource")
    return str(_ANSWERS.get(person.get("response", ""), _ANSWERS[Response.NONE]))


@register.filter
def by_answer(people: Sequence[Person]) -> list[Person]:
    """Yes, maybe, no answer, no; rooms last; otherwise by name."""
    order = [Response.ACCEPTED, Response.TENTATIVE, Response.NONE, Response.DECLINED]

    def rank(person: Person) -> tuple[bool, int, str]:
        response = person.get("response") or Response.NONE
        return bool(person.get("resource")), order.index(Response(response)), person_name(person).casefold()

    return sorted(people, key=rank)


@register.filter
def answers_summary(people: Sequence[Person]) -> str:
    """ "3 accepted, 1 declined": how many gave each answer, in order of `by_answer`."""
    counts = Counter(answer_words(person) for person in by_answer(people))
    return ", ".join(f"{count} {answer}" for answer, count in counts.items())

"""Numbers of the synchronisation in templates."""

from datetime import date

from django import template
from django.utils.formats import date_format

from calendarsync.selectors.status_words import count

register = template.Library()
register.filter("count", count)


@register.filter
def day_of(stamp: str) -> str:
    """The day of a provider's date or time in the reader's words; text that is no date stays as it is."""
    try:
        return date_format(date.fromisoformat(stamp[:10]), "j F Y")
    except ValueError:
        return stamp

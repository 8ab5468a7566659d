"""The kinds of work a tenant distinguishes."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from activities.models.list_entry import ListEntry

HEX = r"^#[0-9a-f]{6}$"
validate_colour = RegexValidator(HEX, _("Give a colour as #rrggbb in lower case, such as #0b7a75."))


class ActivityType(ListEntry):
    """A type such as "Phone interview"; its colour marks appointments and meetings everywhere."""

    colour = models.CharField(_("colour"), max_length=7, default="#5f6b7a", validators=[validate_colour])

    class Meta(ListEntry.Meta):
        verbose_name = _("activity type")
        verbose_name_plural = _("activity types")
        constraints = (
            *ListEntry.Meta.constraints,
            models.CheckConstraint(condition=models.Q(colour__regex=HEX), name="activitytype_colour_is_hex"),
        )

"""Rooms and things that are needed for an appointment."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from activities.models.list_entry import ListEntry


class Facility(ListEntry):
    """A meeting room, a car, a projector; `url` leads to its description or its own calendar."""

    location = models.CharField(_("location"), max_length=1024, blank=True)
    description = models.TextField(_("description"), blank=True)
    url = models.URLField(_("web address"), max_length=500, blank=True)

    class Meta(ListEntry.Meta):
        verbose_name = _("facility")
        verbose_name_plural = _("facilities")

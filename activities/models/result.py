"""How work ended."""

from django.utils.translation import gettext_lazy as _

from activities.models.list_entry import ListEntry


class Result(ListEntry):
    """An outcome such as "No show" or "Invited for a second interview"."""

    class Meta(ListEntry.Meta):
        verbose_name = _("result")
        verbose_name_plural = _("results")

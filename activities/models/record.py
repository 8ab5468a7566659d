"""The host CRM's own rows, as far as activities and meetings refer to them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from marketplace.models import TenantRow


class Record(TenantRow):
    """A candidate, contact, company, vacancy or match; the host CRM is its source and gives `external_id`."""

    class Kind(models.TextChoices):
        CANDIDATE = "candidate", _("Candidate")
        CONTACT = "contact", _("Contact")
        COMPANY = "company", _("Company")
        VACANCY = "vacancy", _("Vacancy")
        MATCH = "match", _("Match")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    external_id = models.CharField(_("id in the CRM"), max_length=100)
    name = models.CharField(_("name"), max_length=300)
    headline = models.CharField(_("headline"), max_length=300, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name", "id")
        verbose_name = _("record")
        verbose_name_plural = _("records")
        constraints = (
            models.UniqueConstraint("tenant", "kind", "external_id", name="record_once_per_tenant"),
            models.CheckConstraint(condition=~models.Q(external_id=""), name="record_has_external_id"),
        )
        indexes = (models.Index(fields=("tenant", "name", "id"), name="record_by_name"),)

    def __str__(self) -> str:
        return self.name


class RecordAddress(TenantRow):
    """An e-mail address by which attendees are recognised as a record. Several records may share one."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="addresses")
    address = models.EmailField(_("e-mail address"))

    class Meta:
        verbose_name = _("e-mail address of a record")
        verbose_name_plural = _("e-mail addresses of records")
        constraints = (
            models.UniqueConstraint("record", Lower("address"), name="recordaddress_once_per_record"),
        )
        indexes = (models.Index("tenant", Lower("address"), name="recordaddress_lookup"),)

    def __str__(self) -> str:
        return self.address

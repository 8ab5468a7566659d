"""A push subscription at a provider."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from calendarsync.models.calendar import Calendar
from marketplace.models import TenantRow


class Channel(TenantRow):
    """Written before the provider is asked, so that a subscription we cannot name never exists."""

    class State(models.TextChoices):
        REGISTERING = "registering", _("Being registered")
        ACTIVE = "active", _("Active")
        REFUSED = "refused", _("Cannot be watched")
        SILENT = "silent", _("Fell silent")

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="channels")
    channel_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Only a hash: who reads our database must not be able to forge notifications.
    secret_hash = models.CharField(max_length=64)
    resource_id = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.REGISTERING)
    expires_at = models.DateTimeField()
    renew_at = models.DateTimeField(help_text="From then on a successor is opened, or another attempt made")
    created_at = models.DateTimeField(auto_now_add=True)
    verified_at = models.DateTimeField(null=True, help_text="First message received")
    last_message_at = models.DateTimeField(null=True)
    # Numbers rise with every message of a channel, so a repeated or replayed one is known by its number.
    last_number = models.BigIntegerField(null=True)
    doubted_at = models.DateTimeField(
        null=True, help_text="A poll found what this channel had not announced; its next message clears it"
    )
    silences = models.PositiveSmallIntegerField(
        default=0, help_text="Predecessors that fell silent in a row; its first news makes it 0"
    )

    class Meta:
        indexes = (models.Index(fields=("calendar", "renew_at"), name="channel_to_renew"),)

    def __str__(self) -> str:
        return str(self.channel_id)


def verified(now: datetime) -> Q:
    """Channels that have spoken and last."""
    return Q(state=Channel.State.ACTIVE, verified_at__isnull=False, expires_at__gt=now)


def trust() -> Case:
    """How far a channel is relied on, in a word. The first that holds: "silent" (a silent one's successor, too, until
    it told news), "doubtful", "mute" (not one message yet), "works", else its state.
    """
    return Case(
        When(Q(state=Channel.State.SILENT) | Q(silences__gt=0), then=Value("silent")),
        When(doubted_at__isnull=False, then=Value("doubtful")),
        When(state=Channel.State.ACTIVE, verified_at=None, then=Value("mute")),
        When(state=Channel.State.ACTIVE, then=Value("works")),
        default=F("state"),
    )


def working(now: datetime) -> Q:
    """Channels that are relied on: nothing went by unannounced, and a successor of a silent one has told news."""
    return verified(now) & Q(doubted_at=None, silences=0)

"""The synchronisation for operators: to be read, stopped and restarted; no secrets, no contents of events."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from calendarsync.models import Account, Calendar, Channel, SkippedItem, SyncRun
from calendarsync.models.account import CONNECTED
from calendarsync.services import control
from marketplace.admin import ReadOnly


@admin.register(Account)
class AccountAdmin(ReadOnly):
    """Connections. Their credentials are not among the fields."""

    list_display = (
        "address", "owner", "tenant", "provider", "auth_state", "stopped_by", "blocked_until", "error_code",
        "error_at", "connected_at",
    )  # fmt: skip
    list_filter = (
        "provider", "auth_state", "stopped_by", ("closing_since", admin.EmptyFieldListFilter), "error_code", "tenant",
    )  # fmt: skip
    list_select_related = ("owner", "tenant")
    search_fields = ("address", "owner__email", "public_id")
    fields = (
        "tenant", "owner", "public_id", "provider", "host", "subject", "address", "display_name", "auth_state",
        "stopped_at", "stopped_by", "blocked_until", "refreshing_until", "cred_version", "error_code",
        "error_detail", "error_at", "connected_at", "list_read_at", "told_at", "closing_since", "keeps_copies",
    )  # fmt: skip
    actions = ("stop", "restart")

    @admin.action(description=_("Stop synchronisation"))
    def stop(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        """Stopped as by an administrator; the owner sees so and can restart."""
        for account in queryset:
            control.pause(account=account, stopped_by=Account.StoppedBy.ADMIN, now=timezone.now())
        self._tell(request, queryset.count())

    @admin.action(description=_("Restart synchronisation"))
    def restart(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        """Everything is read again beside what is here."""
        for account in queryset.filter(CONNECTED):
            control.restart(account=account, now=timezone.now())
        self._tell(request, queryset.count())

    def _tell(self, request: HttpRequest, number: int) -> None:
        words = ngettext("%(number)d connection was told.", "%(number)d connections were told.", number)
        self.message_user(request, words % {"number": number}, messages.SUCCESS)


@admin.register(Calendar)
class CalendarAdmin(ReadOnly):
    """Lanes: who reads them, how far they are, what they wait for."""

    list_display = (
        "name", "account", "tenant", "selected", "phase", "failures", "error_code", "last_ok_at", "next_poll_at",
        "not_before", "lease_until",
    )  # fmt: skip
    list_filter = ("phase", "selected", "error_code", "account__provider", "tenant")
    list_select_related = ("account", "tenant")
    search_fields = ("name", "account__address")


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnly):
    """What runs did."""

    list_display = (
        "started_at", "calendar", "tenant", "phase", "outcome", "pages", "changed", "removed", "skipped", "error_code",
        "seconds",
    )  # fmt: skip
    list_filter = ("outcome", "phase", "started_at", "error_code", "tenant")
    list_select_related = ("calendar", "tenant")
    search_fields = ("calendar__name", "calendar__account__address")

    @admin.display(description=_("Seconds"))
    def seconds(self, run: SyncRun) -> str:
        """How long it took."""
        return f"{(run.finished_at - run.started_at).total_seconds():.1f}"


@admin.register(SkippedItem)
class SkippedItemAdmin(ReadOnly):
    """What could not be read, and why; the title stays with its owner."""

    list_display = ("remote_id", "calendar", "tenant", "reason", "first_seen_at", "last_seen_at")
    list_filter = ("reason", "last_seen_at", "tenant")
    list_select_related = ("calendar", "tenant")
    search_fields = ("remote_id", "calendar__account__address")
    fields = ("tenant", "calendar", "remote_id", "date", "reason", "first_seen_at", "last_seen_at")


@admin.register(Channel)
class ChannelAdmin(ReadOnly):
    """Push subscriptions."""

    list_display = (
        "channel_id",
        "calendar",
        "tenant",
        "state",
        "verified_at",
        "last_message_at",
        "doubted_at",
        "silences",
        "expires_at",
    )
    list_filter = ("state", "expires_at", "tenant")
    list_select_related = ("calendar", "tenant")
    search_fields = ("channel_id", "calendar__account__address")
    fields = (
        "tenant", "calendar", "channel_id", "resource_id", "state", "created_at", "verified_at", "last_message_at",
        "last_number", "doubted_at", "silences", "renew_at", "expires_at",
    )  # fmt: skip

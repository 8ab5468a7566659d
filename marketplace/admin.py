"""The marketplace for operators. What happened and what it costs can be read there, not changed."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from marketplace.models import AuditEntry, BillingLine, Installation, Tenant, User, UserAddress


class ReadOnly(admin.ModelAdmin):
    """Rows that nobody edits by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Tenant)
class TenantAdmin(admin.ModelAdmin):
    """Customers."""

    list_display = ("name", "slug", "time_zone", "language", "session_epoch")
    search_fields = ("name", "slug")
    readonly_fields = ("session_epoch", "session_reason", "created_at")


class CreationForm(AdminUserCreationForm):
    """Asks for what every person has."""

    class Meta:
        model = User
        fields = ("email", "name", "tenant", "role", "is_staff")


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People, and operators."""

    add_form = CreationForm
    ordering = ("name",)
    list_display = ("name", "email", "tenant", "role", "is_active", "is_staff")
    list_filter = ("role", "is_active", "is_staff", "tenant")
    search_fields = ("name", "email")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "tenant", "role", "can_see_colleagues")}),
        (_("Choices"), {"fields": ("language", "time_zone", "clock", "first_weekday", "theme")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "email",
                    "name",
                    "tenant",
                    "role",
                    "is_staff",
                    "usable_password",
                    "password1",
                    "password2",
                )
            },
        ),
    )


@admin.register(UserAddress)
class UserAddressAdmin(admin.ModelAdmin):
    """Aliases."""

    list_display = ("address", "user", "tenant")
    search_fields = ("address",)
    autocomplete_fields = ("user",)


@admin.register(Installation)
class InstallationAdmin(ReadOnly):
    """Modules of tenants; their steps are taken in the Marketplace, where they are recorded."""

    list_display = ("tenant", "module", "state", "changed_at")
    list_filter = ("module", "state")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    """What happened."""

    list_display = ("at", "tenant", "actor_name", "action", "subject", "before", "after")
    list_filter = ("action", "tenant")


@admin.register(BillingLine)
class BillingLineAdmin(ReadOnly):
    """What it costs."""

    list_display = ("tenant", "item", "month", "amount_cents", "by")
    list_filter = ("tenant", "item")

"""Records and activities for operators, who see every tenant; links to rows of another tenant are refused."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models

from activities.models import Activity, ActivityType, Facility, Record, RecordAddress, Result


class AddressInline(admin.TabularInline):
    """Addresses on the page of their record."""

    model = RecordAddress
    fields = ("tenant", "address")
    extra = 0


@admin.register(Record)
class RecordAdmin(admin.ModelAdmin):
    """Rows of the host CRM."""

    list_display = ("name", "kind", "external_id", "owner", "tenant")
    list_filter = ("kind", "tenant")
    list_select_related = ("owner", "tenant")
    search_fields = ("name", "external_id")
    autocomplete_fields = ("tenant", "owner")
    inlines = (AddressInline,)


@admin.register(ActivityType, Result, Facility)
class ListEntryAdmin(admin.ModelAdmin):
    """The tenants' lists."""

    formfield_overrides: ClassVar[dict[Any, Any]] = {models.URLField: {"assume_scheme": "https"}}
    list_display = ("name", "tenant", "position", "is_active")
    list_filter = ("is_active", "tenant")
    list_select_related = ("tenant",)
    search_fields = ("name",)
    autocomplete_fields = ("tenant",)


@admin.register(Activity)
class ActivityAdmin(admin.ModelAdmin):
    """Work of all tenants, latest first."""

    list_display = ("subject", "kind", "owner", "occurs_at", "status", "tenant")
    list_filter = ("kind", "status", "tenant")
    list_select_related = ("owner", "tenant")
    search_fields = ("subject", "external_id", "synchronised_as")
    autocomplete_fields = ("tenant", "owner", "type", "result", "facility", "records")
    readonly_fields = ("occurs_at", "created_at", "changed_at")

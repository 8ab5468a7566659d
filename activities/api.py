"""REST resources of the activities app. Reading only."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ReadOnlyModelViewSet

from activities.filters import ActivityFilter, RecordFilter
from activities.models import Activity, ActivityType, Facility, Record, Result
from activities.querysets import ActivityQuerySet
from activities.serializers import (
    ActivitySerializer,
    ActivityTypeSerializer,
    FacilitySerializer,
    RecordSerializer,
    ResultSerializer,
)
from marketplace.paging import Pages


@extend_schema_view(
    list=extend_schema(
        summary="List activities",
        description=(
            "Activities of the tenant, latest first. Filters narrow together; `q` searches every word in "
            "subject, description, location and names of records. Appointments that became synchronised "
            "meetings are left out unless `synchronised` asks for them. Senseless values give 400."
        ),
    ),
    retrieve=extend_schema(summary="Read one activity"),
)
class ActivityViewSet(ReadOnlyModelViewSet[Activity]):
    """Appointments of Calendar 1.0, tasks, calls and notes."""

    serializer_class = ActivitySerializer
    filterset_class = ActivityFilter
    pagination_class = Pages
    queryset = Activity.objects.none()

    def get_queryset(self) -> ActivityQuerySet:
        """Those of the tenant in scope, with everything they name."""
        return Activity.objects.with_names()

    def filter_queryset(self, queryset: Any) -> Any:
        """Filters are for the list: whoever knows an id may read it, synchronised or not."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset


@extend_schema_view(
    list=extend_schema(
        summary="List records",
        description=(
            "Records of the tenant by name. `q` searches the name; `address` finds those with that e-mail "
            "address in any letter case."
        ),
    ),
    retrieve=extend_schema(summary="Read one record"),
)
class RecordViewSet(ReadOnlyModelViewSet[Record]):
    """Candidates, contacts, companies, vacancies and matches of the host CRM."""

    serializer_class = RecordSerializer
    filterset_class = RecordFilter
    pagination_class = Pages
    queryset = Record.objects.none()

    def get_queryset(self) -> Any:
        """Those of the tenant in scope, with owner and addresses."""
        return Record.objects.select_related("owner").prefetch_related("addresses")


@extend_schema_view(
    list=extend_schema(summary="List activity types", description="The tenant's own types, in its order."),
    retrieve=extend_schema(summary="Read one activity type"),
)
class ActivityTypeViewSet(ReadOnlyModelViewSet[ActivityType]):
    """Types with their colours."""

    serializer_class = ActivityTypeSerializer
    pagination_class = Pages
    queryset = ActivityType.objects.none()

    def get_queryset(self) -> Any:
        """Those of the tenant in scope."""
        return ActivityType.objects.all()


@extend_schema_view(
    list=extend_schema(summary="List results", description="The tenant's own outcomes, in its order."),
    retrieve=extend_schema(summary="Read one result"),
)
class ResultViewSet(ReadOnlyModelViewSet[Result]):
    """Outcomes of activities."""

    serializer_class = ResultSerializer
    pagination_class = Pages
    queryset = Result.objects.none()

    def get_queryset(self) -> Any:
        """Those of the tenant in scope."""
        return Result.objects.all()


@extend_schema_view(
    list=extend_schema(summary="List facilities", description="The tenant's rooms and things, in its order."),
    retrieve=extend_schema(summary="Read one facility"),
)
class FacilityViewSet(ReadOnlyModelViewSet[Facility]):
    """Rooms and things."""

    serializer_class = FacilitySerializer
    pagination_class = Pages
    queryset = Facility.objects.none()

    def get_queryset(self) -> Any:
        """Those of the tenant in scope."""
        return Facility.objects.all()


router = SimpleRouter()
router.register("activities", ActivityViewSet, basename="api-activity")
router.register("records", RecordViewSet, basename="api-record")
router.register("activity-types", ActivityTypeViewSet, basename="api-activity-type")
router.register("results", ResultViewSet, basename="api-result")
router.register("facilities", FacilityViewSet, basename="api-facility")

urlpatterns: list[URLPattern | URLResolver] = [path("", include(router.urls))]

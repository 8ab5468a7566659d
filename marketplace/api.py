"""REST resources of the marketplace: who am I, modules and their steps, the audit log."""

from typing import cast

from django.db.models import QuerySet
from django.urls import path
from django_filters import ChoiceFilter, FilterSet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace import selectors
from marketplace.access import IsAdministrator, MemberRequest
from marketplace.catalogue import CATALOGUE
from marketplace.models import AuditEntry
from marketplace.paging import Pages
from marketplace.serializers import (
    AuditEntrySerializer,
    MeSerializer,
    ModuleSerializer,
    OptionChoicesSerializer,
)
from marketplace.services.modules import set_options
from marketplace.steps import STEPS, module_named, step_named

ADMINISTRATORS = (IsAuthenticated, IsAdministrator)
KEY = OpenApiParameter("key", str, "path", enum=list(CATALOGUE))
STEP = OpenApiParameter("name", str, "path", enum=list(STEPS))


class Me(APIView):
    """Whoever is logged in."""

    @extend_schema(operation_id="me", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Name, choices and addresses of the caller."""
        return Response(MeSerializer(cast("MemberRequest", request).user).data)


class Modules(APIView):
    """The catalogue."""

    permission_classes = ADMINISTRATORS

    @extend_schema(operation_id="modules_list", responses=ModuleSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every module with its state and options; administrators only."""
        return Response(ModuleSerializer(selectors.catalogue(), many=True).data)


class ModuleStep(APIView):
    """Install, activate, deactivate, uninstall."""

    permission_classes = ADMINISTRATORS

    @extend_schema(
        operation_id="modules_step", request=None, responses=ModuleSerializer, parameters=[KEY, STEP]
    )
    def post(self, request: Request, key: str, name: str) -> Response:
        """Take a step; 409 when the module is not in the state it starts from.

        Activating and deactivating end every session of the tenant, the caller's included.
        """
        module, take_step = module_named(key), step_named(name)
        member = cast("MemberRequest", request)
        take_step(tenant=member.tenant, module=module, by=member.user)
        return Response(ModuleSerializer(selectors.module_state(module)).data)


class ModuleOptions(APIView):
    """The switches of a module."""

    permission_classes = ADMINISTRATORS

    @extend_schema(
        operation_id="modules_options",
        request=OptionChoicesSerializer,
        responses=ModuleSerializer,
        parameters=[KEY],
    )
    def patch(self, request: Request, key: str) -> Response:
        """Switch options on or off; a paid one needs its fee in `accepted_cents`, otherwise 409."""
        module = module_named(key)
        given = OptionChoicesSerializer(data=request.data, context={"module": module})
        given.is_valid(raise_exception=True)
        member = cast("MemberRequest", request)
        set_options(
            tenant=member.tenant,
            module=module,
            choices=given.validated_data["options"],
            by=member.user,
            accepted_cents=given.validated_data["accepted_cents"],
        )
        return Response(ModuleSerializer(selectors.module_state(module)).data)


class AuditFilter(FilterSet):
    """Narrows the audit log."""

    action = ChoiceFilter(choices=AuditEntry.Action.choices)
    module = ChoiceFilter(choices=[(key, key) for key in CATALOGUE])


class AuditLog(ListAPIView[AuditEntry]):
    """Who changed what, newest first; administrators only."""

    permission_classes = ADMINISTRATORS
    serializer_class = AuditEntrySerializer
    pagination_class = Pages
    filterset_class = AuditFilter
    queryset = AuditEntry.objects.none()

    def get_queryset(self) -> QuerySet[AuditEntry]:
        """The entries of the caller's tenant."""
        return selectors.audit_trail()


urlpatterns = [
    path("me/", Me.as_view(), name="api-me"),
    path("modules/", Modules.as_view(), name="api-modules"),
    path("modules/<slug:key>/options/", ModuleOptions.as_view(), name="api-module-options"),
    path("modules/<slug:key>/<slug:name>/", ModuleStep.as_view(), name="api-module-step"),
    path("audit/", AuditLog.as_view(), name="api-audit"),
]

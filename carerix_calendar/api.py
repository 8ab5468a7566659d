"""The REST API: routes of every app under /api/v1/, its schema, its documentation page, its error format."""

from typing import Any

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework import status
from rest_framework.exceptions import NotAuthenticated
from rest_framework.response import Response
from rest_framework.views import exception_handler

from carerix_calendar.api_reference import api_reference
from carerix_calendar.lib.errors import AppError


def explain(error: Exception, context: dict[str, Any]) -> Response | None:
    """Errors of ours as `{"detail": sentence, "code": code}`; a missing login is 401, not 403."""
    if isinstance(error, AppError):
        return Response({"detail": str(error), "code": error.code}, status=status.HTTP_409_CONFLICT)
    response = exception_handler(error, context)
    if response is not None and isinstance(error, NotAuthenticated):
        response.status_code = status.HTTP_401_UNAUTHORIZED
    return response


urlpatterns = [
    path("v1/", include("calendarsync.api")),
    path("v1/", include("activities.api")),
    path("v1/", include("marketplace.api")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", api_reference, name="api-docs"),
]

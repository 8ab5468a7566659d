"""Every route of the product; each app keeps its own."""

from django.contrib import admin
from django.urls import include, path

from carerix_calendar import health
from carerix_calendar.shell import home

urlpatterns = [
    path("", home, name="home"),
    path("", include("marketplace.urls")),
    path("", include("activities.urls")),
    path("", include("calendarsync.urls")),
    path("api/", include("carerix_calendar.api")),
    path("health/", health.alive, name="health"),
    path("ready/", health.ready, name="ready"),
    path("metrics/", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
]

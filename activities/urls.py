"""Routes of the activities app."""

from django.urls import URLPattern, URLResolver, path

from activities import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("activities/", views.activity_list, name="activities"),
    path("activities/export/", views.activity_export, name="activities-export"),
    path("activities/<int:pk>/", views.activity_detail, name="activity"),
    path("calendar-1/", views.calendar_one, name="calendar-1"),
]

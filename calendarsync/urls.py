"""Routes of the calendar: page, connection, settings tab, event stream, webhooks."""

from django.urls import path

from calendarsync.hooks import hook
from calendarsync.views import banner, connect, details, disconnect, page, replace, stream, sync_settings

urlpatterns = [
    path("calendar/", page.calendar, name="calendar"),
    path("calendar/events/<int:pk>/", details.event_details, name="calendar-event"),
    path("calendar/stream/", stream.stream, name="calendar-stream"),
    path("calendar/connect/<slug:provider>/", connect.connect, name="calendar-connect"),
    path("calendar/connect/<slug:provider>/callback/", connect.callback, name="calendar-callback"),
    path("calendar/banner/dismiss/", banner.dismiss, name="calendar-banner-dismiss"),
    path("profile/calendar-sync/", sync_settings.sync_settings, name="calendar-sync"),
    path(
        "profile/calendar-sync/<int:pk>/disconnect/",
        disconnect.confirm_disconnect,
        name="calendar-disconnect",
    ),
    path(
        "profile/calendar-sync/<int:pk>/disconnect/undo/",
        disconnect.undo_disconnect,
        name="calendar-undo-disconnect",
    ),
    path("profile/calendar-sync/<int:pk>/replace/", replace.confirm_replace, name="calendar-replace"),
    path("profile/calendar-sync/<int:pk>/replace/keep/", replace.keep, name="calendar-replace-keep"),
    path("profile/calendar-sync/<int:pk>/calendars/", sync_settings.choose, name="calendar-choose"),
    path("profile/calendar-sync/retry/<int:pk>/", sync_settings.retry_skipped, name="calendar-retry"),
    path("profile/calendar-sync/<int:pk>/<slug:action>/", sync_settings.act, name="calendar-act"),
    path("hooks/<slug:provider>/", hook, name="hook"),
    # Without its slash too: a redirect would be followed by GET, and Django refuses one in DEBUG.
    path("hooks/<slug:provider>", hook),
]

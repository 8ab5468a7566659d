"""Every address of the stand-in Google."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from sandbox.google import account, calendars, consent, events, listing, oauth, scopes
from sandbox.google.api import Handler, endpoint, refusal
from sandbox.google.batch import run_batch
from sandbox.google.errors import not_found

LIST = "/users/me/calendarList"
EVENTS = "/calendars/{calendar_id}/events"


def _api(path: str, handler: Handler, allowed: frozenset[str], method: str = "GET") -> Route:
    return Route(path, endpoint(handler, allowed), methods=[method])


async def _unknown(request: Request) -> Response:
    return refusal(not_found())


CALENDAR = [
    _api(LIST, calendars.list_calendar_list, scopes.CALENDAR_LIST_READ),
    _api(LIST, calendars.insert_entry, scopes.CALENDAR_LIST_WRITE, "POST"),
    _api(f"{LIST}/watch", calendars.watch_calendar_list, scopes.CALENDAR_LIST_READ, "POST"),
    _api(f"{LIST}/{{calendar_id}}", calendars.get_entry, scopes.CALENDAR_LIST_GET),
    _api(f"{LIST}/{{calendar_id}}", calendars.patch_entry, scopes.CALENDAR_LIST_WRITE, "PATCH"),
    _api(f"{LIST}/{{calendar_id}}", calendars.patch_entry, scopes.CALENDAR_LIST_WRITE, "PUT"),
    _api(f"{LIST}/{{calendar_id}}", calendars.delete_entry, scopes.CALENDAR_LIST_WRITE, "DELETE"),
    _api("/calendars", calendars.insert_calendar, scopes.CALENDARS_WRITE, "POST"),
    _api("/calendars/{calendar_id}", calendars.get_calendar, scopes.CALENDARS_READ),
    _api("/calendars/{calendar_id}", calendars.patch_calendar, scopes.CALENDARS_WRITE, "PATCH"),
    _api("/calendars/{calendar_id}", calendars.patch_calendar, scopes.CALENDARS_WRITE, "PUT"),
    _api("/calendars/{calendar_id}", calendars.delete_calendar, scopes.CALENDARS_WRITE, "DELETE"),
    _api("/calendars/{calendar_id}/acl", account.list_acl, scopes.ACL_READ),
    _api(EVENTS, listing.list_events, scopes.EVENTS_READ),
    _api(EVENTS, events.insert_event, scopes.EVENTS_WRITE, "POST"),
    _api(f"{EVENTS}/import", events.import_event, scopes.EVENTS_WRITE, "POST"),
    _api(f"{EVENTS}/quickAdd", events.quick_add, scopes.EVENTS_WRITE, "POST"),
    _api(f"{EVENTS}/watch", events.watch_events, scopes.EVENTS_READ, "POST"),
    _api(f"{EVENTS}/{{event_id}}", events.get_event, scopes.EVENTS_READ),
    _api(f"{EVENTS}/{{event_id}}", events.patch_event, scopes.EVENTS_WRITE, "PATCH"),
    _api(f"{EVENTS}/{{event_id}}", events.update_event, scopes.EVENTS_WRITE, "PUT"),
    _api(f"{EVENTS}/{{event_id}}", events.delete_event, scopes.EVENTS_WRITE, "DELETE"),
    _api(f"{EVENTS}/{{event_id}}/instances", listing.list_instances, scopes.EVENTS_READ),
    _api(f"{EVENTS}/{{event_id}}/move", events.move_event, scopes.EVENTS_MOVE, "POST"),
    _api("/freeBusy", account.query_free_busy, scopes.FREEBUSY, "POST"),
    _api("/channels/stop", events.stop_channel, scopes.CHANNELS, "POST"),
    _api("/colors", account.get_colors, scopes.COLORS),
    _api("/users/me/settings", account.list_settings, scopes.SETTINGS),
    _api("/users/me/settings/{setting}", account.get_setting, scopes.SETTINGS),
    Route("/batch", run_batch, methods=["POST"]),
    Route("/{rest:path}", _unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
]

ROUTES = [
    Route("/o/oauth2/v2/auth", consent.authorize),
    Route("/o/oauth2/v2/consent", consent.decide, methods=["POST"]),
    Route("/token", oauth.token, methods=["POST"]),
    Route("/revoke", oauth.revoke, methods=["POST", "GET"]),
    Route("/tokeninfo", oauth.tokeninfo, methods=["GET", "POST"]),
    Route("/v1/userinfo", oauth.userinfo, methods=["GET", "POST"]),
    Route("/.well-known/openid-configuration", oauth.discovery),
    Route("/oauth2/v3/certs", oauth.certificates),
    Route("/oauth2/v1/certs", oauth.certificates),
    Route("/batch", run_batch, methods=["POST"]),
    Route("/batch/calendar/v3", run_batch, methods=["POST"]),
    Mount("/calendar/v3", routes=CALENDAR),
]

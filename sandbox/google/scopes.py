"""Which scopes open which methods (the method table of the discovery document)."""

from collections.abc import Set

PREFIX = "https://www.googleapis.com/auth/"
SIGN_IN = frozenset({"openid", "email", "profile", f"{PREFIX}userinfo.email", f"{PREFIX}userinfo.profile"})


def _scopes(*names: str) -> frozenset[str]:
    return frozenset(PREFIX + name for name in names)


WHOLE = ("calendar", "calendar.readonly")
CALENDAR_LIST_READ = _scopes(*WHOLE, "calendar.calendarlist", "calendar.calendarlist.readonly")
CALENDAR_LIST_GET = CALENDAR_LIST_READ | _scopes("calendar.app.created")
CALENDAR_LIST_WRITE = _scopes("calendar", "calendar.calendarlist")
CALENDARS_READ = _scopes(*WHOLE, "calendar.app.created", "calendar.calendars", "calendar.calendars.readonly")
CALENDARS_WRITE = _scopes("calendar", "calendar.app.created", "calendar.calendars")
EVENTS_READ = _scopes(
    *WHOLE, "calendar.events", "calendar.events.readonly", "calendar.events.owned",
    "calendar.events.owned.readonly", "calendar.events.public.readonly", "calendar.events.freebusy",
    "calendar.app.created",
)  # fmt: skip
EVENTS_WRITE = _scopes("calendar", "calendar.events", "calendar.events.owned", "calendar.app.created")
EVENTS_MOVE = _scopes("calendar", "calendar.events", "calendar.events.owned")
FREEBUSY = _scopes(*WHOLE, "calendar.freebusy", "calendar.events.freebusy")
SETTINGS = _scopes(*WHOLE, "calendar.settings", "calendar.settings.readonly")
ACL_READ = _scopes(*WHOLE, "calendar.acls", "calendar.acls.readonly")
CHANNELS = EVENTS_READ | CALENDAR_LIST_READ | SETTINGS | ACL_READ
COLORS = CALENDAR_LIST_READ | CALENDARS_READ | EVENTS_READ
KNOWN = (
    CALENDAR_LIST_GET | CALENDARS_READ | CALENDARS_WRITE | CHANNELS | FREEBUSY
    | _scopes("calendar.settings", "calendar.acls") | SIGN_IN
)  # fmt: skip

FULL_EVENTS = _scopes(*WHOLE, "calendar.events", "calendar.events.readonly", "calendar.app.created")
OWNED_EVENTS = _scopes("calendar.events.owned", "calendar.events.owned.readonly")
FULL_WRITE = _scopes("calendar", "calendar.events", "calendar.app.created")

DESCRIPTIONS = {
    f"{PREFIX}calendar": "See, edit, share, and permanently delete all the calendars you can access",
    f"{PREFIX}calendar.readonly": "See and download any calendar you can access",
    f"{PREFIX}calendar.events": "View and edit events on all your calendars",
    f"{PREFIX}calendar.events.readonly": "View events on all your calendars",
    f"{PREFIX}calendar.events.owned": "See, create, change, and delete events on calendars you own",
    f"{PREFIX}calendar.events.freebusy": "See the availability on calendars you have access to",
    f"{PREFIX}calendar.calendarlist": "See, add, and remove the calendars you are subscribed to",
    f"{PREFIX}calendar.calendarlist.readonly": "See the list of calendars you are subscribed to",
    f"{PREFIX}calendar.freebusy": "View your availability in your calendars",
    f"{PREFIX}calendar.settings.readonly": "View your calendar settings",
    "openid": "Associate you with your personal info",
    "email": "See your primary e-mail address",
    "profile": "See your personal info",
}


def describe(scope: str) -> str:
    """The sentence of the consent page; the name itself when there is none."""
    return DESCRIPTIONS.get(scope, scope.removeprefix(PREFIX))


def only_owned(granted: Set[str], *, writing: bool) -> bool:
    """Whether the grant reaches only calendars the person owns."""
    return not granted & (FULL_WRITE if writing else FULL_EVENTS) and bool(granted & OWNED_EVENTS)


def only_free_busy(granted: Set[str]) -> bool:
    """Whether events are visible only as busy blocks."""
    return not granted & (FULL_EVENTS | OWNED_EVENTS) and PREFIX + "calendar.events.freebusy" in granted

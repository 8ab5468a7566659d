"""Tables of the synchronisation, one file per idea."""

from calendarsync.models.account import Account
from calendarsync.models.calendar import Calendar, Cursor, Signal
from calendarsync.models.channel import Channel
from calendarsync.models.event import Event, Occurrence
from calendarsync.models.run import SkippedItem, SyncRun

__all__ = [
    "Account",
    "Calendar",
    "Channel",
    "Cursor",
    "Event",
    "Occurrence",
    "Signal",
    "SkippedItem",
    "SyncRun",
]

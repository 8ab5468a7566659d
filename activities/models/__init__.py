"""Tables of what the CRM knows; meetings of the synchronised calendar refer to its lists and records."""

from activities.models.activity import Activity
from activities.models.activity_type import ActivityType
from activities.models.facility import Facility
from activities.models.record import Record, RecordAddress
from activities.models.result import Result

__all__ = ["Activity", "ActivityType", "Facility", "Record", "RecordAddress", "Result"]

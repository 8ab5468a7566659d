"""Activities as CSV for a spreadsheet: batch by batch, so memory stays the same however many there are."""

import csv
import io
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from activities.models import Activity
from marketplace.models import User
from marketplace.tenancy import tenant_scope

BATCH = 500
# A spreadsheet computes cells that begin with these, also behind blanks and in their full-width shapes.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # noqa: RUF001
BYTE_ORDER_MARK = "\ufeff"


def csv_response(request: HttpRequest, user: User, activities: QuerySet[Activity]) -> StreamingHttpResponse:
    """Exactly `activities`, in their order, as a download.

    UTF-8 with a byte order mark and CRLF, as Excel expects. Excel splits at the list separator of its region,
    so the separator follows the language of the user: a semicolon in Dutch, a comma in English.
    """
    chunks = _chunks(user, list(activities.order_by(*activities.query.order_by).values_list("pk", flat=True)))
    content = _in_a_thread(chunks) if isinstance(request, ASGIRequest) else chunks
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_("activities")}-{timezone.localdate()}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def harmless(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) else text


def _chunks(user: User, ids: list[int]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _lines(user, [])
    for start in range(0, len(ids), BATCH):
        yield _lines(user, ids[start : start + BATCH])


async def _in_a_thread(chunks: Iterator[str]) -> AsyncIterator[str]:
    """The same chunks for the event loop, which may not wait for a database."""
    following = sync_to_async(lambda: next(chunks, None))
    while (chunk := await following()) is not None:
        yield chunk


def _lines(user: User, ids: list[int]) -> str:
    """One batch, in the scope, zone and language that ended with the request; the header for no ids."""
    assert user.tenant is not None  # noqa: S101 (operators have no activities)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if user.language == "nl" else ",")
    with tenant_scope(user.tenant), timezone.override(user.zone), translation.override(user.language):
        if not ids:
            writer.writerow(_header(str(user.zone)))
        found = Activity.objects.with_names().in_bulk(ids)
        writer.writerows([harmless(cell) for cell in _row(found[pk])] for pk in ids if pk in found)
    return buffer.getvalue()


def _header(zone: str) -> list[str]:
    return [
        _("Kind"),
        _("Subject"),
        _("Start (%(zone)s)") % {"zone": zone},
        _("End (%(zone)s)") % {"zone": zone},
        _("Owner"),
        _("Type"),
        _("Result"),
        _("Status"),
        _("Priority"),
        _("Location"),
        _("Facility"),
        _("Records"),
        _("Description"),
    ]


def _row(activity: Activity) -> list[str]:
    start, end = _times(activity)
    return [
        activity.get_kind_display(),
        activity.subject,
        start,
        end,
        str(activity.owner or ""),
        str(activity.type or ""),
        str(activity.result or ""),
        activity.get_status_display(),
        activity.get_priority_display(),
        activity.location,
        str(activity.facility or ""),
        ", ".join(record.name for record in activity.records.all()),
        activity.description,
    ]


def _times(activity: Activity) -> tuple[str, str]:
    """Start and end in a form that spreadsheets of every region read; for whole days the last day itself."""
    if activity.start_date and activity.end_date:
        return activity.start_date.isoformat(), (activity.end_date - timedelta(days=1)).isoformat()
    return _wall_time(activity.starts_at), _wall_time(activity.ends_at)


def _wall_time(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""

"""The export: the same rows as the page, harmless in a spreadsheet."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from activities import csv_export
from activities.csv_export import harmless
from marketplace.models import Tenant, User
from tests.activities.making import make_activity, make_all_day, make_record
from tests.conftest import signed_in

EXPORT = "/activities/export/"


def rows(text: str, delimiter: str = ",") -> list[list[str]]:
    """Cells of the file without its byte order mark."""
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter))


def exported(user: User, **params: Any) -> str:
    """The file that `user` downloads."""
    answer = signed_in(user).get(EXPORT, params)
    assert answer.status_code == 200
    return b"".join(answer).decode()


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+31 6", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1"],  # noqa: RUF001
)
def test_formulas_are_disarmed(text: str):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Intake", "a=b", "3 - 4", "'=1"])
def test_other_texts_stay_as_they_are(text: str):
    assert harmless(text) == text


def test_it_holds_what_the_page_shows(alice: User, tenant: Tenant):
    lotte = make_record(tenant, 'Lotte "Lot" Vermeulen')
    make_activity(alice, "=cmd|' /C calc'!A0", records=(lotte,), location="Kamer; Linde", description="a\nb")
    make_all_day(alice, "Holiday", date(2026, 12, 24), date(2026, 12, 27))
    make_activity(alice, "Task", kind="task")

    header, holiday, intake = rows(exported(alice, kind="appointment"))

    assert header[:4] == ["Kind", "Subject", "Start (Europe/Amsterdam)", "End (Europe/Amsterdam)"]
    assert holiday[:4] == ["Appointment", "Holiday", "2026-12-24", "2026-12-26"]
    assert intake[1:4] == ["'=cmd|' /C calc'!A0", "2026-11-23 09:00", "2026-11-23 10:00"]
    assert intake[9:] == ["Kamer; Linde", "", 'Lotte "Lot" Vermeulen', "a\nb"]


def test_excel_in_dutch_gets_semicolons_and_everybody_a_byte_order_mark(alice: User):
    make_activity(alice)
    alice.language = "nl"
    alice.save()

    text = exported(alice)

    assert text.startswith("\ufeff")
    assert rows(text, ";")[1][1] == "Intake"


def test_batches_keep_the_order(alice: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(csv_export, "BATCH", 2)
    for subject in "cabed":
        make_activity(alice, subject)

    assert [row[1] for row in rows(exported(alice, sort="subject"))[1:]] == list("abcde")


def test_another_tenant_exports_nothing_of_it(alice: User, charlie: User):
    make_activity(alice)

    assert len(rows(exported(charlie))) == 1


@pytest.mark.django_db(transaction=True)
def test_it_streams_under_asgi(alice: User):
    make_activity(alice)

    async def download() -> str:
        browser = AsyncClient()
        await browser.aforce_login(alice, backend="marketplace.sign_in.TenantBackend")
        answer: Any = await browser.get(EXPORT)
        return b"".join([chunk async for chunk in answer.streaming_content]).decode()

    assert rows(async_to_sync(download)())[1][1] == "Intake"

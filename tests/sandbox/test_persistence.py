"""With a data directory the world survives: what a client was told before a restart still holds after it."""

import pytest
from google.auth.transport.requests import Request

from tests.sandbox.conftest import SANNE, at, start

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def insecure(monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def test_restart_keeps_events_grants_tokens_and_channels(tmp_path):
    first = start(tmp_path)
    first.control("reset", demo=False)
    first.control("mailboxes", address=SANNE, events=10)
    credentials = first.sign_in(SANNE)
    events = first.calendar(credentials).events()
    kept = events.insert(
        calendarId="primary", body=at("2026-11-23", recurrence=["RRULE:FREQ=DAILY"])
    ).execute()
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    hook = {"id": "c1", "type": "web_hook", "address": "http://127.0.0.1:9/hook"}
    events.watch(calendarId="primary", body=hook).execute()
    instance = f"{kept['id']}_20261124T080000Z"
    events.delete(calendarId="primary", eventId=instance).execute()
    first.close_clients()
    first.stop()

    second = start(tmp_path)
    credentials._token_uri = f"{second.url}/token"
    credentials.refresh(Request())
    events = second.calendar(credentials).events()
    delta = events.list(calendarId="primary", syncToken=token).execute()
    full = events.list(calendarId="primary").execute()["items"]
    channels = second.look("channels")["channels"]
    second.close_clients()
    second.stop()

    assert [item["id"] for item in delta["items"]] == [instance]
    assert len(full) == 12
    assert full[10]["htmlLink"].startswith(second.url)
    assert [channel["id"] for channel in channels] == ["c1"]


def test_unreadable_data_is_set_aside_and_said(tmp_path, capsys):
    (tmp_path / "sandbox.sqlite3").write_bytes(b"this is no database, but long enough to look at" * 100)

    running = start(tmp_path)
    boxes = running.look("mailboxes")["mailboxes"]
    running.stop()

    assert SANNE in boxes
    assert "cannot be read" in capsys.readouterr().err
    assert (tmp_path / "sandbox.sqlite3.unreadable").exists()


def test_demo_is_the_same_on_every_start():
    titles = []
    for _ in range(2):
        running = start()
        page = running.service(SANNE).events().list(calendarId="primary", maxResults=2500).execute()
        titles.append([(item["id"], item.get("summary"), item.get("start")) for item in page["items"]])
        running.close_clients()
        running.stop()

    assert titles[0] == titles[1]
    assert len(titles[0]) > 1_000

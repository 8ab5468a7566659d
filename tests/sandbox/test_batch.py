"""Google's own BatchHttpRequest, and the multipart rules it relies on."""

import pytest
import requests
from googleapiclient.http import BatchHttpRequest

from tests.sandbox.conftest import SANNE, at


def test_google_client_batches_reads_and_writes(sandbox):
    service = sandbox.service(SANNE)
    answers = {}
    batch = BatchHttpRequest(
        callback=lambda key, body, error: answers.update({key: error or body}),
        batch_uri=f"{sandbox.url}/batch/calendar/v3",
    )
    batch.add(
        service.events().insert(calendarId="primary", body=at("2026-11-23", id="batch12345")),
        request_id="insert",
    )
    batch.add(service.calendarList().list(), request_id="list")
    batch.add(service.events().get(calendarId="primary", eventId="absent"), request_id="absent")

    batch.execute()

    assert answers["insert"]["id"] == "batch12345"
    assert answers["list"]["items"][0]["id"] == SANNE
    assert answers["absent"].status_code == 404


# Google's client drops its first connection while it refreshes.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_expired_token_inside_a_batch_is_refreshed_and_sent_again(sandbox):
    service = sandbox.service(SANNE)
    answers = []
    batch = BatchHttpRequest(
        callback=lambda key, body, error: answers.append(error or body), batch_uri=f"{sandbox.url}/batch"
    )
    batch.add(service.calendarList().list())
    sandbox.control("tokens/expire")

    batch.execute()

    assert answers[0]["items"][0]["id"] == SANNE


def test_content_ids_come_back_with_response_in_front(sandbox):
    token = sandbox.sign_in(SANNE).token
    head = "--b\r\nContent-Type: application/http\r\nContent-ID: <abc + 1>\r\n\r\n"
    part = f"{head}GET /calendar/v3/colors?fields=kind HTTP/1.1\r\n\r\n\r\n--b--"

    answer = requests.post(
        f"{sandbox.url}/batch/calendar/v3",
        data=part,
        headers={"Content-Type": "multipart/mixed; boundary=b", "Authorization": f"Bearer {token}"},
        timeout=10,
    )

    assert answer.headers["content-type"].startswith("multipart/mixed; boundary=")
    assert "Content-ID: <response-abc + 1>\r\n" in answer.text
    assert "HTTP/1.1 200 OK\r\n" in answer.text
    assert '{"kind":"calendar#colors"}' in answer.text


def test_batches_that_cannot_be_read_or_are_too_long_are_refused(sandbox):
    token = sandbox.sign_in(SANNE).token
    headers = {"Content-Type": "multipart/mixed; boundary=b", "Authorization": f"Bearer {token}"}
    part = "--b\r\nContent-Type: application/http\r\n\r\nGET /calendar/v3/colors HTTP/1.1\r\n\r\n\r\n"
    url = f"{sandbox.url}/batch/calendar/v3"

    assert requests.post(url, data=part * 51 + "--b--", headers=headers, timeout=10).status_code == 400
    assert requests.post(url, data="x", headers={"Content-Type": "text/plain"}, timeout=10).status_code == 400
    nonsense = "--b\r\nContent-Type: application/http\r\n\r\nnonsense\r\n\r\n--b--"
    assert "HTTP/1.1 400" in requests.post(url, data=nonsense, headers=headers, timeout=10).text

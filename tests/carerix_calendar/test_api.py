"""The API as a whole, whatever is sent to it."""

from io import BytesIO

import pytest
from rest_framework.exceptions import ParseError

from carerix_calendar.lib.json_body import JSONBody
from marketplace.models import User
from tests.conftest import signed_in


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 20_000, "{", "\0", "NaN"])
def test_body_that_is_no_json_is_the_senders_error(body: str):
    with pytest.raises(ParseError):
        JSONBody().parse(BytesIO(body.encode()))


@pytest.mark.parametrize("version", ["1", "2", "\r\nX-Theirs: yes", "☃"])
def test_schema_is_the_same_whatever_version_is_asked_for(alice: User, version: str):
    answer = signed_in(alice).get("/api/schema/", {"version": version})

    assert answer.status_code == 200
    assert "X-Theirs" not in answer.headers

"""Every error answers its three questions, and the drawing of the tree tells the truth."""

import re
from string import Formatter

import pytest
from django.utils import translation

from calendarsync import errors
from calendarsync.errors import Actor, Retry, SyncError, Unexpected, sentence_of
from carerix_calendar.lib.errors import AppError

LEAVES = sorted(SyncError.by_code.values(), key=lambda leaf: leaf.__name__)
DRAWN = dict(re.findall(r"[├└]── (\w+) +(.+)", errors.__doc__ or ""))
WORDS = {"at once": Retry.NOW, "never": Retry.NEVER, "daily": Retry.DAILY}


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_error_says_when_who_and_what(leaf: type[SyncError]):
    assert isinstance(leaf.retry, Retry)
    assert isinstance(leaf.actor, Actor)
    assert str(leaf.sentence).endswith(".")
    assert leaf.__doc__


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_sentence_takes_provider_and_time_and_nothing_else(leaf: type[SyncError], language: str):
    with translation.override(language):
        said = str(leaf.sentence) % {"provider": "Google", "at": "14:05"}

    assert "%" not in said
    assert list(Formatter().parse(said)) == [(said, None, None, None)]


def test_codes_are_unique_and_short_enough_for_their_column():
    assert len(LEAVES) == len({leaf.code for leaf in LEAVES}) == len(errors.SyncError.by_code)
    assert all(re.fullmatch(r"[a-z_]{1,50}", leaf.code) for leaf in LEAVES)


def test_drawing_lists_every_error_once():
    assert sorted(DRAWN) == [leaf.__name__ for leaf in LEAVES]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_drawing_agrees_about_when_and_who(leaf: type[SyncError]):
    when, actor, _ = re.split(r"  +", DRAWN[leaf.__name__], maxsplit=2)

    assert WORDS.get(when, Retry.LATER) is leaf.retry
    assert actor == leaf.actor.value


def test_error_is_printed_as_its_sentence_and_keeps_its_context_for_support():
    error = errors.Gone(status=404, reason="notFound")

    assert isinstance(error, AppError)
    assert error.context == {"status": 404, "reason": "notFound"}
    assert str(error) == str(errors.Gone.sentence)


@pytest.mark.parametrize("code", ["", "code_of_a_former_release"])
def test_unknown_code_has_the_general_sentence(code: str):
    assert sentence_of(code) == Unexpected.sentence


def test_known_code_has_its_own_sentence():
    assert sentence_of("throttled") == errors.Throttled.sentence

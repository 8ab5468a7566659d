"""Stories written by hand, each of which one classic mistake of synchronisation would not survive."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.calendarsync.stand_in import ALICE_AT_GOOGLE
from tests.model.machine import Story
from tests.model.stage import Ground
from tests.model.test_model import ground  # noqa: F401  fixture

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Move = Callable[[Story], object]


@contextmanager
def story(ground: Ground) -> Iterator[Story]:  # noqa: F811
    """Both calendars were read and are watched; in the end everything must be equal."""
    Story.ground = ground
    told = Story()
    told.begin(followed=True)
    yield told
    told.teardown()


def tell(told: Story, *moves: Move) -> None:
    for move in moves:
        move(told)
        told._holds_always()


def test_death_between_any_two_steps_of_a_delta_loses_nothing(ground: Ground) -> None:  # noqa: F811
    """A position saved before its rows would be ahead of them."""
    with story(ground) as told:
        for steps in range(26):
            tell(
                told,
                lambda it, name=f"After {steps}": it.edit(which=0, edit={"summary": name}),  # type: ignore[misc]
                lambda it, steps=steps: it.die_later(steps=steps),  # type: ignore[misc]
                lambda it: it.run_lane(calendar=ALICE_AT_GOOGLE),
                lambda it: it.poll(),
                lambda it: it.wait(seconds=130),
            )


def test_worker_that_slept_past_its_lease_brings_nothing_old_back(ground: Ground) -> None:  # noqa: F811
    with story(ground) as told:
        tell(
            told,
            lambda it: it.edit(which=0, edit={"summary": "Before"}),
            lambda it: it.stall_during_next_read(which=0),
            lambda it: it.poll(),
        )


def test_notification_during_a_read_is_answered(ground: Ground) -> None:  # noqa: F811
    with story(ground) as told:
        tell(
            told,
            lambda it: it.change_during_next_read(which=0, heard=True),
            lambda it: it.poll(),
            lambda it: it.wait(seconds=1),
            lambda it: it.work_off(),
        )


def test_void_sync_token_and_deaths_while_reading_again_remove_nothing(ground: Ground) -> None:  # noqa: F811
    """A sweep of what the first pages did not bring would."""
    with story(ground) as told:
        tell(told, lambda it: it.shape_pages(size=1, empty=0, twice=False))
        for steps in range(8, 44, 4):
            tell(
                told,
                lambda it: it.void_sync_token(calendar=ALICE_AT_GOOGLE),
                lambda it, steps=steps: it.die_later(steps=steps),  # type: ignore[misc]
                lambda it: it.poll(),
                lambda it: it.wait(seconds=130),
            )


def test_access_that_ends_twice_needs_nobody(ground: Ground) -> None:  # noqa: F811
    with story(ground) as told:
        for _ in range(2):
            tell(told, lambda it: it.end_access(), lambda it: it.poll())


def test_older_copy_of_an_item_does_not_win(ground: Ground) -> None:  # noqa: F811
    with story(ground) as told:
        tell(
            told,
            lambda it: it.edit(which=0, edit={"summary": "Once"}),
            lambda it: it.poll(),
            lambda it: it.edit(which=0, edit={"summary": "Twice"}),
            lambda it: it.repeat_older_item(),
            lambda it: it.poll(),
        )

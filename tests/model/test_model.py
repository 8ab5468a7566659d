"""Stories nobody would think of; machine.py tells what happens in them and what must hold.

They are chosen by the code, so that the same code tells the same stories; a failure prints its story. Others are told
by hand, and shortened when they fail: `MODEL_EXAMPLES=500 MODEL_SEED=1 .venv/bin/pytest tests/model`; MODEL_STEPS
makes each of them longer.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from pytest_django import Settings

from marketplace.models import User
from tests.calendarsync.conftest import activate_calendar
from tests.calendarsync.stand_in import Sandbox
from tests.model.faults import Faults
from tests.model.machine import Story
from tests.model.provider_side import ProviderSide
from tests.model.stage import Ground

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "20"))
STEPS = int(os.environ.get("MODEL_STEPS", "30"))
SEED = os.environ.get("MODEL_SEED", "")
NOBODY_LISTENS = "http://127.0.0.1:9"

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ground(
    alice: User, sandbox: Sandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ground]:
    """Alice's tenant, an empty provider, and the means to disturb both."""
    assert alice.tenant is not None
    activate_calendar(alice.tenant)
    settings.WEBHOOK_URL = NOBODY_LISTENS
    faults = Faults()
    faults.install(monkeypatch)
    side = ProviderSide(sandbox)
    yield Ground(alice, side, faults, monkeypatch)
    side.session.close()


def test_every_story_ends_with_the_provider_s_truth(ground: Ground) -> None:
    profile = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=not SEED,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        # To shorten a story takes minutes.
        phases=(Phase.generate, Phase.shrink) if SEED else (Phase.generate,),
    )
    Story.ground = ground

    run_state_machine_as_test(seed(int(SEED))(Story) if SEED else Story, settings=profile)

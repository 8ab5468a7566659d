"""Each test of this folder runs once for each provider."""

from collections.abc import Callable, Iterator, Mapping

import pytest
from pytest_django import Settings

from calendarsync.providers import provider_of
from calendarsync.providers.base import Mailbox
from tests.calendarsync.conftest import sandbox, sandbox_process  # noqa: F401  fixtures
from tests.calendarsync.stand_in import Sandbox
from tests.contract.google import GoogleRig
from tests.contract.rig import Rig

RIGS: Mapping[str, Callable[[Sandbox], Rig]] = {"google": GoogleRig}
PUSHING = [key for key in RIGS if provider_of(key).capabilities.push]


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest, sandbox: Sandbox, settings: Settings) -> Rig:  # noqa: F811
    """A provider with an empty mailbox of Alice's."""
    settings.HTTP_READ_TIMEOUT = 5
    return RIGS[request.param](sandbox)


@pytest.fixture
def mailbox(rig: Rig) -> Iterator[Mailbox]:
    """A session on that mailbox; what signing in cost is forgotten."""
    opened = rig.open()
    rig.asked()
    yield opened
    opened.close()

"""A small stack for the tests of this folder that kill: processes are shared, mailboxes and people are not."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from typing import TypeAlias

import pytest
from pytest_django import DjangoDbBlocker, Settings

from devkit.layout import ROOT
from tests.machine.mailbox import Mailbox, connected_twice, stop_every_account
from tests.machine.processes import Process
from tests.machine.stack import Stack, running_stack

Connect: TypeAlias = Callable[..., Mailbox]

_numbers = count(1)


@pytest.fixture(scope="package")
def stack_process(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Stack]:
    """Sandbox, broker and database of all these tests."""
    with django_db_blocker.unblock(), running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture
def stack(stack_process: Stack, settings: Settings) -> Iterator[Stack]:
    """The stack, with this process speaking to its sandbox too; what the test started ends, and no lane is due."""
    url = stack_process.sandbox.url
    settings.SANDBOX_URL = url
    settings.GOOGLE_AUTH_URL = f"{url}/o/oauth2/v2/auth"
    settings.GOOGLE_TOKEN_URL = f"{url}/token"
    settings.GOOGLE_REVOKE_URL = f"{url}/revoke"
    settings.GOOGLE_API_URL = f"{url}/calendar/v3/"
    settings.PROVIDER_URLS = [url]
    shared = list(stack_process.running)
    yield stack_process
    stack_process.end(*[process for process in stack_process.running if process not in shared])
    stack_process.broker.forget_the_dead()
    stop_every_account()
    stack_process.sandbox.forget("faults")


@pytest.fixture
def connected(stack: Stack) -> Connect:
    """`connected(events=…, page_size=…)`: a mailbox of this test alone, connected by two tenants.

    Unless told otherwise the near weeks have two pages, the history twenty.
    """

    def connect(*, events: int = 120, page_size: int = 6) -> Mailbox:
        return connected_twice(stack, f"person{next(_numbers)}", events=events, page_size=page_size)

    return connect


@pytest.fixture(scope="package")
def other_worker(stack_process: Stack) -> Process:
    """A worker of another name that serves every queue of the product, and lives on."""
    return stack_process.start_worker("other")


@pytest.fixture(scope="package")
def _static_files(stack_process: Stack) -> None:
    """What pages refer to, under the names the web process expects."""
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=stack_process.env, check=True)


@pytest.fixture
def web(stack: Stack, _static_files: None) -> Process:
    """A web process that answers."""
    return stack.start_web()

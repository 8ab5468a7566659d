"""The provider of the model is the sandbox, spoken to over real sockets."""

import pytest

from tests.calendarsync.conftest import sandbox, sandbox_process  # noqa: F401  fixtures

pytest.register_assert_rewrite(
    "tests.model.ending", "tests.model.holds", "tests.model.stage", "tests.model.truth"
)

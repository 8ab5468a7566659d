"""What the processes of `make run` are told."""

from pathlib import Path

import pytest

from devkit.environment import development_defaults, port_of, stored_secrets
from devkit.terminal import StepFailed


def test_machine_defaults_use_the_sandbox(tmp_path: Path) -> None:
    env = development_defaults({"SANDBOX_PORT": "9100"}, tmp_path)

    assert env["SANDBOX_URL"] == "http://127.0.0.1:9100"
    assert env["PORT"] == "8000"
    assert env["VAR_DIR"] == str(tmp_path)


def test_real_credentials_switch_the_sandbox_off(tmp_path: Path) -> None:
    env = development_defaults({"GOOGLE_CLIENT_ID": "ours"}, tmp_path)

    assert "SANDBOX_URL" not in env


def test_chosen_variable_wins(tmp_path: Path) -> None:
    env = development_defaults({"SECRET_KEY": "mine", "PORT": "8100"}, tmp_path)

    assert (env["SECRET_KEY"], env["PORT"]) == ("mine", "8100")


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"

    first, second = stored_secrets(path), stored_secrets(path)

    assert first == second
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["web", "0", "65536", "-1", "80\u0660"])
def test_port_that_is_none_is_said_in_a_sentence(text: str) -> None:
    with pytest.raises(StepFailed, match="PORT must be a port number"):
        port_of({"PORT": text}, "PORT", 8000)

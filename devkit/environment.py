"""The variables of the processes of `make run`: the shell's first, then .env's, then our defaults."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from devkit.layout import ROOT, VENV
from devkit.terminal import StepFailed


def chosen_environment(root: Path = ROOT) -> dict[str, str]:
    """The variables of the shell and, below them, of the file .env."""
    return {name: value for name, value in dotenv_values(root / ".env").items() if value is not None} | dict(
        os.environ
    )


def development_defaults(chosen: Mapping[str, str], var: Path) -> dict[str, str]:
    """What one machine needs beyond what was chosen; a chosen variable always wins."""
    port, sandbox_port = port_of(chosen, "PORT", 8000), port_of(chosen, "SANDBOX_PORT", 9000)
    defaults = {
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "SANDBOX_PORT": str(sandbox_port),
        "VAR_DIR": str(var),
        "DJANGO_SETTINGS_MODULE": "carerix_calendar.settings",
        "PYTHONUNBUFFERED": "1",
        # as in production: its error pages, its speed; who works on the code sets DEBUG=true in .env
        "DEBUG": "false",
        "LOG_FORMAT": "console",
        "EMAIL_URL": f"file:///{var.absolute()}/mail",
        **stored_secrets(var / "secrets.json"),
    }
    if uses_sandbox(chosen):
        defaults["SANDBOX_URL"] = f"http://127.0.0.1:{sandbox_port}"
    path = f"{VENV / 'bin'}{os.pathsep}{chosen.get('PATH', '')}"
    return {**defaults, **{name: value for name, value in chosen.items() if value}, "PATH": path}


def uses_sandbox(chosen: Mapping[str, str]) -> bool:
    """Whether the stand-in provider is wanted: not when real credentials or another sandbox are given."""
    return not (chosen.get("GOOGLE_CLIENT_ID") or chosen.get("SANDBOX_URL"))


def port_of(variables: Mapping[str, str], name: str, default: int) -> int:
    """The port number in a variable. Raises StepFailed with a sentence when it is none."""
    text = variables.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise StepFailed(f"{name} must be a port number from 1 to 65535, not {text!r}.")
    return int(text)


def stored_secrets(path: Path) -> dict[str, str]:
    """Keys made once for this folder, so that sessions and encrypted tokens outlive a restart."""
    if not path.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(made, file)
    stored: dict[str, str] = json.loads(path.read_text())
    return stored

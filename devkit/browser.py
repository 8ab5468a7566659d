"""A Chromium or Chrome for the journeys: an installed one, else Playwright's, else the system's package."""

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from devkit.layout import ROOT
from devkit.terminal import StepFailed, run_step

COMMANDS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
MACOS = "/Applications/{0}.app/Contents/MacOS/{0}"
APPLICATIONS = [MACOS.format(name) for name in ("Google Chrome", "Chromium")]
DOWNLOADS = [
    Path.home() / ".cache" / "ms-playwright",
    Path.home() / "Library" / "Caches" / "ms-playwright",
]


def installed_browser() -> str | None:
    """Path of a browser on this machine; the variable E2E_BROWSER names one outright."""
    if named := os.environ.get("E2E_BROWSER"):
        return named
    on_path = [path for command in COMMANDS if (path := shutil.which(command))]
    usual = [path for path in (*on_path, *APPLICATIONS, *_downloaded()) if Path(path).is_file()]
    return next(iter(usual), None)


def ensure_browser() -> str:
    """Path of a browser, installed now if need be. Raises StepFailed with a sentence when there is no way."""
    for install in (_nothing, _download, _install_package):
        with suppress(StepFailed):
            install()
        if found := installed_browser():
            return found
    raise StepFailed("No browser: install Chromium or Chrome, or name one in E2E_BROWSER.")


def _downloaded() -> list[str]:
    patterns = ["chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*"]
    found = [path for folder in DOWNLOADS for pattern in patterns for path in folder.glob(pattern)]
    return [str(path) for path in sorted(found)]


def _nothing() -> None:
    """What is there already comes first."""


def _download() -> None:
    env = os.environ | {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "10000"}
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    run_step("downloading a browser", command, cwd=ROOT, env=env)


def _install_package() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        run_step("refreshing the list of packages", ["apt-get", "update", "-q"], cwd=ROOT)
        run_step("installing chromium", ["apt-get", "install", "-q", "-y", "chromium"], cwd=ROOT)

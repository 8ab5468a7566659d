"""``python -m sandbox --port N [--data DIR] [--host 127.0.0.1] [--https-only-webhooks]`` runs the sandbox."""

import argparse
import logging
import socket
import sys
from pathlib import Path

import uvicorn

from sandbox.app import build_app


class Server(uvicorn.Server):
    """Says the one line others wait for once requests are answered."""

    ready = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(self.ready + "\n")
            sys.stdout.flush()


def main() -> int:
    options = _options()
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        sys.stderr.write(f"Port {options.port} on {options.host} is not free: {error.strerror}.\n")
        return 1
    base_url = f"http://{_shown(options.host)}:{listener.getsockname()[1]}"
    logging.basicConfig(level=logging.WARNING)
    app = build_app(base_url, data=options.data, https_only_webhooks=options.https_only_webhooks)
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
    server = Server(config)
    server.ready = f"Sandbox ready: {base_url}"
    server.run(sockets=[listener])
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Stand-in provider servers.")
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", type=Path, help="directory in which the world survives a restart")
    parser.add_argument(
        "--https-only-webhooks", action="store_true", help="refuse http webhook addresses, as Google does"
    )
    return parser.parse_args()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(2048)
    return listener


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104  only compared
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


if __name__ == "__main__":
    sys.exit(main())

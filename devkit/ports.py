"""Whether an address of this machine can still be taken."""

import socket

from devkit.terminal import StepFailed


def require_free_port(name: str, port: int, host: str = "127.0.0.1") -> None:
    """Raise StepFailed with a sentence when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StepFailed(
                f"Port {port} cannot be used ({error.strerror}): choose another with {name}=…."
            ) from None


def free_port() -> int:
    """A port of the loopback interface that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

"""The end of patience with one request as a whole.

Time-outs of sockets begin anew with every byte, so a peer that drips one now and then is never too slow for them. Here
a timer shuts the connection down, wherever the request stands: sending, waiting for headers, reading the body.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Timer


class TimeIsOver(Exception):
    """The connection was shut down; whatever arrived is no whole answer."""


class _Watch:
    """The connections one request goes through; none of them may live on when its time is over."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self.is_over = False

    def add(self, connection: socket.socket) -> None:
        """Another one, unless it is there already."""
        if connection not in self._sockets:
            self._sockets.append(connection)
        if self.is_over:
            self.end()

    def end(self) -> None:
        """Called by the timer, in its own thread."""
        self.is_over = True
        for connection in list(self._sockets):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Shut down the connections of requests made inside after so many seconds. Raises TimeIsOver."""
    watch = _Watch()
    outer = _watch.set(watch)
    timer = Timer(seconds, watch.end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if watch.is_over:
            raise TimeIsOver from error
        raise
    finally:
        timer.cancel()
        _watch.reset(outer)
    if watch.is_over:
        raise TimeIsOver


def watch_over(connection: socket.socket) -> None:
    """This connection serves the request being made; nothing happens outside of a deadline."""
    watch = _watch.get()
    if watch is not None:
        watch.add(connection)

"""Redis as Celery's broker, with a gap of the library closed: `TRANSPORT` is the dotted path for Kombu.

When the broker goes away, the worker closes its connection and then gives unacknowledged messages back over it. Kombu
answers with an AttributeError, which Celery takes for a bug of its own: the worker ends, instead of waiting for the
broker and going on. Here the answer is the connection error that Celery expects.
"""

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as BrokerGone

TRANSPORT = "carerix_calendar.lib.broker:Transport"


class Channel(redis.Channel):
    """A channel that knows when its connection is closed."""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection.client is None:
            raise BrokerGone("The connection to the broker is closed.")
        parameters: dict[str, Any] = super()._connparams(asynchronous=asynchronous)  # type: ignore[misc]  # not in the stubs
        return parameters


class Transport(redis.Transport):
    """The transport with such channels."""

    Channel = Channel

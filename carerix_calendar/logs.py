"""Structured logs: one event per line, tenant and request bound to it, secrets removed before anything is written."""

import logging.config
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from carerix_calendar.webhook_gate import PREFIX

SECRET_KEYS = re.compile(
    r"token|secret|password|authorization|cookie|code_verifier|credential|sync_token|cursor", re.I
)
SECRET_VALUES = re.compile(r"(ya29\.|1//|Bearer |gAAAAA)[\w\-./+=]+")
# Query strings carry sign-in codes, states and what people search for.
QUERY = re.compile(r"\?\S+")
_KNOCKS = ("request_started", "request_finished")


def redact(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Mask values whose key or shape says secret, however they got into the event."""
    for key, value in event.items():
        if SECRET_KEYS.search(key):
            event[key] = "•••"
        elif isinstance(value, str):
            event[key] = SECRET_VALUES.sub(r"\1•••", QUERY.sub("?•••", value) if key == "request" else value)
    return event


def leave_out_noise(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """A browser that leaves a page ends its event stream; that is no news, nor is a request to a webhook."""
    is_knock = event.get("event") in _KNOCKS and f" {PREFIX}" in str(event.get("request", ""))
    if is_knock or event.get("event") == "streaming_cancelled":
        raise structlog.DropEvent
    return event


def is_more_than_a_knock(record: logging.LogRecord) -> bool:
    """Refusals of the webhooks are counted, not logged, or strangers could fill the disk. Faults of ours are logged."""
    path = getattr(getattr(record, "request", None), "path", "")
    return record.levelno >= logging.ERROR or not path.startswith(PREFIX)


def leave_out_stack_of_refusals(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Django logs each 403 with a traceback, but a request that was refused is no fault of the program."""
    if event.get("logger") == "django.request" and event.get("level") == "warning":
        event.pop("exc_info", None)
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    leave_out_stack_of_refusals,
    structlog.processors.format_exc_info,
    redact,
]
# One list for good: loggers that were used before a second set-up keep following it.
_PROCESSORS: list[Processor] = [
    leave_out_noise,
    *SHARED,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]


def configure(config: dict[str, Any]) -> None:
    """Set up logging for Django, Celery and our own code; `config` holds `level` and `format` (console or json)."""
    renderer: Processor = structlog.processors.JSONRenderer()
    if config["format"] == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        "foreign_pre_chain": SHARED,
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"structured": formatter},
            "filters": {"knocks": {"()": lambda: is_more_than_a_knock}},
            "handlers": {
                "stderr": {
                    "class": "logging.StreamHandler",
                    "formatter": "structured",
                    "filters": ["knocks"],
                }
            },
            "root": {"handlers": ["stderr"], "level": config["level"]},
            "loggers": {"axes": {"level": "WARNING"}, "googleapiclient": {"level": "WARNING"}},
        }
    )
    structlog.configure(
        processors=_PROCESSORS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )

"""The product's Celery app in a process that halts itself at one place: `-A tests.machine.doomed`, HALT_AT=….

HALT_AT is "module function call|return", or with a number behind it the so-manieth of these: the process stops there
as by SIGSTOP, with every thread, so that a test can look at what it holds, and kill it or let it go on. Nothing of
the product is replaced.
"""

import os
import signal
import threading
from importlib import import_module
from operator import attrgetter
from types import CodeType, FrameType
from typing import Any

from celery.signals import celeryd_init

from carerix_calendar.celery import app

__all__ = ["app"]


def code_of(module: str, function: str) -> CodeType:
    """The code of a function or "Class.method"; raises when there is none, so that no place is missed silently."""
    code: CodeType = attrgetter(function)(import_module(module)).__code__
    return code


class Halt:
    """A trace function that stops the process when the place is reached for the so-manieth time."""

    def __init__(self, code: CodeType, event: str, times: int) -> None:
        self._code, self._event, self._left = code, event, times

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Called for each function that begins."""
        if frame.f_code is not self._code:
            return None
        frame.f_trace_lines = False
        return self._within(frame, event, argument)

    def _within(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == self._event:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGSTOP)
        return self._within


def halt_at(where: str) -> None:
    """Arm the threads that begin from now on; tasks run in such."""
    module, function, event, *times = where.split()
    threading.settrace(Halt(code_of(module, function), event, int(times[0]) if times else 1))


@celeryd_init.connect
def arm(**ignored: Any) -> None:
    """Only now, with Django set up, can the product's modules be imported."""
    halt_at(os.environ["HALT_AT"])

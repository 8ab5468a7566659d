"""Runs a command that must not outlive who started it: `python -m devkit.tether PARENT_PID COMMAND…`.

On Linux the kernel ends the command when its parent dies, however that dies. Elsewhere this only starts it,
and the next `make run` ends what an unclean end left behind (see devkit.leftovers).
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(death: signal.Signals) -> None:
    """Ask the kernel for this signal when the parent ends; survives exec."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death), 0, 0, 0)


def main() -> None:
    """Become the command, unless the parent is gone already."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    die_with_parent(signal.SIGKILL)
    if os.getppid() == parent:
        os.execvp(command[0], command)  # noqa: S606 - the command comes from the Procfile


if __name__ == "__main__":
    main()

"""`make run`: everything the product needs, in one terminal, until Ctrl-C.

Data, logs and keys live under var/, so the next run continues where this one stopped.
"""

import asyncio
import signal
import sys
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

from devkit.environment import chosen_environment, development_defaults, port_of
from devkit.layout import ROOT, var_dir
from devkit.leftovers import end_leftovers, remember_processes, sole_run
from devkit.ports import require_free_port
from devkit.process import Process
from devkit.readiness import answers_http, answers_on_socket, until, workers_answer
from devkit.stack import Valkey, product_processes, sandbox_process
from devkit.terminal import Step, StepFailed, complain, run_step, say
from devkit.tether import die_with_parent

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
START_SECONDS = 90.0
GIVE_UP_AFTER_STARTS = 3


class Run:
    """The processes of one run, in the order of their start."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.processes: list[Process] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._noted: list[int] = []

    def start(self, process: Process) -> None:
        """Keep this process running from now on."""
        self.processes.append(process)
        self._tasks.append(asyncio.create_task(process.keep_running()))

    async def ready(self, *questions: Coroutine[Any, Any, None]) -> None:
        """Wait for all answers. Raises StepFailed when a process cannot stay up, or after a generous time."""
        waiting = {asyncio.ensure_future(question) for question in questions}
        try:
            async with asyncio.timeout(START_SECONDS):
                while waiting:
                    answered, waiting = await asyncio.wait(waiting, timeout=0.2)
                    for task in answered:
                        task.result()
                    self._require_all_up()
        except TimeoutError:
            raise StepFailed(
                f"The product did not answer within {START_SECONDS:.0f} s; see {self.var}/log."
            ) from None
        finally:
            for task in waiting:
                task.cancel()

    def note(self) -> None:
        """Write down which processes run, for the next run in case this one is killed."""
        running = [process.pid for process in self.processes if process.pid]
        if running != self._noted:
            remember_processes(self.var / "processes.json", running)
            self._noted = running

    async def stay(self) -> None:
        """Never return; keep the note true."""
        while True:
            self.note()
            await asyncio.sleep(1)

    async def stop(self) -> None:
        """Stop everything; what was started first, as others need it, goes last."""
        for group in (self.processes[1:], self.processes[:1]):
            await asyncio.gather(*(process.stop() for process in group))
        for task in self._tasks:
            task.cancel()
        (self.var / "processes.json").unlink(missing_ok=True)

    def _require_all_up(self) -> None:
        for process in self.processes:
            if process.starts >= GIVE_UP_AFTER_STARTS:
                last = process.log.read_text(errors="replace").splitlines()[-15:]
                raise StepFailed("\n".join([f"{process.name} does not start:", *last]))


async def run(env: dict[str, str], var: Path) -> None:
    """Bring everything up, say where it is, and keep it up until cancelled."""
    _begin_logs(var / "log")
    running = Run(var)
    try:
        await _start_broker(running, env, var)
        logins = await asyncio.to_thread(_prepare_data, env)
        with Step("starting"):
            await _start_product(running, env, var)
        running.note()
        say(f"\n{logins}\n\nLogs: {var / 'log'}   Stop: Ctrl-C\nReady: {_address(env)}")
        await running.stay()
    finally:
        await running.stop()


async def _start_broker(running: Run, env: dict[str, str], var: Path) -> None:
    if env.get("REDIS_URL"):
        return
    valkey = Valkey(env, var)
    running.start(valkey.process)
    await running.ready(until(answers_on_socket(valkey.socket)))
    env["REDIS_URL"] = valkey.url


async def _start_product(running: Run, env: Mapping[str, str], var: Path) -> None:
    questions = [until(answers_http(f"{_address(env)}/ready/"))]
    if _has_own_sandbox(env):
        running.start(sandbox_process(env, var))
        questions.append(until(answers_http(env["SANDBOX_URL"])))
    for process in product_processes(env, var):
        running.start(process)
    questions.append(until(workers_answer(env["REDIS_URL"], {"live", "backfill"})))
    await running.ready(*questions)


def _begin_logs(folder: Path) -> None:
    # the logs of the run before are kept, those of older ones are not
    folder.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        log.replace(log.with_suffix(".previous"))


def _prepare_data(env: Mapping[str, str]) -> str:
    return run_step("preparing the data", [sys.executable, "-m", "devkit.prepare"], cwd=ROOT, env=env)


def _address(env: Mapping[str, str]) -> str:
    return f"http://127.0.0.1:{env['PORT']}"


def _has_own_sandbox(env: Mapping[str, str]) -> bool:
    return env.get("SANDBOX_URL") == f"http://127.0.0.1:{env['SANDBOX_PORT']}"


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        # only once: an impatient second signal must not interrupt the stopping
        loop.add_signal_handler(number, lambda: task.cancelling() or task.cancel())
    try:
        await task
    except asyncio.CancelledError:
        say("Stopped.")


def main() -> int:
    """Run until stopped; returns the exit status."""
    die_with_parent(signal.SIGTERM)
    var = var_dir()
    try:
        chosen = chosen_environment()
        port = port_of(chosen, "PORT", 8000)
        with sole_run(var, f"http://127.0.0.1:{port}"):
            end_leftovers(var / "processes.json")
            env = development_defaults(chosen, var)
            require_free_port("PORT", port)
            if _has_own_sandbox(env):
                require_free_port("SANDBOX_PORT", int(env["SANDBOX_PORT"]))
            asyncio.run(_until_stopped(run(env, var)))
    except StepFailed as failure:
        complain(str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

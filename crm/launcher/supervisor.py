"""Keeps the whole product running in one terminal: engines, then web, worker and beat; Ctrl-C leaves nothing behind."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from crm.launcher import engines
from crm.launcher.programs import Program
from crm.launcher.safety import refuse_unsafe
from crm.launcher.services import ROOT, var_dir

FIRST_DELAY, LONGEST_DELAY, STEADY = 0.5, 30, 60  # seconds; who ran STEADY long starts again without delay grown
STARTS = 5  # an engine that ended this often before it was ready will not get ready


class CannotStart(Exception):
    """Why the product is not up, for the person at the terminal."""


def say(text: str, name: str = "") -> None:
    """Print one line; a terminal that has gone away must not stop the orderly end."""
    with contextlib.suppress(OSError, ValueError):
        print(f"{name:>8} | {text}" if name else text, flush=True)


class Child:
    """One program kept alive: started again when it ends by itself, later each time it ends early."""

    def __init__(self, program: Program, pass_fds: tuple[int, ...] = ()) -> None:
        self.program, self.pass_fds, self.starts = program, pass_fds, 0
        self.process: asyncio.subprocess.Process | None = None
        self.task = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        delay = FIRST_DELAY
        while True:
            self.starts, begun = self.starts + 1, time.monotonic()
            with self.program.open_log() if self.program.log else contextlib.nullcontext(subprocess.PIPE) as out:
                self.process = await asyncio.create_subprocess_exec(
                    *self.program.argv, stdout=out, stderr=asyncio.subprocess.STDOUT,
                    pass_fds=self.pass_fds, **self.program.options(),
                )  # fmt: skip
            await self._relay(self.process.stdout)
            code = await self.process.wait()
            delay = FIRST_DELAY if time.monotonic() - begun > STEADY else min(delay * 2, LONGEST_DELAY)
            say(f"ended ({_how(code)}), starting again in {delay:g} s", self.program.name)
            await asyncio.sleep(delay)

    async def _relay(self, stream: asyncio.StreamReader | None) -> None:
        rest = b""
        while stream and (chunk := await stream.read(65536)):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                say(line.decode(errors="replace"), self.program.name)

    async def ready(self) -> None:
        """Wait until it answers. Raises CannotStart with its last words when it keeps ending instead."""
        while not await asyncio.to_thread(self.program.ready):
            if self.starts >= STARTS:
                raise CannotStart(f"{self.program.name} does not start:\n{self.program.last_words()}")
            await asyncio.sleep(0.05)

    async def end(self) -> None:
        """Ask it to stop, insist after its grace, and start it no more."""
        self.task.cancel()
        if self.process and self.process.returncode is None:
            self.signal(self.program.stop)
            try:
                await asyncio.wait_for(self.process.wait(), self.program.grace)
            except TimeoutError:
                self.signal(signal.SIGKILL)
                await self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        if self.process and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)


class Supervisor:
    """The engines and the processes of one folder, from start to end."""

    def __init__(self, lock: int, host: str, port: int) -> None:
        self.lock, self.host, self.port = lock, host, port
        self.engines: list[Child] = []
        self.processes: list[Child] = []
        self.preparing: asyncio.subprocess.Process | None = None
        self.asked_to_stop = False

    async def run(self) -> None:
        """Start everything in order, stay, and end everything in the opposite order."""
        begun, me = time.monotonic(), asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._stop, me)
        try:
            if not (var_dir() / "pg").exists() and not os.environ.get("DATABASE_URL"):
                say("Creating the database…")
            for program in engines.needed():
                self.engines.append(Child(program, (self.lock,)))
            for engine in self.engines:
                await engine.ready()
            welcome = await self._prepare()
            say("Starting web, worker and beat…")
            self.processes = [Child(program) for program in processes(self.host, self.port)]
            await self.processes[0].ready()
            say(f"\nThe CRM is up after {time.monotonic() - begun:.1f} s.\n\n  {address(self.host, self.port)}\n")
            say(welcome + "\nCtrl-C stops it.")
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            say("\nStopping…")
        finally:
            await self._end()

    async def _prepare(self) -> str:
        """Run `manage.py prepare`: what it does it tells the terminal, what it returns is how to sign in."""
        program = Program("prepare", [sys.executable, ROOT / "manage.py", "prepare"])
        self.preparing = await asyncio.create_subprocess_exec(
            *program.argv, stdout=subprocess.PIPE, **program.options()
        )
        said, _ = await self.preparing.communicate()
        if self.preparing.returncode:
            raise CannotStart(f"The database could not be prepared ({_how(self.preparing.returncode)}, see above).")
        return said.decode()

    def _stop(self, me: asyncio.Task | None) -> None:
        if self.asked_to_stop:  # asked twice: patience is over, except with the keepers of the data
            for child in self.processes:
                child.signal(signal.SIGKILL)
        else:
            self.asked_to_stop = True
            if me:
                me.cancel()

    async def _end(self) -> None:
        if self.preparing and self.preparing.returncode is None:
            self.preparing.terminate()
            await self.preparing.wait()
        await asyncio.gather(*(child.end() for child in self.processes))
        for engine in reversed(self.engines):
            await engine.end()


def processes(host: str, port: int) -> list[Program]:
    """Web, worker and beat, each one Python process; few allocator arenas keep threads from hoarding memory."""
    env = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2", "DJANGO_SETTINGS_MODULE": "crm.settings"}
    python = [sys.executable, "-m"]
    uvicorn = [*python, "uvicorn", "crm.asgi:application", "--host", host, "--port", str(port), "--lifespan", "off"]
    # Nothing is said over sockets, so nobody needs to send more; hints are too short to be worth packing.
    uvicorn += ["--ws-max-size", "65536", "--ws-per-message-deflate", "false"]
    quiet = ["--log-level", "warning", "--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "5"]
    celery = [*python, "celery", "--quiet", "-A", "crm"]
    threads = ["worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "WARNING"]
    schedule: list[str | Path] = ["beat", "--schedule", var_dir() / "beat", "--pidfile", "", "--loglevel", "WARNING"]
    return [
        Program("web", uvicorn + quiet, env=env, ready=lambda: _answers(host, port)),
        # As root Celery would fill the terminal with advice that this machine's owner has already decided on.
        Program("worker", [*celery, *threads], env=env | {"PYTHONWARNINGS": "ignore:You're running"}, grace=20),
        Program("beat", [*celery, *schedule], env=env),
    ]


def address(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::', '') else host}:{port}"  # noqa: S104


def _answers(host: str, port: int) -> bool:
    """Whether the web process answers a request, not merely listens."""
    from urllib.error import HTTPError, URLError
    from urllib.request import ProxyHandler, build_opener

    try:
        build_opener(ProxyHandler({})).open(address(host, port) + "/healthz", timeout=5).close()
    except HTTPError as answer:
        return answer.code < 500
    except (URLError, OSError):
        return False
    return True


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _require_free(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as problem:
        taken = problem.errno == errno.EADDRINUSE
        why = "another program listens there" if taken else os.strerror(problem.errno or 0)
        other = 8000 if port != 8000 else 8010
        raise CannotStart(
            f"Cannot listen on {address(host, port)}: {why}. Choose another port: make up PORT={other}"
        ) from None


def main() -> int:
    """The whole of `manage.py up`: `HOST` and `PORT` say where. Returns the process's exit code."""
    refuse_unsafe(os.environ)
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    try:
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise CannotStart(f"PORT is {port!r}; it must be a number from 1 to 65535.")
        with engines.claimed(f"up on {address(host, int(port))}") as lock:
            _require_free(host, int(port))
            os.environ["PORT"] = port
            asyncio.run(Supervisor(lock, host, int(port)).run())
    except engines.Busy as holder:
        say(f"Already running in this folder: {holder}. Nothing was started or changed.")
        return 1
    except (CannotStart, RuntimeError, PermissionError) as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0

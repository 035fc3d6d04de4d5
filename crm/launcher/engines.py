"""The embedded engines of one folder: which are needed, who runs them, and running them for a while."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from crm.launcher import postgres, valkey
from crm.launcher.programs import Program
from crm.launcher.services import socket_dir, var_dir


class Busy(RuntimeError):
    """Another process runs this folder; its message says which."""


def needed(durable: bool = True) -> list[Program]:
    """The engines that no `DATABASE_URL` or `REDIS_URL` replaces, in the order of starting, their folders made."""
    var, programs = var_dir(), []
    var.mkdir(parents=True, exist_ok=True)
    var.chmod(0o700)  # the company's records are in there
    if not os.environ.get("DATABASE_URL"):
        postgres.prepare(var / "pg", durable)
        programs.append(postgres.program(var / "pg", _sockets(), var / "log" / "postgres.log", durable))
    if not os.environ.get("REDIS_URL"):
        programs.append(valkey.program(var / "valkey", _sockets(), var / "log" / "valkey.log", durable))
    return programs


def _sockets() -> Path:
    folder = socket_dir()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    return folder


@contextmanager
def claimed(who: str) -> Iterator[int]:
    """Hold this folder; engines inherit the yielded lock's descriptor, so that it is free only when they are gone.

    Raises Busy while another process holds it. One that was just killed is waited for: its engines are still stopping.
    """
    path = var_dir() / "up.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + 15
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = os.pread(lock, 500, 0).decode().partition("\n")
                if _lives(holder[0]) or time.monotonic() > deadline:
                    raise Busy(holder[2].strip() or "another process") from None
                time.sleep(0.1)
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n{who} (process {os.getpid()})".encode(), 0)
        yield lock
        os.truncate(lock, 0)
    finally:
        os.close(lock)


def _lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    return True


@contextmanager
def running(who: str, durable: bool = True) -> Iterator[None]:
    """Run the engines for the length of a command. Raises Busy when they already run."""
    with claimed(who) as lock, ExitStack() as stack:
        for program in needed(durable):
            stack.callback(program.end, program.start(pass_fds=[lock]))
        yield


@contextmanager
def at_hand(who: str) -> Iterator[None]:
    """The engines for the length of a command: those that run already, or our own."""
    with ExitStack() as stack:
        if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
            with suppress(Busy):
                stack.enter_context(running(who))
        yield

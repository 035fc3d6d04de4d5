"""A long-running program: how it starts, when it is ready, how it is asked to stop, and that it never outlives us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What is needed to run one program; `grace` is the seconds between asking it to stop and killing it."""

    name: str
    argv: Sequence[str | Path]
    stop: signal.Signals = signal.SIGTERM
    grace: float = 10
    env: dict[str, str] = field(default_factory=dict)
    log: Path | None = None
    ready: Callable[[], bool] = lambda: True

    def options(self) -> dict:
        """Keyword arguments of `subprocess` that both the supervisor and the tests start the program with.

        Its own session keeps Ctrl-C in the terminal away from it: its turn to stop is ours to give.
        """
        return {
            "stdin": subprocess.DEVNULL,
            "env": os.environ | self.env,
            "start_new_session": True,
            "preexec_fn": self._end_with_parent(os.getpid()),
        }

    def _end_with_parent(self, parent: int) -> Callable[[], None]:
        def arrange() -> None:
            if _libc:
                _libc.prctl(PR_SET_PDEATHSIG, self.stop)
                if os.getppid() != parent:
                    os._exit(1)

        return arrange

    def open_log(self) -> BinaryIO:
        """The program's own log file, begun anew when it has grown past 5 MB."""
        path = self.log or Path(os.devnull)
        path.parent.mkdir(parents=True, exist_ok=True)
        large = path.exists() and path.stat().st_size > 5_000_000
        return path.open("wb" if large else "ab")

    def last_words(self, lines: int = 5) -> str:
        """The end of its log, for the message that says why it did not start."""
        text = self.log.read_text(errors="replace") if self.log and self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def start(self, timeout: float = 60, pass_fds: Sequence[int] = ()) -> subprocess.Popen:
        """Start it and wait until it is ready. Raises RuntimeError with its last words when it is not."""
        with self.open_log() as log:
            process = subprocess.Popen(self.argv, stdout=log, stderr=log, pass_fds=pass_fds, **self.options())
        deadline = time.monotonic() + timeout
        while not self.ready():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(f"{self.name} did not start:\n{self.last_words()}")
            time.sleep(0.02)
        return process

    def end(self, process: subprocess.Popen) -> None:
        """Ask it to stop, and insist after the grace period."""
        if process.poll() is None:
            process.send_signal(self.stop)
        try:
            process.wait(self.grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

"""`manage.py up`, whole: it answers, heals, refuses a second start, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from crm.launcher.services import ROOT

NAMES = {"postgres", "valkey-server", "uvicorn", "worker", "beat"}


class Run:
    """One `manage.py up` in a folder of its own, as a company would start it: empty and in production."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.output = folder / "output"
        self.env = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")} | {
            "ALLOWED_HOSTS": "127.0.0.1",
            "CRM_ENV": "production",
            "CRM_INSECURE_HTTP": "1",
            "CRM_VAR": str(folder / "данные"),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": "k" * 50,
            "SITE_URL": f"http://127.0.0.1:{self.port}",
        }

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(self.argv, cwd=ROOT, env=self.env, stdout=output, stderr=subprocess.STDOUT)
        self.until(lambda: "Ctrl-C stops it" in self.said() or self.process.poll() is not None, 120)
        assert self.process.poll() is None, self.said()

    argv = (sys.executable, "manage.py", "up")

    def said(self) -> str:
        return self.output.read_text()

    def children(self) -> dict[str, psutil.Process]:
        """Its direct children by what their command line names."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                words = {child.name(), *(Path(part).name for part in child.cmdline())}
                found |= dict.fromkeys(NAMES & words, child)
        return found

    def answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    @staticmethod
    def until(happens, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not happens():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    run = Run(tmp_path_factory.mktemp("up"))
    run.start()
    yield run
    run.process.kill()
    run.process.wait()


def test_it_answers_and_says_where_and_how_to_begin(run):
    assert run.answers()
    assert f"http://127.0.0.1:{run.port}" in run.said()
    assert "manage.py firstadmin" in run.said()
    assert set(run.children()) == NAMES


def test_a_second_start_changes_nothing(run):
    before = {name: child.pid for name, child in run.children().items()}
    second = subprocess.run(run.argv, cwd=ROOT, env=run.env, capture_output=True, text=True)
    assert second.returncode == 1
    assert f"Already running in this folder: up on http://127.0.0.1:{run.port}" in second.stdout
    assert {name: child.pid for name, child in run.children().items()} == before
    assert run.answers()


def test_a_taken_port_is_said_plainly(run, tmp_path):
    other = subprocess.run(run.argv, cwd=ROOT, env=run.env | {"CRM_VAR": str(tmp_path)}, capture_output=True, text=True)
    assert other.returncode == 1
    assert f"Cannot listen on http://127.0.0.1:{run.port}: another program listens there" in other.stdout


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_killed_child_comes_back(run, name):
    killed = run.children()[name]
    killed.kill()
    run.until(lambda: run.children().get(name, killed).pid != killed.pid)
    run.until(run.answers)


def test_a_killed_supervisor_leaves_nobody_and_starts_again(run):
    family = psutil.Process(run.process.pid).children(recursive=True)
    run.process.kill()
    run.process.wait()
    run.start()  # at once: it waits for the engines of the run before
    assert not [child for child in family if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert run.answers()


def test_asked_to_stop_it_leaves_nothing_and_the_next_start_keeps_the_data(run):
    family = psutil.Process(run.process.pid).children(recursive=True)
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(30) == 0
    assert not [child for child in family if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    run.start()
    assert "Creating" not in run.said() and "Applying" not in run.said()
    assert run.answers()


def test_a_database_that_is_away_is_said_in_one_line(run, tmp_path):
    away = {
        "CRM_VAR": str(tmp_path),
        "DATABASE_URL": "postgresql://crm@127.0.0.1:1/crm",
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = {"PORT": str(free.getsockname()[1])}
    up = subprocess.run(run.argv, cwd=ROOT, env=run.env | away | port, capture_output=True, text=True)
    assert up.returncode == 1
    assert "The database does not answer: " in up.stderr and "Traceback" not in up.stderr
    assert "The database could not be prepared" in up.stdout

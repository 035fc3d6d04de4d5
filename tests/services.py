"""pytest plugin: real PostgreSQL and Valkey for the length of the run, there before Django's settings are read.

It is loaded by `-p` because a conftest is imported too late: pytest-django has read the settings by then. Workers of
xdist inherit the addresses and start nothing.
"""

import atexit
import json
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from crm.launcher import engines

WORKER = os.environ.get("PYTEST_XDIST_WORKER")
# Emptying a hundred tables makes and removes some hundreds of files, which a disk takes a second for.
MEMORY, ROOM = Path("/dev/shm"), 8 << 30


def _place() -> str | None:
    """Where the run's data lives: `CRM_TEST_DIR`, else memory where there is room, else the usual temporary folder."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return os.environ.get("CRM_TEST_DIR") or (str(MEMORY) if roomy else None)


def _start() -> None:
    stack = ExitStack()
    atexit.register(stack.close)
    folder = stack.enter_context(
        tempfile.TemporaryDirectory(prefix="crm-test-", dir=_place(), ignore_cleanup_errors=True)
    )
    Path(folder, "static").mkdir()  # WhiteNoise warns of a missing one
    os.environ["CRM_VAR"] = folder
    stack.enter_context(engines.running("pytest", durable=False))


if WORKER:
    os.environ["CRM_LAYER_PREFIX"] = f"test-{WORKER}"
else:
    os.environ.pop("CRM_ENV", None)
    _start()


def pytest_sessionfinish(session) -> None:
    """Leave the counts for tests/run.py, which adds up several runs."""
    target = os.environ.get("CRM_TEST_COUNTS")
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if target and reporter and not WORKER:
        failed = len(reporter.stats.get("failed", [])) + len(reporter.stats.get("error", []))
        Path(target).write_text(json.dumps({"passed": len(reporter.stats.get("passed", [])), "failed": failed}))

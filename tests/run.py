"""Run every test, browser journeys apart from the rest, and end with one line for both: `N passed, N failed`.

Playwright leaves an event loop running in its process, in which later asynchronous tests cannot start theirs.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = (["-n", "auto", "--maxprocesses", "4"], ["-m", "e2e", "-n", "2"])


def main(arguments: list[str]) -> int:
    """Run both; returns 0 only when each ran something and nothing failed."""
    passed = failed = 0
    clean = True
    with tempfile.TemporaryDirectory() as folder:
        for number, run in enumerate(RUNS):
            counts = Path(folder, str(number))
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", *run, *arguments],
                env=os.environ | {"CRM_TEST_COUNTS": str(counts)},
            )
            clean = clean and done.returncode == 0
            if counts.exists():
                said = json.loads(counts.read_text())
                passed, failed = passed + said["passed"], failed + said["failed"]
            if done.returncode and not (counts.exists() and said["failed"]):
                failed += 1  # it broke before or beside its tests, which must not read as success
    print(f"\n{passed} passed, {failed} failed", flush=True)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

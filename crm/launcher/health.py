"""The container's own question to the web process: is it ready to serve?"""

import os
import sys
from urllib.error import URLError
from urllib.request import Request, urlopen


def main() -> int:
    """Ask /readyz under a host name that the product answers to. Returns the process's exit code."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    try:
        urlopen(Request(f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/readyz", headers={"Host": host}), timeout=4)
    except (URLError, OSError) as problem:
        print(problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The product's own web server in a process of its own, on the test database."""

import os
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from crm.launcher.services import database_url
from crm.launcher.supervisor import processes


@contextmanager
def serving():
    """Where the product answers, such as http://127.0.0.1:40123, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = urlunsplit(urlsplit(database_url())._replace(path=f"/{connection.settings_dict['NAME']}"))
    web = next(program for program in processes("127.0.0.1", port) if program.name == "web")
    server = subprocess.Popen(
        [*web.argv, "--timeout-graceful-shutdown", "1"],
        env=os.environ | web.env | {"DATABASE_URL": url, "PORT": str(port)},
    )
    site = f"http://127.0.0.1:{port}"
    for _try in range(400):
        try:
            urllib.request.urlopen(f"{site}/healthz", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    try:
        yield site
    finally:
        server.terminate()
        server.wait(10)
        # Its connections must be gone before the test's tables are emptied.

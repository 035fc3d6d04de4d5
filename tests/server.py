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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def started(port):
    """The product's web server on this port, once it answers."""
    url = urlunsplit(urlsplit(database_url())._replace(path=f"/{connection.settings_dict['NAME']}"))
    web = next(program for program in processes("127.0.0.1", port) if program.name == "web")
    server = subprocess.Popen(
        [*web.argv, "--timeout-graceful-shutdown", "1"],
        env=os.environ | web.env | {"DATABASE_URL": url, "PORT": str(port)},
    )
    for _try in range(400):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    return server


@contextmanager
def serving():
    """Where the product answers, such as http://127.0.0.1:40123, until the block ends."""
    port = free_port()
    server = started(port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)
        # Its connections must be gone before the test's tables are emptied.

"""Files: how fast they go in and out beside a plain copy, what the web process weighs meanwhile, what hostile ones cost."""

import base64
import os
import shutil
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

from django.db import connections

from files import kinds, looking, names

from . import scratch
from .client import Client
from .hostile import BOMBS, sixty
from .talk import company, move_to, session

PIECE = 16 * 1024**2
MB = 1024**2
STREAM = "application/offset+octet-stream"


class Papers:
    """One person with one large file and many small ones; then everything hostile, without the product around it."""

    def __init__(self, out, megabytes, small=500):
        self.out, self.megabytes, self.small = out, megabytes, small

    def say(self, text):
        self.out.write(f"… {text} (load {os.getloadavg()[0]:.1f})")
        self.out.flush()

    def run(self):
        """All measurements, one line each."""
        with scratch.surroundings() as port, scratch.database(f"crm_bench_{os.getpid()}_files", self.say) as address:
            move_to(address)
            try:
                people, rooms = company()
                with scratch.product(port) as started, tempfile.TemporaryDirectory(dir=os.environ["CRM_VAR"]) as folder:
                    self.large(Line(port, session(people[0]), rooms[0].card_id), started["web"], Path(folder))
                    self.many(Line(port, session(people[1]), rooms[1].card_id))
            finally:
                connections["default"].close()
        self.hostile()

    def large(self, line, web, folder):
        self.say(f"{self.megabytes} MB up and down")
        source = folder / "source"
        with source.open("wb") as file:
            for _piece in range(max(1, self.megabytes * MB // PIECE)):
                file.write(os.urandom(PIECE))
        size, begun = source.stat().st_size / MB, time.monotonic()
        with source.open("rb") as one, (folder / "copy").open("wb") as other:
            shutil.copyfileobj(one, other, MB)
            os.fsync(other.fileno())
        plain = time.monotonic() - begun
        weights = [scratch.memory(web)]
        begun = time.monotonic()
        line.send("large.bin", source, lambda: weights.append(scratch.memory(web)))
        up = time.monotonic() - begun
        begun = time.monotonic()
        line.fetch("large.bin", lambda: weights.append(scratch.memory(web)))
        down = time.monotonic() - begun
        self.out.write(
            f"{size:.0f} MB: plain copy {size / plain:.0f} MB/s, up {size / up:.0f} MB/s, down {size / down:.0f} MB/s; "
            f"web process {weights[0]:.0f} MB before, {max(weights):.0f} MB at most"
        )

    def many(self, line):
        begun = time.monotonic()
        for n in range(self.small):
            line.begin(f"{n}.txt", 4, b"%04d" % n)
        self.out.write(f"{self.small} small files, {1000 * (time.monotonic() - begun) / self.small:.1f} ms each")

    def hostile(self):
        """What is opened at all is opened by a child; its time and memory are the kernel's own count."""
        opened, shut, costs = 0, 0, []
        for name, make in [*((name, lambda body=body: body) for name, body in sixty()), *BOMBS.items()]:
            body = make()
            kind = kinds.shown_as(name, kinds.sniff(body[: kinds.HEAD]))
            if kind not in ("picture", "pdf", "office", "text"):
                shut += 1
                continue
            opened += 1
            costs.append((*cost(kind, names.extension(name), body), name))
        slow, heavy = max(costs), max(costs, key=lambda one: one[1])
        self.out.write(
            f"hostile files: {shut} never opened, {opened} opened in {sum(one[0] for one in costs):.1f} s; the slowest "
            f"{slow[2]} {slow[0]:.1f} s, the heaviest {heavy[2]} {heavy[1]:.0f} MB (goal ≤ 512)"
        )


def cost(kind, ending, body):
    """Seconds and megabytes at most that drawing and reading this file took, LibreOffice included where it is."""
    begun, most = time.monotonic(), 0.0
    with tempfile.TemporaryDirectory() as folder:
        path, made = Path(folder, "file"), Path(folder, "made")
        made.mkdir()
        path.write_bytes(body)
        tasks = ["text", "office"] if kind == "office" and looking.office() else ["text" if kind == "office" else kind]
        for task in tasks:
            most = max(most, weigh(task, ending, path, made))
    return time.monotonic() - begun, most


def weigh(task, ending, path, made):
    """Megabytes at most of one task's process."""
    if task == "office":
        argv, env = looking.office_command(path, ending, made)
    else:
        argv, env = [sys.executable, "-I", looking.CHILD, task, ending, path, made], {"LANG": "C.UTF-8"}
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(argv, env=env, stdout=quiet, stderr=quiet)  # noqa: S603
    _pid, _status, used = os.wait4(child.pid, 0)
    child.returncode = 0
    return used.ru_maxrss / 1024


class Line:
    """A browser's uploads into one card: the tus protocol over one kept connection."""

    def __init__(self, port, key, card):
        self.client, self.card = Client(port), card
        self.client.cookies["sessionid"] = key
        self.client.get(f"/files/of/{card}/")
        self.line = HTTPConnection("127.0.0.1", port, timeout=300)

    def ask(self, method, path, body=None, **headers):
        cookies = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        token = {"Cookie": cookies, "X-CSRFToken": self.client.cookies["csrftoken"], "Tus-Resumable": "1.0.0"}
        self.line.request(method, path, body, token | headers)
        return self.line.getresponse()

    def begin(self, name, size, body=b""):
        said = {"Upload-Length": str(size), "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}
        answer = self.ask("POST", f"/files/of/{self.card}/uploads/", body, **said, **{"Content-Type": STREAM})
        answer.read()
        if answer.status != 201:
            raise RuntimeError(f"{name} was not taken: {answer.status}")
        return answer.headers["Location"]

    def send(self, name, path, after):
        """The file at this path, piece by piece; ``after`` is called after each."""
        place, offset = self.begin(name, path.stat().st_size), 0
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                how = {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": str(offset), "Content-Type": STREAM}
                self.ask("POST", place, piece, **how).read()
                offset += len(piece)
                after()

    def fetch(self, name, after):
        """Read the file of this name to its end."""
        from files.models import File

        answer, came = self.ask("GET", File.objects.get(folder__card=self.card, name=name).download_url()), 0
        while piece := answer.read(PIECE):
            came += len(piece)
            after()
        if answer.status != 200 or not came:
            raise RuntimeError(f"{name} did not come back: {answer.status}")

"""A browser without a screen: one kept connection, a session, the form token, and how long each answer took."""

import gzip
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode
from uuid import uuid4

from crm.demo import PASSWORD

from .counting import HEADER

IDLE = 2  # seconds; the server hangs up after five


@dataclass(frozen=True)
class Answer:
    """What came back: ``seconds`` from the first byte sent to the last received, ``size`` in bytes as sent."""

    status: int
    seconds: float
    size: int
    statements: int
    body: bytes
    zipped: bool

    @property
    def text(self):
        return (gzip.decompress(self.body) if self.zipped else self.body).decode()


class Client:
    """One person at one keyboard; not to be shared between threads."""

    def __init__(self, port):
        self.port, self.cookies = port, {}
        self.line, self.used = HTTPConnection("127.0.0.1", port, timeout=120), 0.0

    def sign_in(self, email):
        """Through the sign-in page, as people do."""
        self.get("/")
        answer = self.post(self.find_door(), username=email, password=PASSWORD)
        if answer.status not in (302, 303):
            raise RuntimeError(f"{email} cannot sign in: {answer.status}")
        return self

    def find_door(self):
        from django.urls import reverse

        door = reverse("people:sign_in")
        self.get(door)
        return door

    def twin(self):
        """The same person in another window: a connection of its own."""
        other = Client(self.port)
        other.cookies = dict(self.cookies)
        return other

    def get(self, address, htmx=False):
        return self._ask("GET", address, htmx)

    def post(self, address, **fields):
        return self._ask("POST", address, True, urlencode(fields))

    def move(self, card, to, **fields):
        """A card to another stage, as a drop on the board says it."""
        return self.post(f"/cards/{card}/moves/", to=to, key=str(uuid4()), **fields)

    def _ask(self, method, address, htmx, body=None):
        headers = {"Accept-Encoding": "gzip", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if htmx:
            headers["HX-Request"] = "true"
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        if time.monotonic() - self.used > IDLE:
            self.line.close()
            self.line.connect()
        begun = time.perf_counter()
        self.line.request(method, address, body, headers)
        reply = self.line.getresponse()
        content = reply.read()
        took, self.used = time.perf_counter() - begun, time.monotonic()
        for line in reply.headers.get_all("Set-Cookie") or ():
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        zipped = reply.headers.get("Content-Encoding") == "gzip"
        return Answer(reply.status, took, len(content), int(reply.headers.get(HEADER, 0)), content, zipped)

"""No request waits for the mail server: whatever is asked for by whom, nobody rings at its port before a worker does (B13)."""

import socket
from threading import Thread

import pytest
from django.utils import timezone

from crm.notifications import outbox
from crm.notifications.mail import send

from .test_routes import OPEN, ask
from .world import undone

pytestmark = pytest.mark.django_db


@pytest.fixture
def doorbell(settings):
    """A port that counts who rings, and answers nobody."""
    server = socket.create_server(("127.0.0.1", 0))
    rings = []

    def listen():
        while True:
            try:
                line, _address = server.accept()
            except OSError:
                return
            rings.append(line)
            line.close()

    Thread(target=listen, daemon=True).start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
    yield rings
    server.close()


@pytest.mark.parametrize("actor", ["owner", "executive", "accountant", "administrator"])
def test_no_request_meets_it(world, doorbell, actor, django_capture_on_commit_callbacks):
    wrote = 0
    for door in OPEN:
        for method in ("GET", "POST"):
            if door.expected(method)[actor] == "ok":
                with undone(), django_capture_on_commit_callbacks(execute=True):
                    wrote += ask(world, door, method, actor, world.a)[1]
    assert wrote > 10 and doorbell == []


def test_a_worker_does(world, doorbell):
    """So the port would have heard of the others."""
    with undone():
        send("letter:1", "anna@snag.example", "Письмо", "Текст")
        outbox.drain(timezone.now(), kinds={"letter"})
        assert len(doorbell) == 1

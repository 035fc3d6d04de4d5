"""B13, B2: a thousand letters through a mail server where any step may go wrong, and senders killed between two steps.

Each arrives, under the one Message-ID that it has for ever; it comes twice only where the server took it and could not
say so, which no sender can tell from not taking it.
"""

import os
from collections import Counter
from datetime import timedelta
from random import Random
from threading import Lock

import pytest
from django.db import connection
from django.utils import timezone

from crm.notifications import outbox
from crm.notifications.mail import send
from crm.notifications.models import Outbox
from tests.post_office import PostOfficeBox, Storm, Stormy, opened

from .test_year import Clocks

pytestmark = pytest.mark.heavy
SEED = int(os.environ.get("CRM_SEED", "5"))
LETTERS, WRONG, KILLED = 1000, 20, 300
ANSWERS = {
    "connect": ["hang", "break"], "ehlo": ["hang", "break"], "mail": ["451 busy", "421 later", "hang", "break"],
    "rcpt": ["451 greylisted", "452 full", "hang", "break"], "data": ["451 busy", "452 full", "hang", "break"],
    "end": ["break"],
}  # fmt: skip


class Moods:
    """Chance: one step in twenty goes wrong."""

    def __init__(self, seed, hangs):
        self.random, self.lock, self.left = Random(seed), Lock(), hangs

    def __call__(self, step):
        with self.lock:
            if self.random.random() > 0.05:
                return ""
            mood = self.random.choice(ANSWERS[step])
            if mood == "hang":
                self.left -= 1
            return mood if self.left >= 0 or mood != "hang" else "break"


def arrived(box):
    return Counter(letter["Message-ID"] for _to, letter in box.letters)


def later():
    """As if the back-off of all that waits were over."""
    Outbox.objects.filter(done_at=None).update(run_after=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db
def test_a_thousand_letters_through_the_storm(settings):
    box = Storm(Moods(SEED, hangs=25))
    server = opened(box, Stormy)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 0.5
    for n in range(LETTERS):
        send(f"letter:{n}", f"n{n}@snag.example", f"Письмо {n}", "Текст")
    for n in range(WRONG):
        send(f"wrong:{n}", f"wrong{n}@snag.example", "Письмо", "Текст")
    turns = 0
    while Outbox.objects.filter(done_at=None, dead_at=None).exists():
        outbox.drain_outside()
        later()
        turns += 1
        assert turns < 2000
    server.stop()
    counts = arrived(box)
    assert set(counts) == {f"<letter.{n}@localhost>" for n in range(LETTERS)}
    assert counts.total() == LETTERS + box.unheard
    dead = outbox.dead()
    assert {row.key for row in dead} == {f"wrong:{n}" for n in range(WRONG)}
    assert box.met["refused"] == WRONG, "refused for good is not asked for again"
    assert {place[0] for place in box.met if place != "refused"} == set(ANSWERS)
    print(f"\nseed {SEED}: {turns} turns, {dict(box.met)}, {box.unheard} taken without an answer")


@pytest.mark.django_db(transaction=True)
def test_senders_killed_between_taking_and_marking(monkeypatch):
    """Ten senders at once, killed at random: only a killed one can leave a letter sent and not marked."""
    box = PostOfficeBox()
    server = opened(box)
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{server.port}")
    for n in range(KILLED):
        send(f"letter:{n}", f"n{n}@snag.example", f"Письмо {n}", "Текст")
    connection.close()
    random, turns = Random(SEED), 0
    clocks = Clocks(random)
    try:
        while Outbox.objects.filter(done_at=None).exists():
            kills = sorted(random.uniform(0, 0.4) for _n in range(3)) if turns < 25 else []
            clocks.call(timezone.now(), ["send letters and messages"], 3, kills, again=False)
            later()
            turns += 1
            assert turns < 100
    finally:
        clocks.close()
        server.stop()
    counts = arrived(box)
    assert set(counts) == {f"<letter.{n}@localhost>" for n in range(KILLED)}
    assert counts.total() - KILLED <= clocks.killed
    assert not outbox.dead().exists() and clocks.killed
    print(f"\n{clocks.killed} killed in {turns} turns, {counts.total() - KILLED} letters came twice under their one id")

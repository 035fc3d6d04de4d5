"""E10, B4, B5: Redis emptied every few seconds and away for a while, with web, worker and clock running: nothing is lost.

What was asked for meanwhile is delivered once after it returns: letters into a real mail box, bells, reminders, moves.
"""

import json
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone
from websockets.sync.client import connect

from crm.activities.verbs import add
from crm.bench.scratch import _free_port as free_port
from crm.cards.models import Card, Event
from crm.launcher import supervisor, valkey
from crm.launcher.services import database_url
from crm.notifications.mail import send
from crm.notifications.models import Notice, Outbox
from crm.notifications.notices import notify
from crm.pipelines.moves import open_card, take
from deals.models import Project
from leads.intake import receive
from leads.models import Lead
from tests.doors.world import cookie
from tests.post_office import PostOfficeBox, opened

pytestmark = pytest.mark.heavy
# How long work goes on, how often Redis is emptied, and between which seconds it is away.
LASTS, FLUSH_EVERY, AWAY = 110, 4, (20, 85)
PATIENCE = 150


class Product:
    """Web, worker and clock as `manage.py up` starts them, over the test's database and a Valkey of their own."""

    def __init__(self, folder, mail_port):
        self.folder, self.port, self.stack = folder, free_port(), ExitStack()
        self.sockets = folder / "run"
        self.sockets.mkdir()
        self.redis = None
        url = urlunsplit(urlsplit(database_url())._replace(path=f"/{connection.settings_dict['NAME']}"))
        self.env = {
            "DATABASE_URL": url, "REDIS_URL": f"unix://{self.sockets / 'valkey'}", "PORT": str(self.port),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        }  # fmt: skip

    def open_redis(self):
        self.program = valkey.program(self.folder / "valkey", self.sockets, self.folder / "valkey.log", durable=False)
        self.redis = self.program.start()

    def close_redis(self):
        self.program.end(self.redis)

    def flush(self):
        line = redis.Redis(unix_socket_path=str(self.sockets / "valkey"))
        line.flushall()
        line.close()

    def start(self):
        self.open_redis()
        for program in supervisor.processes("127.0.0.1", self.port):
            mine = replace(program, env=program.env | self.env, log=Path(self.folder, f"{program.name}.log"))
            self.stack.callback(mine.end, mine.start())

    def stop(self):
        self.stack.close()
        self.close_redis()

    def opens(self, path, held):
        """Whether the page answers this person."""
        page = Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={held}"}
        )
        with urlopen(page, timeout=30) as answer:
            return answer.status == 200

    def socket(self, held):
        return connect(
            f"ws://127.0.0.1:{self.port}/ws/", origin=f"http://127.0.0.1:{self.port}",
            additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={held}"},
        )  # fmt: skip


@pytest.fixture
def product(lasting_cast, tmp_path):
    box = PostOfficeBox()
    post = opened(box)
    product = Product(tmp_path, post.port)
    product.box = box
    product.start()
    yield product
    product.stop()
    post.stop()


def work(n, cast, deal):
    """One second's work: a letter, a bell, a call to be reminded of at once, a lead that is ripe."""
    send(f"letter:{n}", "anna@snag.example", f"Письмо {n}", "Текст")
    notify([cast.anna.pk], deal, "question", by=cast.irina, wait=False, text=f"Вопрос {n}")
    now = timezone.now()
    add(deal, cast.anna, title=f"Звонок {n}", due_at=now + timedelta(minutes=15, seconds=1), kind="call", remind=[15])
    lead = receive(
        "phone", by=cast.anna, owner=cast.anna, title=f"Лид {n}", person=f"Марина {n}", source="call", may_refer=True
    )
    take(lead, "discuss", cast.irina, {"source": "call", "may_refer": "yes"})
    take(Lead.objects.get(pk=lead.pk), "convert", cast.irina, {"has_brief": "yes", "target": "new"})
    Card.objects.filter(pk=lead.pk).update(stage_since=now - timedelta(days=7))


def undone(number):
    """What is still on its way, in words."""
    return {
        "outbox": Outbox.objects.filter(done_at=None).exclude(kind="bundle").count(),
        "reminders": number - Notice.objects.filter(kind="reminder").count(),
        "leads": Lead.objects.filter(pipeline="leads", stage="deal").count(),
    }


def wait_for(happens, seconds):
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.5)


def test_nothing_is_lost(product, lasting_cast):
    cast, begun, flushed, number, away = lasting_cast, time.monotonic(), 0, 0, False
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Отель Заря", amount=1000)
    held = cookie(cast.anna)
    while (spent := time.monotonic() - begun) < LASTS:
        if not away and AWAY[0] <= spent < AWAY[1]:
            product.close_redis()
            away = True
        elif away and spent >= AWAY[1]:
            product.open_redis()
            away = False
        elif not away and spent > flushed * FLUSH_EVERY:
            product.flush()
            flushed += 1
        work(number, cast, deal)
        number += 1
        if number % 5 == 0:
            assert product.opens("/day/", held), "pages answer with and without Redis"
        time.sleep(0.5)
    if away:
        product.open_redis()
    try:
        wait_for(lambda: not any(undone(number).values()), PATIENCE)
    except AssertionError:
        pytest.fail(
            f"{undone(number)} of {number}: {[(p.name, p.read_text()[-600:]) for p in product.folder.glob('*.log')]}"
        )
    letters = sorted(
        letter["Message-ID"] for _to, letter in product.box.letters if letter["Subject"].startswith("Письмо")
    )
    assert letters == sorted(f"<letter.{n}@localhost>" for n in range(number))
    assert Notice.objects.filter(kind="question").count() == number
    titles = Notice.objects.filter(kind="reminder").values_list("data__title", flat=True)
    assert sorted(titles) == sorted(f"Звонок {n}" for n in range(number))
    moves = Event.objects.filter(kind="moved", data__step="save_contact", actor=None)
    assert moves.count() == moves.values("card").distinct().count() == number
    print(f"\n{number} of each kind, Redis emptied {flushed} times and away for {AWAY[1] - AWAY[0]} s")
    hears_again(product, cast, held)


def hears_again(product, cast, held):
    """A page that lived through an outage is told to ask for what it missed, and of what is new."""
    with product.socket(held) as line:
        product.close_redis()
        product.open_redis()
        notify([cast.anna.pk], None, "digest", slot="digest:1", count=3)
        while json.loads(line.recv(timeout=10))["type"] != "back":
            pass
        notify([cast.anna.pk], None, "digest", slot="digest:2", count=3)
        while json.loads(line.recv(timeout=10))["type"] != "notice":
            pass

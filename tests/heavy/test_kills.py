"""T1, B1: two hundred processes killed in the middle of their moves; every stage entry has exactly its effects."""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from random import Random
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection

from chats.models import Room
from crm.activities.models import Task
from crm.cards.models import Card, CardLink, Event
from crm.clients.models import Company
from crm.launcher.services import database_url
from crm.notifications.models import Notice, Outbox
from crm.pipelines.moves import open_card
from deals.models import Deal, Project
from expenses.models import Expense
from expenses.verbs import register
from files.models import Folder, layout
from leads.intake import receive
from leads.models import Lead

from .mover import move

pytestmark = pytest.mark.heavy
KILLS, CARELESS_KILLS, OF_EACH = 200, 60, 5
PLANNED = {"discuss": ("discuss-lead", 1), "clarifying": ("clarify-request", 1), "approval": ("approve-expense", 2)}
# Its task stays open when the card leaves, and is the same one when it comes again.
STAYS = {"clarifying"}


@pytest.fixture
def cards(lasting_cast):
    cast = lasting_cast
    payee = Company.objects.create(name="Каменный двор", owner=cast.anna)
    found = []
    for n in range(OF_EACH):
        found.append(receive(
            "phone", by=cast.anna, owner=cast.anna, title=f"Лобби {n}", person=f"Марина {n}", source="call", may_refer=True
        ))  # fmt: skip
        found.append(open_card(Project, by=cast.anna, owner=cast.anna, title=f"Отель {n}", amount=100))
        found.append(register(
            cast.anna, title=f"Столешницы {n}", company=payee, amount=100, due_on=date(2030, 1, 9), purpose="Кварц"
        ))  # fmt: skip
    cast.cards = [card.pk for card in found]
    return cast


@pytest.fixture
def mover():
    """A process that forks movers on this test's database."""
    url = urlunsplit(urlsplit(database_url())._replace(path=f"/{connection.settings_dict['NAME']}"))
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.heavy.mover"], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | {"DATABASE_URL": url},
    )  # fmt: skip
    yield server
    server.stdin.close()
    server.wait(10)


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def lives(backend):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend])
        return cursor.fetchone() is not None


def killed(mover, journal, random, safe, who, cards):
    """Let one process move cards and kill it at a random moment; returns its journal as (word, value, card)."""
    print(
        journal, random.randrange(10**9), "safe" if safe else "careless", who.pk, *cards, file=mover.stdin, flush=True
    )
    pid = int(mover.stdout.readline())
    wait_for(lambda: journal.exists() and journal.read_text().count("\n") > 1)
    time.sleep(random.uniform(0, 0.4))
    os.kill(pid, signal.SIGKILL)
    lines = [line.split() for line in journal.read_text().splitlines()]
    # What it had sent may still be on its way through the server.
    wait_for(lambda: not lives(int(lines[0][1])))
    return lines[1:]


def everything():
    """How many rows there are of each kind, and every card's version."""
    tables = {model._meta.db_table: model for model in apps.get_models() if model._meta.app_label != "sessions"}
    counts = {name: model._base_manager.count() for name, model in tables.items()}
    return counts, sorted(Card.objects.values_list("pk", "version", "stage", "entry", "next_step_at"))


def wrong(card):
    """What the card's entries lack or have too much of, in words."""
    events = list(card.events.filter(kind__in=["created", "moved"]).order_by("id"))
    found = []
    if [event.entry for event in events] != list(range(1, card.entry + 1)):
        found.append("an entry without its one event")
    stages = [event.data.get("to") or event.data["stage"] for event in events]
    if stages[-1] != card.stage or [e.data["from"] for e in events[1:]] != stages[:-1]:
        found.append("the events tell another road")
    for place, (event, stage) in enumerate(zip(events, stages, strict=True)):
        rule, number = PLANNED.get(stage, ("", 0))
        if stage in STAYS and stage in stages[:place]:
            number = 0
        tasks = Task.objects.filter(card_id=card.pk, entry=event.entry).exclude(rule__in=["", "payment"])
        if sorted(task.rule for task in tasks) != [rule] * number:
            found.append(f"{stage}: {tasks.count()} tasks")
        if event.kind == "moved":
            made = [row["pk"] for row in event.data.get("made", []) if row["model"] == "activities.task"]
            if sorted(made) != sorted(task.pk for task in tasks):
                found.append(f"{stage}: the event remembers other tasks")
        if any(task.closes_on_leave and task.is_open != (event.entry == card.entry) for task in tasks):
            found.append(f"{stage}: a task is open that should not be, or closed")
    if card.pipeline == "expenses":
        sent = stages.count("approval")
        if Notice.objects.filter(card_id=card.pk, kind="approve-expense").count() != 2 * sent:
            found.append("notices")
        if Outbox.objects.filter(kind="notice", payload__card=card.pk).count() != sent:
            found.append("outbox")
    if card.pipeline == "leads" and CardLink.objects.filter(source_id=card.pk, rule="lead-deal").count() != (
        "deal" in stages
    ):
        found.append("deals")
    return found


def lonely():
    """Deals without exactly one chat with one first message, one folder with its subfolders, and one reason to be."""
    found = []
    for deal in Deal.objects.all():
        rooms = Room.objects.filter(card_id=deal.pk)
        folders = Folder.objects.filter(card_id=deal.pk)
        whole = rooms.count() == 1 and rooms[0].messages.count() == 1 and folders.count() == 1 + len(layout())
        if not whole or (deal.author_id is None and deal.backlinks.count() != 1):
            found.append(deal.pk)
    return found


def retried(lines, who, safe=True):
    """Send again what was not acknowledged; returns how many of it had happened and how many had not."""
    done = {key for word, key, _pk in lines if word == "done"}
    happened = missing = 0
    for word, key, pk in lines:
        if word == "start" and key not in done:
            was, before = Event.objects.filter(key=key).count(), everything()
            move(int(pk), who, UUID(key), safe)
            assert Event.objects.filter(key=key).count() == 1
            if was:
                assert everything() == before
                happened += 1
            else:
                missing += 1
            again = everything()
            move(int(pk), who, UUID(key), safe)
            assert everything() == again
    assert Event.objects.filter(key__in=done).count() == len(done)
    return happened, missing


def all_wrong(cards):
    kinds = {"leads": Lead, "project": Project, "expenses": Expense}
    found = {}
    for card in Card.objects.filter(pk__in=cards):
        if problems := wrong(kinds[card.pipeline].objects.get(pk=card.pk)):
            found[card.pk] = problems
    return found


def test_two_hundred_kills_lose_and_double_nothing(cards, mover, tmp_path):
    random, happened, missing, moves = Random(7), 0, 0, 0
    for turn in range(KILLS):
        lines = killed(mover, tmp_path / str(turn), random, True, cards.anna, cards.cards)
        moves += sum(word == "done" for word, _key, _pk in lines)
        one, other = retried(lines, cards.anna)
        happened, missing = happened + one, missing + other
    assert all_wrong(cards.cards) == {}
    assert lonely() == []
    assert Deal.objects.count() == OF_EACH + CardLink.objects.filter(rule="lead-deal").count()
    print(f"{KILLS} kills, {moves} acknowledged moves; unacknowledged: {happened} had happened, {missing} had not")
    assert moves and missing


def test_effects_after_the_commit_would_be_lost(cards, mover, tmp_path):
    """The negative control: the same kills find what a move in two transactions leaves undone."""
    random = Random(8)
    for turn in range(CARELESS_KILLS):
        lines = killed(mover, tmp_path / str(turn), random, False, cards.anna, cards.cards)
        retried(lines, cards.anna, safe=False)
    assert all_wrong(cards.cards) != {}

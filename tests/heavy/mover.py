"""A process that moves cards until it is killed: `python -m tests.heavy.mover` forks one for every line it is told.

What it is about to do and what it has done stands in a journal, written past all buffers, so that the kill loses nothing.
"""

import os
import signal
import sys
from random import Random
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

# The step from each stage, in circles: every entry has effects of its own.
NEXT = {
    ("leads", "new"): ("discuss", {}),
    ("leads", "discuss"): ("convert", {"has_brief": "yes", "target": "new"}),
    ("leads", "deal"): ("discuss", {}),
    ("project", "new"): ("clarify", {}),
    ("project", "clarifying"): ("sign", {}),
    ("project", "contract"): ("clarify", {}),
    ("expenses", "documents"): ("send", {}),
    ("expenses", "approval"): ("withdraw", {}),
}


def move(pk, by, key, safe=True):
    """One move of the card with this form key; without ``safe`` its effects come after the commit, as they must not."""
    from crm.cards.models import Card, Event
    from crm.pipelines.moves import take

    before = Event.objects.filter(key=key).first()
    card = Card.objects.get(pk=pk).as_kind()
    name, answers = NEXT[card.pipeline, before.data["from"] if before else card.stage]
    return take(card, name, by, answers, key=key) if safe else _careless(card, name, by, key)


def _careless(card, name, by, key):
    """The usual way to lose effects: first the move is committed, then what follows from it is done."""
    from django.db import transaction
    from django.utils import timezone

    from crm.cards.models import Event
    from crm.cards.verbs import lock, once, store
    from crm.pipelines import robots

    with transaction.atomic():
        card, came_from = lock(card, by, key), card.stage
        if card.sent_before:
            return once(key)
        getattr(card, name)()
        card.stage_since, card.entry = timezone.now(), card.entry + 1
        store(card, ["stage", "stage_since", "entry"])
        event = Event(card_id=card.pk, kind=Event.Kind.MOVED, actor=by, key=key, entry=card.entry)
        event.asked, event.data = {}, {"from": came_from, "to": card.stage, "step": name, "version": card.version}
        event.save(force_insert=True)
    robots.run("leaves", card, came_from, event)
    robots.run("enters", card, card.stage, event)
    event.save()
    return event


def work(journal, seed, safe, who, cards):
    """Move random ones of these cards for ever."""
    from django.db import connection

    from crm.people.models import User

    random, by = Random(seed), User.objects.get(pk=who)
    file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"backend {connection.connection.info.backend_pid} -\n".encode())
    while True:
        pk, key = random.choice(cards), uuid4()
        os.write(file, f"start {key} {pk}\n".encode())
        move(pk, by, key, safe)
        os.write(file, f"done {key} {pk}\n".encode())


def main():
    django.setup()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        journal, seed, safe, who, *cards = line.split()
        pid = os.fork()
        if pid == 0:
            try:
                work(journal, int(seed), safe == "safe", int(who), [int(pk) for pk in cards])
            finally:
                os._exit(1)
        print(pid, flush=True)


if __name__ == "__main__":
    main()

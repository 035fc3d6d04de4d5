"""The same form sent by many requests at once acts once, and every one of them is answered (B9)."""

from datetime import timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from chats.models import Message
from chats.verbs import post
from crm.activities.verbs import add
from crm.cards.models import Event
from crm.cards.verbs import change, hand_over, note, touch
from crm.clients.models import Company
from crm.pipelines.moves import open_card, take
from deals.models import Project
from expenses.models import Payment
from expenses.payments import pay
from expenses.verbs import register

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 12


def acts(cast, card, expense):
    """Every verb that a form with a key leads to."""
    later = timezone.now() + timedelta(days=1)
    return {
        "take": lambda key: take(card, "clarify", cast.anna, key=key),
        "note": lambda key: note(card, "Заметка", cast.anna, key),
        "touch": lambda key: touch(card, "call", cast.anna, key=key),
        "change": lambda key: change(card, {"amount": 5}, cast.anna, key=key),
        "hand_over": lambda key: hand_over(card, cast.pavel, cast.irina, key),
        "add": lambda key: add(card, cast.anna, key=key, title="Дело", due_at=later),
        "open": lambda key: open_card(Project, by=cast.anna, owner=cast.anna, title="Ещё", key=key),
        "register": lambda key: register(cast.anna, key=key, title="Стулья", amount=10),
        "pay": lambda key: pay(expense, 3, timezone.now().date(), by=cast.natalia, key=key),
        "post": lambda key: post(card.room, "Привет", cast.anna, key),
    }


@pytest.mark.parametrize(
    "name", ["take", "note", "touch", "change", "hand_over", "add", "open", "register", "pay", "post"]
)
def test_many_at_once_act_once(lasting_cast, name):
    cast = lasting_cast
    card = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    expense = register(
        cast.anna, title="Свет", amount=10, purpose="Аванс", due_on=timezone.now().date(),
        company=Company.objects.create(name="Поставщик", owner=cast.anna),
    )  # fmt: skip
    take(expense, "send", cast.anna)
    take(expense, "approve", cast.irina)
    act, key, failed = acts(cast, card, expense)[name], uuid4(), []

    def send():
        try:
            act(key)
        except Exception as error:
            failed.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    threads = [Thread(target=send) for _n in range(TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    kept = {"post": Message, "pay": Payment}.get(name, Event)
    assert kept.objects.filter(key=key).count() == 1

"""Two at once: a hundred approvals make one decision, the same form sent in parallel acts once (T2, B9, B10)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from crm.clients.models import Company
from crm.pipelines.moves import Refused, open_card, take
from deals.models import Project
from expenses.models import Decision, Expense
from expenses.verbs import register

HANDS = 16


def at_once(times, act):
    """Run ``act(n)`` many times at once on its own connections; returns what each came to."""
    gate = Barrier(HANDS)

    def hand(first):
        gate.wait()
        try:
            return [act(n) for n in range(first, times, HANDS)]
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as hands:
        return [one for many in hands.map(hand, range(HANDS)) for one in many]


@pytest.fixture
def waiting(lasting_cast):
    cast = lasting_cast
    payee = Company.objects.create(name="Каменный двор", owner=cast.anna)
    cast.expense = register(
        cast.anna, title="Столешницы", company=payee, amount=Decimal(100), due_on=date(2026, 12, 1), purpose="Кварц"
    )
    take(cast.expense, "send", cast.anna)
    return cast


def test_a_hundred_approvals_make_one_decision(waiting):
    def decide(n):
        by = (waiting.irina, waiting.oleg)[n % 2]
        try:
            take(waiting.expense, *(("approve", by) if n % 3 else ("give_back", by, {"remark": "Нет"})))
            return "decided"
        except Refused as refusal:
            assert str(refusal)
            return "refused"

    outcomes = at_once(100, decide)
    assert outcomes.count("decided") == 1 and len(outcomes) == 100
    assert Decision.objects.count() == 1


def test_without_the_lock_many_would_decide(waiting):
    """The negative control: the same race on plain rows decides more than once."""
    gate = Barrier(HANDS)

    def decide(n):
        expense = Expense.objects.get(pk=waiting.expense.pk)
        if n < HANDS:
            gate.wait()
        if expense.stage != "approval":
            return 0
        expense.approve()
        expense.save(update_fields=["stage"])
        return 1

    assert sum(at_once(HANDS, decide)) > 1


def test_one_form_sent_many_times_opens_one_card(lasting_cast):
    key = uuid4()
    anna = lasting_cast.anna
    opened = at_once(32, lambda n: open_card(Project, by=anna, owner=anna, title="Лобби", key=key).pk)
    assert len(set(opened)) == 1 and Project.objects.count() == 1

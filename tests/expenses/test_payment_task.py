"""An expense that is to be paid stands in the calendar once, on its day, and goes where it is dragged (R-304, R-314)."""

from datetime import date
from decimal import Decimal

import pytest

from crm.activities.models import Task
from crm.activities.verbs import cancel, finish, reschedule
from crm.cards.models import Event
from crm.cards.verbs import change
from crm.clients.models import Company
from crm.office.calendar import company_today, day_end
from crm.pipelines.moves import take
from crm.pipelines.undo import undo
from expenses.models import Expense
from expenses.payments import pay
from expenses.verbs import register


def payments(expense):
    return [task.due_at for task in Task.objects.filter(card=expense, rule="payment").open()]


def test_a_day_named_when_it_is_sent_stands_in_the_calendar(cast):
    payee = Company.objects.create(name="Каменный двор", owner=cast.anna)
    expense = register(cast.anna, title="Стулья", company=payee, amount=Decimal(5), purpose="Аванс")
    assert payments(expense) == []
    sent = take(expense, "send", cast.anna, {"due_on": "2026-12-03"})
    assert payments(expense) == [day_end(date(2026, 12, 3))]
    undo(sent, cast.anna)
    assert payments(expense) == []


def test_what_comes_back_stands_in_the_calendar_again(cast, approved):
    day = [day_end(approved.due_on)]
    pay(approved, Decimal(100), company_today(), by=cast.natalia)
    assert payments(approved) == []
    take(approved, "reverse", cast.natalia, {"remark": "Ошибка"})
    assert payments(approved) == day
    take(approved, "cancel", cast.anna)
    assert payments(approved) == []
    take(approved, "restore", cast.anna)
    assert payments(approved) == day


def test_the_author_sees_to_it_and_after_the_approval_the_accountant(cast, expense):
    """R-304: what was approved is no longer overdue on the manager."""

    def executors():
        return [task.owner for task in Task.objects.filter(card=expense, rule="payment").open()]

    assert executors() == [cast.anna]
    take(expense, "send", cast.anna)
    assert executors() == [cast.anna]
    approved = take(expense, "approve", cast.irina)
    assert executors() == [cast.natalia]
    undo(approved, cast.irina)
    assert executors() == [cast.anna]
    take(expense, "approve", cast.irina)
    take(expense, "order", cast.natalia)
    assert executors() == [cast.natalia]
    take(expense, "reapprove", cast.natalia)
    assert executors() == [cast.anna]
    cast.natalia.is_active = False
    cast.natalia.save()
    take(expense, "approve", cast.irina)
    assert executors() == [cast.anna]


def test_a_drag_in_the_calendar_changes_the_expense_once(cast, approved):
    task = Task.objects.get(card=approved, rule="payment")
    reschedule(task, day_end(date(2026, 12, 8)), cast.anna, all_day=True)
    found = Expense.objects.get(pk=approved.pk)
    assert (found.due_on, found.stage) == (date(2026, 12, 8), "order")
    assert Event.objects.filter(card=approved, kind="changed").count() == 1
    change(found, {"due_on": None}, cast.anna)
    assert payments(approved) == [None]


@pytest.mark.parametrize("act", [finish, cancel])
def test_another_day_is_named_after_the_task_was_ticked_off(cast, expense, act):
    """Nothing is paid yet, so it stands in the calendar again, once."""
    act(Task.objects.get(card=expense, rule="payment"), cast.anna)
    assert payments(expense) == []
    change(expense, {"due_on": date(2026, 12, 9)}, cast.anna)
    assert payments(expense) == [day_end(date(2026, 12, 9))]
    assert Task.objects.get(card=expense, rule="payment").done_by is None

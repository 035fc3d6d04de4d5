"""What is approved is what the executive saw, and what is paid stays as it was approved (R-309)."""

from decimal import Decimal

import pytest
from django.utils import timezone

from crm.activities.models import Task
from crm.cards.verbs import change
from crm.notifications.models import Notice
from crm.office.calendar import company_today
from crm.pipelines.moves import Incomplete, Refused, take
from crm.pipelines.undo import undo
from expenses.models import Decision, Expense
from expenses.payments import pay


def test_a_sum_changed_while_it_waits_is_looked_at_anew(cast, expense):
    """An executive who looks at a hundred does not approve nine hundred."""
    take(expense, "send", cast.anna)
    seen = Expense.objects.get(pk=expense.pk)
    change(expense, {"amount": Decimal(900)}, cast.anna)
    with pytest.raises(Refused):
        take(seen, "approve", cast.irina, version=seen.version)
    assert not Decision.objects.exists()
    assert Task.objects.filter(card=expense, rule="approve-expense").open().count() == 2
    now = Expense.objects.get(pk=expense.pk)
    take(now, "approve", cast.irina, version=now.version)
    assert Decision.objects.count() == 1


def test_an_approval_is_not_given_to_one_who_is_asked_already(cast, expense, client):
    take(expense, "send", cast.anna)
    task = Task.objects.get(card=expense, rule="approve-expense", owner=cast.irina)
    client.force_login(cast.irina)
    answers = {"kind": "task", "title": task.title, "day": "2026-12-01", "owner": cast.oleg.pk}
    answer = client.post(f"/tasks/{task.pk}/edit/", answers)
    assert answer.status_code == 422 and "уже есть" in answer.content.decode()
    assert client.post(f"/tasks/{task.pk}/edit/", answers | {"owner": cast.irina.pk}).status_code == 303


def test_nothing_is_not_sent_for_approval(cast, expense):
    """Zero is no amount: it is asked for at the move, and zero is no answer there (R-307)."""
    change(expense, {"amount": Decimal(0)}, cast.anna)
    for answers in (None, {"amount": "0"}):
        with pytest.raises(Incomplete) as asked:
            take(expense, "send", cast.anna, answers)
        assert list(asked.value.form.fields) == ["amount"]
    assert asked.value.form.errors["amount"] == ["Введите сумму больше нуля."]
    assert not Notice.objects.filter(kind="approve-expense").exists()
    take(expense, "send", cast.anna, {"amount": "0,01"})
    assert Expense.objects.get(pk=expense.pk).amount == Decimal("0.01")


def test_an_approval_is_the_executives_own(cast, expense, client):
    """R-308: the panel says whose each one is, and the author neither moves nor ends it."""
    take(expense, "send", cast.anna)
    theirs = Task.objects.get(card=expense, rule="approve-expense", owner=cast.oleg)
    client.force_login(cast.anna)
    text = client.get(expense.get_absolute_url()).content.decode()
    assert text.count("Утвердить оплату</b>") == 2
    for task in Task.objects.filter(card=expense, rule="approve-expense"):
        panel = text[text.index(f'id="task-{task.pk}"') :].partition("</details>")[0]
        assert task.owner.name in panel
        for verb in ("dates", "completions", "cancellations"):
            assert f"/tasks/{task.pk}/{verb}/" not in text
            assert client.post(f"/tasks/{task.pk}/{verb}/", {"day": "2027-02-01"}).status_code == 404
    assert set(Task.objects.workable_by(cast.anna).values_list("rule", flat=True)) == {"payment"}
    assert Task.objects.workable_by(cast.oleg).filter(rule="approve-expense").get() == theirs


def test_a_paid_expense_keeps_its_sum_and_payee(cast, approved, client):
    pay(approved, Decimal(100), company_today(), by=cast.natalia)
    client.force_login(cast.anna)
    answers = {"title": "Столы", "payee": "Другие", "amount": "900", "purpose": "Кварц", "kind": "full", "vat": "22"}
    client.post(f"/expenses/{approved.pk}/edit/", answers)
    found = Expense.objects.get(pk=approved.pk)
    assert (found.title, found.amount, found.company.name) == ("Столы", 100, "Каменный двор")
    assert not Task.objects.filter(card=approved, rule="payment").open().exists()


def test_executives_are_asked_as_long_as_the_expense_waits(cast, expense):
    """Their notices are read once it no longer waits, whoever ended that, and unread when that was undone (R-308)."""

    def asked():
        return Notice.objects.filter(kind="approve-expense").unread().count()

    take(expense, "send", cast.anna)
    change(expense, {"amount": Decimal(900)}, cast.anna)
    assert asked() == 2
    undo(take(expense, "approve", cast.irina), cast.irina)
    assert asked() == 2
    take(expense, "withdraw", cast.anna)
    assert asked() == 0


def test_others_read_what_was_decided_after_an_undo_too(cast, expense, client):
    """R-308: «решено: …» stands on the notices of this very sending."""
    take(expense, "send", cast.anna)
    undo(take(expense, "approve", cast.irina), cast.irina)
    take(expense, "give_back", cast.irina, {"remark": "Дорого"})
    Notice.objects.update(at=timezone.now())
    client.force_login(cast.oleg)
    assert "Решено: возвращено автору, Ирина Снегирёва" in client.get("/notices/").content.decode()
    assert Decision.objects.get().verdict == "returned"

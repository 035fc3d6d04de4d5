"""The payee is paid by the requisites that were approved, or the approval is asked again (R-309)."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from crm.activities.models import Task
from crm.cards.verbs import change
from crm.clients.models import Company
from crm.notifications.decisions import link
from crm.notifications.models import Notice
from crm.notifications.notices import word
from crm.office.calendar import company_today
from crm.people.models import User
from expenses.models import Expense
from expenses.payments import pay

APPROVED, OTHER = "40702810900000000001", "40702810900000000777"


@pytest.fixture
def expense(expense):
    Company.objects.filter(pk=expense.company_id).update(account=APPROVED, bank_name="Банк Север", inn="7707083893")
    return expense


def move(client, user, expense, step, **answers):
    client.force_login(user)
    seen = {"step": step, "version": Expense.objects.get(pk=expense.pk).version}
    return client.post(f"/cards/{expense.pk}/moves/", {**seen, **({"answering": 1} if answers else {}), **answers})


def swap(client, user, expense, **changed):
    """Somebody changes the company through its own form."""
    company = Company.objects.get(pk=expense.company_id)
    client.force_login(user)
    fields = {"name": company.name, "kind": company.kind, "inn": company.inn, "bank_name": company.bank_name}
    answer = client.post(
        f"/clients/companies/{company.pk}/edit/",
        {**fields, "account": company.account, **changed, "version": company.version},
    )
    assert answer.status_code < 400


def page_of(client, user, expense):
    client.force_login(user)
    return client.get(expense.get_absolute_url()).content.decode()


def stage(expense):
    return Expense.objects.get(pk=expense.pk).stage


def test_the_task_and_the_page_keep_what_was_approved(cast, approved, client):
    text = Task.objects.get(card=approved, rule="payment-order").text
    assert APPROVED in text and "Банк Север" in text and "7707083893" in text and "Каменный двор" in text
    page = page_of(client, cast.natalia, approved)
    assert APPROVED in page and "Реквизиты изменились после согласования" not in page
    swap(client, cast.anna, approved, account=OTHER)
    page = page_of(client, cast.natalia, approved)
    assert "Реквизиты изменились после согласования" in page and APPROVED in page and OTHER in page
    assert OTHER not in Task.objects.get(card=approved, rule="payment-order").text


def test_what_was_not_approved_is_not_paid(cast, approved, client):
    swap(client, cast.anna, approved, account=OTHER)
    paid = {"paid": "100", "paid_on": company_today()}
    for answer in (
        move(client, cast.natalia, approved, "order"),
        move(client, cast.natalia, approved, "settle", **paid),
    ):
        assert answer.status_code == 409 and "Реквизиты получателя изменились" in answer.content.decode()
    answer = client.post(f"/expenses/{approved.pk}/payments/", paid)
    assert answer.status_code == 422 and "Реквизиты получателя изменились" in answer.content.decode()
    assert (stage(approved), Expense.objects.get(pk=approved.pk).paid_total) == ("order", 0)
    swap(client, cast.anna, approved, account=APPROVED)
    assert move(client, cast.natalia, approved, "order").status_code == 200


def test_the_approval_is_asked_again_and_covers_the_new_ones(cast, approved, client):
    swap(client, cast.anna, approved, account=OTHER)
    assert move(client, cast.anna, approved, "reapprove").status_code == 409
    assert move(client, cast.natalia, approved, "reapprove").status_code == 200
    assert Task.objects.filter(card=approved, rule="approve-expense").open().count() == 2
    assert move(client, cast.oleg, approved, "approve").status_code == 200
    assert "Реквизиты изменились" not in page_of(client, cast.natalia, approved)
    assert OTHER in Task.objects.filter(card=approved, rule="payment-order").open().get().text
    assert move(client, cast.natalia, approved, "order").status_code == 200


def test_what_is_in_the_bank_is_entered(cast, approved, client):
    """The payment order was made out by the approved requisites."""
    move(client, cast.natalia, approved, "order")
    swap(client, cast.anna, approved, account=OTHER)
    assert "Реквизиты изменились" in page_of(client, cast.natalia, approved)
    answer = move(client, cast.natalia, approved, "settle", paid="100", paid_on=company_today())
    assert (answer.status_code, stage(approved)) == (200, "paid")


def test_undo_brings_back_what_was_approved(cast, approved, client):
    swap(client, cast.anna, approved, account=OTHER)
    move(client, cast.natalia, approved, "reapprove")
    event = approved.events.filter(kind="moved").last()
    assert client.post(f"/events/{event.pk}/undos/").status_code == 200
    assert Expense.objects.get(pk=approved.pk).requisites["account"] == APPROVED
    assert move(client, cast.natalia, approved, "order").status_code == 409


def test_a_sum_changed_after_the_move_is_not_undone_into_the_approval(cast, expense, client):
    move(client, cast.anna, expense, "send")
    move(client, cast.anna, expense, "withdraw")
    event = expense.events.filter(kind="moved").last()
    form = {"title": "Столы", "payee": "Каменный двор", "amount": "900", "kind": "full", "vat": "22"}
    client.post(f"/expenses/{expense.pk}/edit/", form)
    assert Expense.objects.get(pk=expense.pk).amount == Decimal(900)
    assert client.post(f"/events/{event.pk}/undos/").status_code == 409
    assert stage(expense) == "documents"


def test_requisites_changed_while_an_approval_waits_are_asked_about_anew(cast, expense, client):
    """What an executive has before their eyes is approved, or nothing."""
    move(client, cast.anna, expense, "send")
    client.force_login(cast.irina)
    seen = Expense.objects.get(pk=expense.pk)
    swap(client, cast.anna, expense, comment="Звонить утром")
    assert Expense.objects.get(pk=expense.pk).entry == seen.entry
    swap(client, cast.anna, expense, account=OTHER)
    client.force_login(cast.irina)
    stale = client.post(f"/cards/{expense.pk}/moves/", {"step": "approve", "version": seen.version})
    assert (stale.status_code, stage(expense)) == (409, "approval")
    assert Task.objects.filter(card=expense, rule="approve-expense").open().count() == 2
    page = page_of(client, cast.irina, expense)
    assert OTHER in page and f"было: {APPROVED}" in page and f"Анна Лебедева: Счёт: {APPROVED} → {OTHER}" in page
    words = [word(row) for row in Notice.objects.filter(user=cast.irina, kind="approve-expense").order_by("pk")]
    assert words[0].startswith("Запрошено заново") and "Реквизиты получателя изменились" in words[1]
    assert "Реквизиты получателя изменились" in client.get("/control/").content.decode()
    assert move(client, cast.irina, expense, "approve").status_code == 200
    assert Expense.objects.get(pk=expense.pk).requisites["account"] == OTHER


def test_requisites_changed_after_the_approval_are_told_to_who_pays(cast, approved, client):
    swap(client, cast.anna, approved, account=OTHER)
    told = Notice.objects.filter(card=approved, kind="requisites").values_list("user", flat=True)
    assert {*told} == {cast.natalia.pk, cast.irina.pk, cast.oleg.pk}
    page = page_of(client, cast.natalia, approved)
    assert f"Анна Лебедева: Счёт: {APPROVED} → {OTHER}" in page and f"сейчас: {OTHER}" in page


def test_asked_again_by_the_accountant_the_change_is_before_the_executives_eyes(cast, approved, client):
    swap(client, cast.anna, approved, account=OTHER)
    move(client, cast.natalia, approved, "reapprove")
    page = page_of(client, cast.irina, approved)
    assert f"было: {APPROVED}" in page and "Сравните их" in page
    event = approved.events.filter(kind="moved").last()
    client.force_login(cast.natalia)
    assert client.post(f"/events/{event.pk}/undos/").status_code == 200
    assert Expense.objects.get(pk=approved.pk).requisites["account"] == APPROVED


def test_another_payee_has_no_former_requisites(cast, expense, client):
    move(client, cast.anna, expense, "send")
    assert Expense.objects.get(pk=expense.pk).requisites["account"] == APPROVED
    change(expense, {"company": Company.objects.create(name="Другой двор", account=OTHER)}, cast.irina)
    assert Expense.objects.get(pk=expense.pk).requisites["account"] == OTHER
    assert "было:" not in page_of(client, cast.irina, expense)


def test_doubtful_requisites_are_doubted_where_they_are_approved(cast, expense, client):
    Company.objects.filter(pk=expense.company_id).update(bik="1", account="123")
    move(client, cast.anna, expense, "send")
    page = page_of(client, cast.irina, expense)
    assert "БИК:" in page and "20 цифр" in page


@pytest.mark.parametrize("version", [{}, {"version": ""}, {"version": "2147483647"}, {"version": "none"}])
def test_nothing_is_approved_that_was_not_seen(cast, expense, client, version):
    """A made request says nothing, or nonsense, of what was before the executive's eyes."""
    move(client, cast.anna, expense, "send")
    change(expense, {"amount": Decimal(999)}, cast.anna)
    client.force_login(cast.irina)
    answer = client.post(f"/cards/{expense.pk}/moves/", {"step": "approve", **version})
    assert (answer.status_code, stage(expense)) == (409, "approval")


def test_what_was_edited_meanwhile_is_looked_at_again(cast, expense, client):
    """What it is for is not among what is asked anew, and yet nobody approves what they did not read."""
    move(client, cast.anna, expense, "send")
    seen = Expense.objects.get(pk=expense.pk).version
    change(expense, {"purpose": "Для дома"}, cast.anna)
    client.force_login(cast.irina)
    answer = client.post(f"/cards/{expense.pk}/moves/", {"step": "approve", "version": seen})
    assert (answer.status_code, stage(expense)) == (409, "approval") and "ещё раз" in answer.content.decode()
    client.logout()
    letter = link(cast.irina, Expense.objects.get(pk=expense.pk))
    for version in ({}, {"version": seen}):
        assert client.post(letter, {"step": "approve", "answering": "1", **version}).status_code == 409
    assert f'value="{seen + 1}"' in client.get(letter).content.decode()
    assert client.post(letter, {"step": "approve", "answering": "1", "version": seen + 1}).status_code == 200
    assert stage(expense) == "order"


@pytest.mark.parametrize("steps", [("send",), ("send", "approve"), ("send", "approve", "order")])
def test_without_its_payee_it_waits_for_approval_again(cast, expense, client, steps):
    for step in steps:
        move(client, {"send": cast.anna, "approve": cast.irina, "order": cast.natalia}[step], expense, step)
    client.force_login(cast.irina)
    seen = Expense.objects.get(pk=expense.pk)
    form = {"title": "Столы", "payee": "", "amount": "600", "kind": "full", "vat": "22", "deal": seen.deal_id or ""}
    form |= {"purpose": "Столы", "due_on": company_today().isoformat(), "version": seen.version}
    assert client.post(f"/expenses/{expense.pk}/edit/", form).status_code == 303
    assert (stage(expense), Expense.objects.get(pk=expense.pk).company) == ("approval", None)
    assert move(client, cast.oleg, expense, "approve").status_code == 422
    assert stage(expense) == "approval"


def test_what_nobody_approved_is_not_called_approved(cast, expense, client):
    move(client, cast.anna, expense, "send")
    move(client, cast.anna, expense, "cancel")
    assert "Реквизиты на момент согласования" not in page_of(client, cast.anna, expense)


def test_an_approval_taken_back_still_says_that_the_requisites_changed(cast, expense, client):
    move(client, cast.anna, expense, "send")
    swap(client, cast.anna, expense, account=OTHER)
    move(client, cast.irina, expense, "approve")
    event = expense.events.filter(kind="moved").last()
    assert client.post(f"/events/{event.pk}/undos/").status_code == 200
    waiting = Notice.objects.filter(user=cast.oleg, kind="approve-expense").latest("pk")
    assert word(waiting).startswith("Реквизиты получателя изменились")


def test_the_letters_page_shows_what_changed(cast, expense, client):
    move(client, cast.anna, expense, "send")
    swap(client, cast.anna, expense, account=OTHER)
    client.logout()
    page = client.get(link(cast.irina, Expense.objects.get(pk=expense.pk))).content.decode()
    assert OTHER in page and f"было: {APPROVED}" in page and "Сравните их" in page


def test_who_left_the_expense_while_waiting_pays_nothing(cast, approved):
    """Asked anew under the lock: the door let them in before (R-317)."""
    move_on = {"amount": Decimal(100), "paid_on": company_today()}
    User.objects.filter(pk=cast.natalia.pk).update(roles=["manager"])
    with pytest.raises(PermissionDenied):
        pay(approved, **move_on, by=User.objects.get(pk=cast.natalia.pk))

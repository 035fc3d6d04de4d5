"""Money that was paid is taken back by records, one by one or all, and never counted twice (R-315, R-317)."""

import re
from decimal import Decimal

from crm.clients.models import Company
from crm.notifications.models import Notice
from crm.office.calendar import company_today
from crm.pipelines.moves import take
from deals.models import Deal
from expenses.models import Expense
from expenses.verbs import register


def now(expense):
    return Expense.objects.get(pk=expense.pk)


def paid_of(project):
    return Deal.objects.get(pk=project.pk).paid_total


def move(client, user, expense, step, **answers):
    client.force_login(user)
    seen = {"step": step, "version": Expense.objects.get(pk=expense.pk).version}
    return client.post(f"/cards/{expense.pk}/moves/", {**seen, **({"answering": 1} if answers else {}), **answers})


def settle(client, user, expense, **answers):
    return move(client, user, expense, "settle", paid_on=company_today(), **answers)


def pay(client, user, expense, paid):
    client.force_login(user)
    return client.post(f"/expenses/{expense.pk}/payments/", {"paid": paid, "paid_on": company_today()})


def reverse(client, user, expense, payment, **more):
    client.force_login(user)
    at = f"/expenses/{expense.pk}/payments/{payment.pk}/stornos/"
    return client.post(at, {"remark": "Не тот счёт", **more})


def test_payments_are_reversed_one_by_one(cast, project, approved, client):
    for paid in ("30", "20"):
        pay(client, cast.natalia, approved, paid)
    first, second = approved.payments.all()
    page = client.get(approved.get_absolute_url()).content.decode()
    assert f"/payments/{first.pk}/stornos/" in page
    assert reverse(client, cast.anna, approved, first).status_code == 403
    assert reverse(client, cast.natalia, approved, first, remark="").status_code == 422
    assert reverse(client, cast.natalia, approved, first).status_code < 400
    assert (now(approved).paid_total, paid_of(project), now(approved).stage) == (20, 20, "order")
    told = Notice.objects.get(user=cast.irina, kind="storno")
    assert told.data["deal"] == project.pk and told.data["remark"] == "Не тот счёт"
    again = reverse(client, cast.natalia, approved, first)
    assert again.status_code == 422 and "уже сторнирована" in again.content.decode()
    assert reverse(client, cast.natalia, approved, approved.payments.get(reverses=first)).status_code == 404
    page = client.get(approved.get_absolute_url()).content.decode()
    assert f"/payments/{first.pk}/stornos/" not in page and f"/payments/{second.pk}/stornos/" in page


def test_a_storno_sent_twice_is_one(cast, approved, client):
    pay(client, cast.natalia, approved, "30")
    key = "5f0f7a0e-6a37-4b7e-9a3b-000000000001"
    for _time in range(2):
        assert reverse(client, cast.natalia, approved, approved.payments.first(), key=key).status_code < 400
    assert approved.payments.count() == 2


def test_a_paid_off_expense_is_moved_back_instead(cast, approved, client):
    pay(client, cast.natalia, approved, "100")
    answer = reverse(client, cast.natalia, approved, approved.payments.get())
    assert answer.status_code == 422 and "Расход закрыт" in answer.content.decode()


def test_what_is_paid_in_part_is_not_cancelled(cast, project, approved, client):
    pay(client, cast.natalia, approved, "30")
    refused = move(client, cast.anna, approved, "cancel")
    assert refused.status_code == 409 and "Сначала сторнируйте оплаты" in refused.content.decode()
    reverse(client, cast.natalia, approved, approved.payments.get())
    assert move(client, cast.anna, approved, "cancel").status_code == 200
    assert (now(approved).stage, paid_of(project)) == ("cancelled", 0)


def test_what_is_paid_in_part_is_not_split(cast, approved, client):
    pay(client, cast.natalia, approved, "30")
    move(client, cast.natalia, approved, "reapprove")
    move(client, cast.irina, approved, "give_back", remark="Дорого")
    client.force_login(cast.anna)
    rows = {f"form-{n}-{k}": v for n in (0, 1) for k, v in (("amount", "50"), ("due_on", "2027-01-01"))}
    form = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 0, **rows}
    answer = client.post(f"/expenses/{approved.pk}/parts/", form)
    assert answer.status_code == 422 and "уже платили" in answer.content.decode()


def rest_of(expense):
    return Expense.objects.exclude(pk=expense.pk).get()


def test_a_storno_calls_the_additional_payment_off(cast, project, approved, client):
    settle(client, cast.natalia, approved, paid="40", rest="extra")
    rest = rest_of(approved)
    assert rest.amount == 60
    answer = move(client, cast.natalia, approved, "reverse", remark="Ошибка")
    assert answer.status_code == 200 and now(rest).number in client.get(approved.get_absolute_url()).content.decode()
    assert (now(approved).stage, now(rest).stage, paid_of(project)) == ("bank", "cancelled", 0)
    live = Expense.objects.exclude(stage="cancelled")
    assert sum(e.amount for e in live) == 100
    refused = move(client, cast.irina, rest, "restore")
    assert refused.status_code == 409 and f"снова входит в {approved.number}" in refused.content.decode()


def test_a_rest_is_not_undone_into_what_is_whole_again(cast, approved, client):
    settle(client, cast.natalia, approved, paid="40", rest="extra")
    rest = rest_of(approved)
    move(client, cast.irina, rest, "cancel")
    event = rest.events.filter(kind="moved").get()
    move(client, cast.natalia, approved, "reverse", remark="Ошибка")
    client.force_login(cast.irina)
    assert client.post(f"/events/{event.pk}/undos/").status_code == 409
    assert now(rest).stage == "cancelled"


def test_a_deal_plans_an_invoice_once(cast, project, approved, client):
    """What was left of a paid expense is planned by its additional payment alone."""
    settle(client, cast.natalia, approved, paid="40", rest="extra")
    client.force_login(cast.anna)
    page = re.sub(r"\s", "", client.get(project.get_absolute_url()).content.decode())
    assert 'Запланировано<b><spanclass="num">100₽' in page and "160₽" not in page


def test_parts_of_an_additional_payment_go_with_it(cast, approved, client):
    settle(client, cast.natalia, approved, paid="40", rest="extra")
    rest = rest_of(approved)
    rows = {f"form-{n}-{k}": v for n in (0, 1) for k, v in (("amount", "30"), ("due_on", "2027-01-01"))}
    client.force_login(cast.anna)
    client.post(f"/expenses/{rest.pk}/parts/", {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 0, **rows})
    assert Expense.objects.count() == 3
    move(client, cast.natalia, approved, "reverse", remark="Ошибка")
    assert list(Expense.objects.order_by("pk").values_list("stage", flat=True)) == ["bank", "cancelled", "cancelled"]


def test_a_paid_additional_payment_is_reversed_first(cast, project, approved, client):
    settle(client, cast.natalia, approved, paid="40", rest="extra")
    rest = rest_of(approved)
    move(client, cast.anna, rest, "send")
    move(client, cast.irina, rest, "approve")
    pay(client, cast.natalia, rest, "60")
    refused = move(client, cast.natalia, approved, "reverse", remark="Ошибка")
    assert refused.status_code == 409 and f"Остаток оплачен расходом {rest.number}" in refused.content.decode()
    assert (now(approved).stage, paid_of(project)) == ("paid", 100)
    move(client, cast.natalia, rest, "reverse", remark="Ошибка")
    assert move(client, cast.natalia, approved, "reverse", remark="Ошибка").status_code == 200
    assert (now(rest).stage, paid_of(project)) == ("cancelled", 0)


def test_each_shows_the_other(cast, approved, client):
    """R-315: what a run made stands on the expense that caused it, and that one on what it made."""
    settle(client, cast.natalia, approved, paid="40", rest="extra")
    rest = rest_of(approved)
    for one, other in ((approved, rest), (rest, approved)):
        page = client.get(one.get_absolute_url()).content.decode()
        assert f'<a href="{other.get_absolute_url()}"><b>' in page
    page = client.get(approved.get_absolute_url()).content.decode()
    assert "Учесть сумму расхода в расчете прибыли" in page and "Отправить уведомление руководителю" in page


def test_the_largest_sums_add_up(cast, project, client):
    """Totals are wider than a single sum."""
    most = Decimal("999999999999")
    payee = Company.objects.create(name="Каменный двор", owner=cast.anna)
    for _n in range(2):
        expense = register(
            cast.anna, title="Остров", company=payee, amount=most, due_on=company_today(), purpose="Аванс", deal=project
        )
        take(expense, "send", cast.anna)
        take(expense, "approve", cast.irina)
        assert settle(client, cast.natalia, expense, paid="999 999 999 999").status_code == 200
    over = settle(client, cast.natalia, expense, paid="1")
    assert over.status_code == 409
    assert paid_of(project) == 2 * most
    client.force_login(cast.anna)
    assert client.get(project.get_absolute_url()).status_code == 200
    assert client.get("/boards/project/").status_code == client.get("/boards/expenses/list/").status_code == 200


def test_more_than_the_invoice_adds_up_too(cast, approved, client):
    most = 999_999_999_999
    Expense.objects.filter(pk=approved.pk).update(amount=most)
    client.force_login(cast.natalia)
    for paid in (most - 1, most):
        form = {"paid": str(paid), "paid_on": company_today(), "over": "on"}
        assert client.post(f"/expenses/{approved.pk}/payments/", form).status_code < 400
    assert now(approved).paid_total == 2 * most - 1
    assert client.get(approved.get_absolute_url()).status_code == 200

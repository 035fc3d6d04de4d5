"""An expense tells no more of its deal than its reader may see (R-015, R-304)."""

import re
from datetime import date, timedelta
from decimal import Decimal

import time_machine
from django.utils import timezone

from crm.cards.verbs import change
from crm.notifications import outbox
from crm.notifications.models import Preferences
from crm.notifications.wishes import Group, settle
from crm.office.calendar import company_today
from crm.pipelines.moves import open_card, take
from deals.models import Deal, Project
from expenses.payments import pay


def test_a_deal_that_is_not_seen_is_not_named_in_the_feed(cast, expense, client):
    other = open_card(Project, by=cast.pavel, owner=cast.pavel, title="Яхта адмирала")
    change(expense, {"deal": Deal.objects.get(pk=other.pk)}, cast.irina)
    client.force_login(cast.anna)
    page = client.get(expense.get_absolute_url()).content.decode()
    assert other.number in page and "Яхта" not in page


def test_a_moved_due_date_reads_as_a_day(cast, expense, client):
    change(expense, {"due_on": date(2026, 12, 3)}, cast.anna)
    client.force_login(cast.anna)
    page = client.get(expense.get_absolute_url()).content.decode()
    assert "1 дек → 3 дек" in page.replace("\xa0", " ")


def test_a_return_is_confirmed_by_its_own_word(cast, expense, client):
    take(expense, "send", cast.anna)
    client.force_login(cast.irina)
    asked = client.post(f"/cards/{expense.pk}/moves/", {"to": "documents"})
    page = asked.content.decode()
    assert asked.status_code == 422 and "Вернуть автору" in page and "Вернуть карточку" not in page


def test_the_accountant_reads_no_sums_of_the_deal(cast, project, approved, client):
    """The deal's title stands on its expenses; its estimates and profits stand where the deal is seen (G1)."""
    change(project, {"amount": Decimal(777331), "cost_estimate": Decimal(555113)}, cast.irina)
    client.force_login(cast.natalia)
    client.post(f"/expenses/{approved.pk}/payments/", {"paid": "40", "paid_on": company_today()})
    took = {"step": "settle", "answering": 1, "paid": "30", "paid_on": company_today(), "rest": "extra"}
    assert client.post(f"/cards/{approved.pk}/moves/", took).status_code == 200
    pages = [
        "/boards/expenses/", "/boards/expenses/list/?closed=1", "/boards/expenses/due/", "/notices/", "/search/?q=Лобби",
        f"/boards/expenses/cards/{approved.pk}/", f"{approved.get_absolute_url()}edit/", "/expenses/new/", "/activities/",
        approved.get_absolute_url(), approved.company.get_absolute_url(), f"/cards/{approved.pk}/feed/?show=payments",
    ]  # fmt: skip
    sums = re.compile("777331|555113|222218|777261|28,59|99,99")
    for page in pages:
        answer = client.get(page)
        read = re.sub(r"\s|&\w+;", "", answer.content.decode())
        assert not sums.search(read), (page, sums.search(read))
    assert "Лобби" in client.get("/boards/expenses/").content.decode()
    assert client.get(project.get_absolute_url()).status_code == 404
    client.force_login(cast.anna)
    assert sums.search(re.sub(r"\s|&\w+;", "", client.get(project.get_absolute_url()).content.decode()))


def test_the_letter_of_a_payment_leads_to_the_expense_and_its_deal(cast, project, approved, post_office):
    """R-315: with both links for whoever sees the deal."""
    for user in (cast.irina, cast.oleg):
        settle(Preferences(user=user, channels={Group.MONEY: ["app", "mail"]}))
    pay(approved, Decimal(100), company_today(), by=cast.natalia)
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        while outbox.drain():
            pass
    letters = [letter.get_content() for to, letter in post_office.letters if to == [cast.irina.email]]
    paid = next(text for text in letters if "Оплачен" in text)
    assert approved.get_absolute_url() in paid and project.get_absolute_url() in paid and "Сделка: Лобби" in paid

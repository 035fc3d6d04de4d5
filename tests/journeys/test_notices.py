"""The bell in two tabs, and an expense approved and another returned from its notice and from its letter (R-405, R-514)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.clients.models import Company
from crm.notifications.decisions import link
from crm.notifications.models import Notice
from crm.notifications.notices import notify
from crm.notifications.outbox import drain
from crm.pipelines.moves import take
from expenses.models import Decision
from expenses.verbs import register

pytestmark = pytest.mark.e2e


def sent(cast, title):
    """An expense that waits for an executive, past the seconds in which sending it can be taken back."""
    payee = Company.objects.create(name=f"Поставщик: {title}", owner=cast.anna)
    expense = register(cast.anna, title=title, company=payee, amount=100, due_on=date(2030, 1, 9), purpose="Кварц")
    take(expense, "send", cast.anna)
    Notice.objects.filter(card=expense.pk).update(at=timezone.now() - timedelta(minutes=1))
    expense.refresh_from_db()
    return expense


def test_two_tabs_and_both_decisions(lasting_cast, enter, address):
    cast = lasting_cast
    sent(cast, "Столешницы")
    sent(cast, "Светильники")
    page = enter(cast.irina)
    page.goto(f"{address}/notices/")
    other = page.context.new_page()
    other.goto(f"{address}/control/")
    expect(page.locator("#bell .count")).to_have_text("2")
    notify([cast.irina.pk], None, "digest", slot="digest:1", count=3)
    drain()
    for tab in (page, other):
        expect(tab.locator("#bell .count")).to_have_text("3")
    lamps = page.locator(".notice", has_text="Светильники")
    lamps.get_by_role("button", name="Утвердить").click()
    for tab in (page, other):
        expect(tab.locator("#bell .count")).to_have_text("2")
    expect(lamps.get_by_role("button", name="Утвердить")).to_have_count(0)
    page.locator(".notice", has_text="Столешницы").get_by_role("button", name="Вернуть автору").click()
    page.locator("#dialog textarea").fill("Нет счёта")
    page.locator("#dialog [type=submit]").click()
    expect(other.locator("#bell .count")).to_have_text("1")
    verdicts = Decision.objects.order_by("pk").values_list("verdict", "comment")
    assert list(verdicts) == [("approved", ""), ("returned", "Нет счёта")]
    page.locator(".notice", has_text="Главное на сегодня").get_by_role("link").click()
    page.wait_for_url("**/control/")
    expect(page.locator("#bell .count")).to_have_count(0)


def test_two_clicks_from_the_letter(lasting_cast, chromium, address):
    """On a phone where nobody is signed in: the link, and the button."""
    cast = lasting_cast
    expense = sent(cast, "Столешницы")
    phone = chromium.new_context(viewport={"width": 360, "height": 780}).new_page()
    phone.goto(address + "/" + link(cast.irina, expense).split("/", 3)[3])
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    phone.get_by_role("button", name="Утвердить").click()
    expect(phone.get_by_text("Решено:")).to_be_visible()
    assert Decision.objects.get().by == cast.irina

"""What a hand did not mean: a second tap where something else stands by now, a drop where a card may not go (C-6)."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from crm.clients.models import Company
from crm.office.calendar import company_today
from crm.pipelines.moves import take
from expenses.models import Decision
from expenses.verbs import register
from leads.intake import receive
from leads.models import Lead

pytestmark = pytest.mark.e2e


def twice(page, target, pause=400):
    """Two taps at one place, as a hand makes them whose first seemed not to be heard."""
    box = target.bounding_box()
    for _tap in range(2):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(pause)


def test_a_second_tap_decides_nothing(lasting_cast, enter, address):
    cast, company = lasting_cast, Company.objects.create(name="Двор", owner=lasting_cast.anna)
    for name in ("Столы", "Стулья", "Диваны"):
        due = company_today() + timedelta(days=5)
        about = {"company": company, "amount": 100, "due_on": due, "purpose": name}
        take(register(cast.anna, title=name, **about), "send", cast.anna)
    page = enter(cast.irina)
    page.goto(f"{address}/control/")
    twice(page, page.get_by_role("button", name="Утвердить").first)
    expect(page.get_by_role("button", name="Утвердить")).to_have_count(2)
    assert Decision.objects.count() == 1
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Утвердить").first.click()
    expect(page.get_by_role("button", name="Утвердить")).to_have_count(1)
    phone = enter(cast.irina, 360, 780)
    twice(phone, phone.get_by_role("button", name="Ещё"))
    phone.reload()
    assert "/sign-in/" not in phone.url


def test_a_card_let_go_over_a_shut_column_stays_where_it_was(lasting_cast, enter, address):
    lead = receive("phone", by=lasting_cast.anna, owner=lasting_cast.anna, title="Лобби", person="Вера")
    page = enter(lasting_cast.anna)
    page.goto(f"{address}/boards/leads/")
    card, columns = page.locator(f"#card-{lead.pk}"), page.locator(".column:not(.exit)")
    at = card.bounding_box()
    page.mouse.move(at["x"] + 80, at["y"] + 30)
    page.mouse.down()
    page.mouse.move(at["x"] + 110, at["y"] + 40, steps=4)
    for column in (1, 2):  # over one that would take it to one that would not
        box = columns.nth(column).bounding_box()
        page.mouse.move(box["x"] + 150, box["y"] + 150, steps=8)
        page.wait_for_timeout(250)
    page.mouse.up()
    expect(page.locator(".toast--error")).to_contain_text("руководитель")
    expect(columns.nth(0).locator(f"#card-{lead.pk}")).to_be_visible()
    assert Lead.objects.get().stage == "new"

"""Choosing one of hundreds in the browser: a company by its words, a deal by its number, by keys alone (R-507)."""

import re

import pytest
from playwright.sync_api import expect

from crm.clients.models import Company
from crm.pipelines.moves import open_card
from deals.models import Deal, Project
from expenses.models import Expense

from .window import Window

pytestmark = pytest.mark.e2e


@pytest.fixture
def window(lasting_cast, enter, address):
    """Anna's, who has more companies and deals than a form draws."""
    names = ["Кипарис", *(f"Дом {n}" for n in range(60))]
    Company.objects.bulk_create(Company(name=name, words=name, owner=lasting_cast.anna) for name in names)
    for n in range(60):
        open_card(Project, by=lasting_cast.anna, owner=lasting_cast.anna, title=f"Лобби {n}")
    return Window(enter(lasting_cast.anna), address)


def listed(window):
    return window.page.locator(".ts-dropdown:popover-open .option")


def new(window, address):
    window.go("/boards/project/")
    window.page.keyboard.press("n")
    window.dialog.locator(f"a[href='{address}']").click()
    expect(window.dialog.locator("[name=title]")).to_be_visible()


def test_a_deal_with_a_company_found_by_typing(window):
    page = window.page
    new(window, "/deals/new/project/")
    window.fill(title="Веранда")
    field = window.dialog.get_by_role("combobox", name="Компания")
    window.dialog.locator("label", has_text="Компания").click()
    expect(field).to_be_focused()
    expect(listed(window)).to_have_count(50)
    page.keyboard.press("Escape")
    expect(listed(window)).to_have_count(0)
    expect(window.dialog).to_be_visible()

    field.press_sequentially("кипарисы")
    expect(listed(window)).to_have_text(["Кипарис"])
    page.keyboard.press("Enter")
    expect(window.dialog.locator(".ts-control .item")).to_have_text("Кипарис")
    page.keyboard.press("Control+Enter")
    expect(window.title).to_have_text("Веранда")
    assert Deal.objects.get(title="Веранда").company.name == "Кипарис"

    # A form that comes back with an error has its choice as it had.
    page.get_by_role("link", name="Изменить").first.click()
    window.fill(title="")
    window.dialog.locator("[type=submit]").click()
    expect(window.dialog.locator(".err").first).to_be_visible()
    expect(window.dialog.locator("select[name=company]")).to_have_class(re.compile("ts-hidden-accessible"))
    expect(window.dialog.locator(".ts-wrapper.ts-hidden-accessible")).to_have_count(0)
    window.dialog.get_by_role("combobox", name="Компания").press_sequentially("кипарисы")
    expect(listed(window)).to_have_text(["Кипарис"])
    for _closes in ("the list", "nothing yet, for something was typed"):
        page.keyboard.press("Escape")
    expect(page.locator(".toast", has_text="Введённое не сохранено")).to_be_visible()
    page.mouse.click(5, 5)  # beside the dialog: what was typed is still there
    expect(window.dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(window.dialog).to_have_count(0)

    # The choice is taken back, and what nobody is called is said so.
    page.get_by_role("link", name="Изменить").first.click()
    field = window.dialog.get_by_role("combobox", name="Компания")
    expect(window.dialog.locator(".ts-control .item")).to_have_text("Кипарис")
    field.press_sequentially("нет таких")
    expect(page.locator(".pick__said")).to_have_text("ничего не найдено")
    page.keyboard.press("Escape")
    window.dialog.locator(".has-items .clear-button").click()
    expect(window.dialog.locator(".ts-control .item")).to_have_count(0)
    window.submit()
    assert Deal.objects.get(title="Веранда").company is None


def test_an_expense_of_a_deal_found_by_its_number(window):
    wanted = Deal.objects.order_by("pk").first()
    new_expense = "/expenses/new/"
    window.go(new_expense)
    form = window.page.locator("form[data-dialog]")
    form.locator("[name=payee]").fill("Каменный двор")
    field = form.get_by_role("combobox", name="Сделка")
    field.press_sequentially(wanted.number)
    expect(listed(window).first).to_have_text(f"{wanted.number} · Лобби 0 · Поступило ТЗ")
    listed(window).first.click()
    form.locator("[type=submit]").click()
    window.page.wait_for_url("**/expenses/*/")
    assert Expense.objects.get().deal_id == wanted.pk


def test_a_line_that_is_lost_is_said(window):
    page = window.page
    window.go("/deals/new/project/")
    page.route("**/search/companies/**", lambda route: route.abort())
    field = page.get_by_role("combobox", name="Компания")
    field.press_sequentially("кипарис")
    expect(page.locator(".pick__said")).to_have_text("нет связи")
    page.unroute("**/search/companies/**")
    field.press("Backspace")
    field.press_sequentially("с")
    expect(listed(window)).to_have_text(["Кипарис"])

"""The next step in the browser: planned in two clicks from the board, moved by dragging, done with the next one at hand."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from crm.activities.models import Task
from crm.cards.models import Card, Event
from crm.office.calendar import company_date
from crm.pipelines.moves import open_card, take
from deals.models import Project, Reminder
from tests.deals.test_rhythm import ANSWERS

pytestmark = pytest.mark.e2e


def stands(page, card, span):
    page.wait_for_selector(f"#cards-{span} #card-{card.pk}")


def test_the_next_step_is_planned_moved_and_done(lasting_cast, enter, address):
    anna = lasting_cast.anna
    card = open_card(Project, by=anna, owner=anna, title="Мебель в лобби")
    page = enter(anna)
    page.goto(f"{address}/boards/project/")
    without = page.locator("#numbers a[href='?step=none']")
    expect(without).to_have_text("Нет следующего дела 1")
    page.locator(f"#card-{card.pk} .step--none").click()
    page.locator("#dialog button[value=week]").click()
    page.wait_for_selector(f"#card-{card.pk} .step--later")
    expect(without).to_have_text("Нет следующего дела 0")  # the page was not loaded again
    task = Task.objects.get()
    assert (task.title, task.owner) == ("Звонок", anna)

    page.locator(f"#card-{card.pk} .step--later").click()
    told = page.locator("#dialog textarea[name=text]").last
    told.fill("Ждут образцы")
    told.press("Control+Enter")  # which of the five it was, nobody has said yet
    page.locator("#dialog button[value=message]").click()
    page.wait_for_selector("#toasts >> text=Записано")
    assert Task.objects.get() == task
    assert Event.objects.get(kind="touch").data["kind"] == "message"

    page.goto(f"{address}/boards/project/due/")
    source = page.locator(f"#card-{card.pk} .board-card__client").bounding_box()
    target = page.locator("#cards-today").bounding_box()
    page.mouse.move(source["x"] + 20, source["y"] + 5)
    page.mouse.down()
    page.mouse.move(target["x"] + 80, target["y"] + 60, steps=15)
    page.mouse.move(target["x"] + 90, target["y"] + 70, steps=5)
    page.mouse.up()
    stands(page, card, "today")
    page.wait_for_selector(f"#card-{card.pk} .step--today")
    assert Card.objects.get(pk=card.pk).next_step_at < task.due_at

    page.goto(f"{address}/day/")
    page.locator("#now a:has-text('Поговорили')").click()
    page.locator("#dialog textarea[name=result]").fill("Согласны на встречу")
    page.locator("#dialog label:has(input[value=meeting])").click()
    page.locator("#dialog button[value=week]").click()
    page.wait_for_selector("#now", state="detached")
    assert list(Task.objects.open().values_list("kind", "title")) == [("meeting", "Встреча")]

    page.goto(f"{address}/activities/calendar/")
    page.locator(".ec-button:has-text('Вперёд'), .ec-button.ec-next").first.click()
    page.locator(".ec-event:has-text('Встреча')").click()
    page.wait_for_selector("#dialog[open] >> text=Мебель в лобби")
    assert page.locator("#dialog .dialog__body").evaluate("body => body.scrollWidth <= body.clientWidth")
    page.locator("#dialog textarea[name=text]").fill("Возьму образцы")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#task-talk .task-talk__one >> text=Возьму образцы")
    assert Task.objects.open().count() == 1

    page.goto(f"{address}/activities/gantt/")
    page.wait_for_selector(".ec-event:has-text('Встреча')", state="attached")
    page.wait_for_timeout(100)
    main, today = (page.locator(place).bounding_box() for place in (".ec-main", ".ec-header .ec-today"))
    assert main["x"] < today["x"] < main["x"] + main["width"] - today["width"]


def test_a_reminder_is_put_off_in_the_dialog_of_its_rhythm(lasting_cast, enter, address):
    """A double click is one press; the dialog and the card behind it show the new date; the other two buttons open theirs."""
    anna = lasting_cast.anna
    deal = open_card(Reminder, by=anna, owner=anna, title="Клиника")
    take(deal, "schedule", anna, {**ANSWERS, "letter_times": 0})
    due = company_date(Task.objects.get(kind="call").due_at)
    page = enter(anna)
    page.goto(f"{address}/boards/reminder/")
    page.locator(f"#card-{deal.pk} .step").click()
    turn = page.locator("#dialog .turn", has_text="Звонки")
    was = turn.locator(".turn__day").inner_text()
    turn.get_by_role("button", name="+1 мес").dblclick()
    expect(turn.locator(".turn__day")).not_to_have_text(was)
    expect(page.locator(f"#card-{deal.pk} .step")).to_contain_text(turn.locator(".turn__day").inner_text())
    now = company_date(Task.objects.get(kind="call").due_at)
    assert timedelta(days=28) <= now - due <= timedelta(days=40)
    turn.get_by_role("link", name="Дата").click()
    expect(page.locator("#dialog input[name=day]")).to_be_visible()
    page.keyboard.press("Escape")

    page.goto(f"{address}{deal.get_absolute_url()}")
    page.locator(".turn", has_text="Звонки").get_by_role("link", name="Готово").click()
    expect(page.locator("#dialog textarea[name=result]")).to_be_visible()

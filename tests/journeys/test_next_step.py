"""The next step in the browser: planned in two clicks from the board, moved by dragging, done with the next one at hand."""

import pytest

from crm.activities.models import Task
from crm.cards.models import Card, Event
from crm.pipelines.moves import open_card
from deals.models import Project

pytestmark = pytest.mark.e2e


def stands(page, card, span):
    page.wait_for_selector(f"#cards-{span} #card-{card.pk}")


def test_the_next_step_is_planned_moved_and_done(lasting_cast, enter, address):
    anna = lasting_cast.anna
    card = open_card(Project, by=anna, owner=anna, title="Мебель в лобби")
    page = enter(anna)
    page.goto(f"{address}/boards/project/")
    page.locator(f"#card-{card.pk} .step--none").click()
    page.locator("#dialog button[value=week]").click()
    page.wait_for_selector(f"#card-{card.pk} .step--later")
    task = Task.objects.get()
    assert (task.title, task.owner) == ("Звонок", anna)

    page.locator(f"#card-{card.pk} .step--later").click()
    page.locator("#dialog textarea[name=text]").last.fill("Ждут образцы")
    page.locator("#dialog button[value=message]").click()
    page.wait_for_selector("#toasts >> text=Записано")
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

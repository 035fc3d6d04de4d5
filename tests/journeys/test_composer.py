"""What is typed on a card's page is not lost: neither with an answer on its way, nor on a reload."""

import pytest
from playwright.sync_api import expect

from chats.models import Message
from leads.intake import receive

from .window import Window

pytestmark = pytest.mark.e2e


def test_a_lost_answer_makes_no_second_message(lasting_cast, enter, address):
    anna = lasting_cast.anna
    lead = receive("phone", by=anna, owner=anna, title="Мебель в лобби", phone="8 921 555-14-08")
    window = Window(enter(anna), address)
    window.go(f"/leads/{lead.pk}/")
    said = Message.objects.filter(author=anna).order_by("seq")

    def lose(route):
        route.fetch()
        route.abort()

    window.page.route("**/messages/", lose, times=1)
    form = window.page.locator(".composer__form[data-pane=chat]")
    form.locator("textarea").fill("Ждёт смету")
    with window.page.expect_event("requestfailed"):
        form.locator("[type=submit]").click()
    expect(form.locator("textarea")).to_have_value("")
    expect(window.page.locator("#chat .feed-item, [data-pending]", has_text="Ждёт смету").first).to_be_visible()
    assert said.count() == 1
    expect(window.page.locator("[data-pending]")).to_have_count(0)
    expect(window.page.locator("#chat .feed-item", has_text="Ждёт смету")).to_have_count(1)
    window.write("chat", "Ждёт смету")
    expect(window.page.locator("#chat .feed-item", has_text="Ждёт смету")).to_have_count(2)
    expect(window.page.locator("[data-pending]")).to_have_count(0)
    assert [message.text for message in said] == ["Ждёт смету", "Ждёт смету"]


def test_a_draft_of_each_mode_outlives_a_reload_until_it_is_sent(lasting_cast, enter, address):
    anna = lasting_cast.anna
    cards = [receive("phone", by=anna, owner=anna, title=title, source="fair") for title in ("Лобби", "Бар")]
    window = Window(enter(anna), address)
    modes = ("chat", "call", "note", "task")
    field = lambda mode: window.page.locator(f".composer__form[data-pane={mode}] textarea")  # noqa: E731
    window.go(f"/leads/{cards[0].pk}/")
    for mode in modes:
        window.page.locator(f"[data-tabs=composer] [data-tab={mode}]").click()
        field(mode).fill(f"Начато: {mode}")
    window.page.reload()
    for mode in modes:
        expect(field(mode)).to_have_value(f"Начато: {mode}")
    window.write("note", "Сказано")
    window.page.reload()
    expect(field("task")).to_have_value("Начато: task")
    expect(field("note")).to_have_value("")
    window.go(f"/leads/{cards[1].pk}/")
    for mode in modes:
        expect(field(mode)).to_have_value("")

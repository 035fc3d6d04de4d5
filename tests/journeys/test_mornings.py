"""A manager's morning without opening a card, an executive's from the letter to the answer, a message to a browser."""

import json
import re
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from chats.models import Message
from crm.activities.models import Task
from crm.activities.verbs import add
from crm.cards.models import Card, Event
from crm.clients.models import Company, Contact
from crm.clients.verbs import add_channels
from crm.notifications.models import Notice, PushDevice
from crm.notifications.notices import notify
from crm.notifications.outbox import drain
from crm.office.calendar import add_working_days, company_today, company_zone, day_start
from crm.oversight.digests import send_digests
from crm.oversight.models import Question
from crm.oversight.watch import watch
from crm.pipelines.moves import open_card
from deals.models import Project
from tests.crm.notifications.services import Browser, PushService, serving

from .window import Window

pytestmark = pytest.mark.e2e


def neglected(cast, title="Лобби"):
    """Anna's deal with a call that was due three working days ago."""
    firm = Company.objects.create(name="Северная гавань", owner=cast.anna)
    person = Contact.objects.create(name="Марина Гавань", owner=cast.anna, company=firm)
    add_channels(person, ["+7 921 555-14-08"])
    deal = open_card(
        Project,
        by=cast.anna,
        owner=cast.anna,
        title=title,
        amount=900_000,
        company=firm,
        contact=person,
        may_refer=True,
    )
    due = day_start(add_working_days(company_today(), -3)) + timedelta(hours=2)
    add(deal, cast.anna, title="Позвонить по смете", due_at=due, kind="call")
    Card.objects.filter(pk=deal.pk).update(stage_since=due - timedelta(days=1))
    Event.objects.filter(card_id=deal.pk).update(at=due - timedelta(days=1))
    return deal


def test_a_manager_begins_the_day(lasting_cast, enter, address):
    """Whom to call stands first with the number to press; called, written down, the next step planned, and the day is clear."""
    deal = neglected(lasting_cast)
    window = Window(enter(lasting_cast.anna), address)
    window.page.get_by_role("link", name=re.compile("^Мой день")).first.click()
    window.page.wait_for_url("**/day/")
    opened = window.at()
    now = window.page.locator("#now")
    expect(now).to_contain_text("Позвонить по смете")
    expect(now).to_contain_text("Северная гавань")
    expect(now.locator("a[href^='tel:']")).to_have_attribute("href", "tel:+79215551408")
    expect(now).to_contain_text("Ссылаться на источник можно")
    badge = window.page.locator(".rail [data-badge=day]")
    expect(badge).to_have_text("1")
    now.get_by_role("link", name="Поговорили").click()
    window.dialog.locator("textarea[name=result]").fill("Смета подходит, ждут образцы")
    window.dialog.locator("label:has(input[value=meeting])").click()
    window.dialog.locator("button[value=week]").click()
    expect(now).to_have_count(0)
    expect(window.page.locator("#day")).to_contain_text("1 из 1")
    expect(badge).to_be_hidden()
    assert window.at() == opened, "the card was never opened"
    done, after = Task.objects.order_by("pk")
    assert (done.state, done.result, done.done_by) == ("done", "Смета подходит, ждут образцы", lasting_cast.anna)
    assert (after.kind, after.state, after.card_id) == ("meeting", "open", deal.pk)
    told = Event.objects.get(card_id=deal.pk, kind="touch")
    assert told.data["text"] == "Смета подходит, ждут образцы" and Card.objects.get(pk=deal.pk).last_touch_at
    window.go("/boards/project/?mine=on")
    expect(window.card(deal.pk).locator(".step--later")).to_be_visible()


def test_an_executive_asks_and_is_answered(lasting_cast, enter, address, post_office, settings):
    """The letter names the client; its address opens «Контроль»; the question is answered in the chat, and closed by that."""
    cast, settings.SITE_URL = lasting_cast, address
    deal = neglected(cast)
    morning = day_start(add_working_days(company_today(), 0)) + timedelta(minutes=5)
    watch(morning)
    assert send_digests(morning) >= 1
    with time_machine.travel(morning, tick=False):
        drain()
    connection.close()
    text = next(letter.get_content() for to, letter in post_office.letters if to == [cast.irina.email])
    assert "КОГО СПРОСИТЬ" in text and "Северная гавань" in text and "Анна Лебедева" in text
    irina, anna = Window(enter(cast.irina), address), Window(enter(cast.anna), address)
    anna.go("/day/")
    irina.page.goto(re.findall(r"http\S+/control/", text)[-1])
    ask = irina.page.locator(".ask", has_text="Северная гавань")
    expect(ask).to_contain_text("Позвонить по смете: просрочено на")
    ask.get_by_role("link", name="Спросить менеджера").click()
    irina.submit(text="Что с гаванью?")
    expect(ask.locator(".tag--ink")).to_have_text("спросили")
    drain()  # as the worker does: her open page hears of it
    unread = Notice.objects.of(cast.anna).unread()
    assert unread.filter(kind="question").count() == 1
    expect(anna.page.locator("#bell .count")).to_have_text(str(unread.count()))
    connection.close()
    task = Task.objects.get(title__startswith="Ответить руководителю")
    assert task.owner == cast.anna and task.is_open

    anna.go("/notices/")
    anna.page.locator(".notice", has_text="Что с гаванью?").get_by_role("link").first.click()
    anna.page.wait_for_url(re.compile(rf"/{deal.pk}/"))
    anna.go(f"/chats/of/{deal.pk}/")
    form = anna.page.locator("form[data-chat]")
    expect(anna.page.locator("[data-seq]", has_text="Что с гаванью?")).to_be_visible()
    form.locator("textarea").fill("Согласовали смету, жду образцы")
    form.locator("[type=submit]").click()
    expect(form.locator("textarea")).to_have_value("")
    expect(anna.page.locator("[data-seq]", has_text="Согласовали смету")).to_be_visible()
    for _turn in range(100):
        question = Question.objects.get()
        if question.answered_at:
            break
        anna.page.wait_for_timeout(100)
    task.refresh_from_db()
    assert question.answered_at and task.state == "done" and task.result == "Согласовали смету, жду образцы"
    assert Message.objects.filter(room__card=deal.pk, author=cast.anna).count() == 1
    irina.go("/control/")
    expect(irina.page.locator(".ask", has_text="Северная гавань").locator(".tag--ink")).to_have_count(0)


def test_a_message_reaches_the_browser_and_both_tabs_count_alike(lasting_cast, enter, address, settings):
    """Sealed by the product for a push service on loopback; what it says is handed to the page's own service worker."""
    cast, settings.SITE_URL = lasting_cast, address
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Отель Заря", amount=1000)
    page = enter(cast.anna)
    page.context.grant_permissions(["notifications"], origin=address)
    page.evaluate(
        "navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready).then(() => true)"
    )
    other = page.context.new_page()
    other.goto(f"{address}/day/")
    for tab in (page, other):
        tab.wait_for_selector("body[data-live]")
    service, browser = PushService(), Browser()
    with serving(service) as endpoint:
        settings.PUSH_SERVICES = [endpoint]
        keys = browser.subscription(f"{endpoint}/one")
        PushDevice.objects.create(user=cast.anna, name="Chromium", **keys)
        notify([cast.anna.pk], deal, "question", by=cast.irina, wait=False, text="Что нового?")
        with time_machine.travel(timezone.now() + timedelta(minutes=3)):
            while drain():
                pass
        connection.close()
    ((_path, _headers, body),) = service.taken
    deliver(page, address, json.dumps(browser.open(body)))
    ask = "navigator.serviceWorker.ready.then((r) => r.getNotifications())"
    for _try in range(100):  # a promise is true to wait_for_function before it is kept
        if told := page.evaluate(f"{ask}.then((all) => all.map((n) => ({{ body: n.body, url: n.data.url }})))"):
            break
        page.wait_for_timeout(100)
    (shown,) = told
    assert "Что нового?" in shown["body"] and urlsplit(shown["url"]).path == deal.get_absolute_url()
    for tab in (page, other):
        expect(tab.locator("#bell .count")).to_have_text("1")
    other.goto(f"{address}/notices/")
    other.get_by_role("button", name=re.compile("Отметить все прочитанными")).click()
    for tab in (page, other):
        expect(tab.locator("#bell .count")).to_have_count(0)
    assert not Notice.objects.filter(user=cast.anna, read_at=None).exists()


def deliver(page, origin, told):
    """What a browser does with a message from its push service, once it has unsealed it."""
    found, line = [], page.context.new_cdp_session(page)
    line.on("ServiceWorker.workerRegistrationUpdated", lambda said: found.extend(said["registrations"]))
    line.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(50)
    line.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": found[0]["registrationId"], "data": told},
    )


def test_the_hours_of_the_day_stand_beside_it(lasting_cast, enter, address):
    """«Ритм дня»: what has an hour stands at its hour, stays there when the day is drawn anew, and opens."""
    anna = lasting_cast.anna
    deal = open_card(Project, by=anna, owner=anna, title="Лобби")
    at = datetime.combine(company_today(), time(15), company_zone())
    add(deal, anna, title="Замер холла", kind="meeting", due_at=at, duration=90)
    add(deal, anna, title="Без часа", due_at=at.replace(hour=18), all_day=True)
    page = enter(anna, timezone_id="Asia/Vladivostok")
    page.clock.set_fixed_time(at)
    page.goto(f"{address}/day/")
    page.wait_for_selector(".hours .ec-event >> text=Замер холла")
    now, stands = (page.locator(f".hours {what}").bounding_box()["y"] for what in (".ec-now-indicator", ".ec-event"))
    assert abs(now - stands) < 4, "now is the company's, wherever the browser is"
    assert page.locator(".hours .ec-event").count() == 1
    first, last = page.locator(".hours .ec-slot").first, page.locator(".hours .ec-slot").last
    assert (first.inner_text(), last.inner_text()) == ("9:00", "18:00")
    with page.expect_response(lambda answer: answer.url.endswith("/day/")):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('card-changed', {detail: {id: 0}}))")
    page.locator(".hours .ec-event >> text=Замер холла").click()
    page.wait_for_selector("#dialog[open] >> text=Замер холла")

"""«Мой день»: one's own work in order, nothing of others', and the same number of statements for any amount of it."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from crm.activities.ruled import plan
from crm.activities.verbs import add
from crm.cards.models import Event
from crm.cards.verbs import touch
from crm.clients.models import Contact
from crm.clients.verbs import add_channels
from crm.office.calendar import company_zone
from crm.pipelines.moves import open_card, take
from deals.models import Attraction, Project
from expenses.verbs import register
from leads.intake import receive

pytestmark = pytest.mark.django_db
PAGE = "/day/"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=company_zone()), tick=True):
        yield


def working(cast, title, owner=None, **more):
    """A deal past its first stage with nothing planned."""
    card = open_card(Attraction, by=owner or cast.anna, owner=owner or cast.anna, title=title, **more)
    take(card, "search", by=owner or cast.anna, answers={})
    return card


def hours(n):
    return timezone.now() + timedelta(hours=n)


def places(text, *words):
    found = [text.index(word) for word in words]
    assert found == sorted(found), dict(zip(words, found, strict=True))


def test_what_to_do_in_order(cast, enter):
    first = working(cast, "Сделка с опозданием", amount=3_540_000)
    touch(first, "letter", cast.anna, text="Документы у директора")
    add(first, cast.anna, kind="call", title="Позвонить завхозу", due_at=hours(-90))
    add(first, cast.anna, title="Ответить на письмо", due_at=hours(-20))
    add(first, cast.anna, title="Счёт на аванс", due_at=hours(2))
    add(first, cast.anna, title="Решает руководство", due_at=hours(3), owner=cast.irina)
    add(first, cast.anna, title="Послезавтрашнее", due_at=hours(40))
    receive("phone", by=cast.anna, owner=cast.anna, title="Новый лид", person="Марина")
    working(cast, "Ничего не назначено")
    text = enter(cast.anna).get(PAGE).content.decode()
    places(
        text, "Позвонить завхозу", "Документы у директора", "Ответить на письмо", "Счёт на аванс", "Новый лид",
        "Ничего не назначено", "Решает руководство", "Послезавтрашнее",
    )  # fmt: skip
    assert "3\u2009540\u2009000" in text and text.count("Позвонить завхозу") == text.split("now__who")[0].count(
        "Позвонить завхозу"
    )


def test_nothing_of_others(cast, enter):
    theirs = working(cast, "Сделка Павла", owner=cast.pavel)
    add(theirs, cast.pavel, title="Дело Павла", due_at=hours(-2))
    receive("phone", by=cast.pavel, owner=cast.pavel, title="Лид Павла")
    for person in (cast.anna, cast.irina, cast.natalia):
        assert "Павла" not in enter(person).get(PAGE).content.decode()
    assert "Дело Павла" in enter(cast.pavel).get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("may_refer", "words"),
    [(True, "Ссылаться на источник можно"), (False, "Ссылаться на источник нельзя"), (None, "Неизвестно")],
)
def test_whether_the_source_may_be_named_stands_beside_the_phone(cast, enter, may_refer, words):
    contact = Contact.objects.create(name="Марина Орлова", owner=cast.anna)
    add_channels(contact, ["+7 921 555-14-08"], [])
    card = working(cast, "Лобби", contact=contact, source="referral", may_refer=may_refer)
    add(card, cast.anna, kind="call", title="Первый звонок", due_at=hours(-3))
    add(card, cast.anna, kind="call", title="Второй звонок", due_at=hours(1))
    text = enter(cast.anna).get(PAGE).content.decode()
    assert text.count('href="tel:+79215551408"') == 2 and text.count(words) == 2


def test_home_of_a_manager_and_the_badge(cast, enter, client):
    client.force_login(cast.anna)
    assert client.get("/")["Location"] == PAGE
    client.force_login(cast.irina)
    assert client.get("/")["Location"] == "/control/"
    card = working(cast, "Лобби")
    for n in (-30, 1, 60):
        add(card, cast.anna, title="Дело", due_at=hours(n))
    client.force_login(cast.anna)
    assert 'count--red rail__badge">2<' in client.get(PAGE).content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_the_same_statements_for_any_number_of_rows(cast, enter, django_assert_max_num_queries, rows):
    for n in range(rows):
        contact = Contact.objects.create(name=f"Марина {n}", owner=cast.anna)
        add_channels(contact, ["+7 921 555-14-08"], [])
        for kind in (Project, Attraction):
            open_card(kind, by=cast.anna, owner=cast.anna, title=f"Новая {n}", contact=contact)
        card = working(cast, f"Сделка {n}", contact=contact)
        working(cast, f"Пустая {n}")
        receive("phone", by=cast.anna, owner=cast.anna, title=f"Лид {n}")
        add(card, cast.anna, kind="call", title="Звонок", due_at=hours(-n), participants=[cast.irina])
        add(card, cast.anna, title="Решить", due_at=hours(n), owner=cast.irina)
    anna = enter(cast.anna)
    anna.get(PAGE)
    with django_assert_max_num_queries(16):
        assert anna.get(PAGE).status_code == 200


def test_whoever_sees_cards_is_led_to_their_day(cast):
    """An accountant's payment orders have their day too: the menu leads there and counts them (R-013)."""
    expense = register(cast.anna, title="Диваны", amount=10)
    plan(expense, Event(), "payment-order", owner=cast.natalia, due_at=hours(-30))
    client = Client()
    for person, led in ((cast.natalia, True), (cast.admin, False)):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        text = client.get("/notices/").content.decode()
        assert [f'href="{at}"' in text for at in (PAGE, "/activities/calendar/")] == [led, led]
        assert ('count--red rail__badge">1<' in text) == led

"""The statements of what people do all day: the same for one row and for thirty, and no more than the goals allow."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.activities.models import Task
from crm.activities.verbs import add
from crm.cards.models import Event
from crm.clients.models import Company, Contact
from crm.clients.verbs import add_channels
from crm.office.calendar import company_today, day_end
from crm.pipelines.moves import open_card, take
from deals.models import Project
from expenses.verbs import register

from . import signed_in

ROWS = [1, 30]


def work(said):
    """How many of the statements are the request's own: what the process remembers for all is read when it is two
    seconds old, whoever asks then."""
    return sum(not re.match(r"BEGIN|COMMIT|SAVEPOINT|RELEASE|.* FROM \"(office|auth)_", q["sql"]) for q in said)


def statements(client, ask):
    """How many statements the second, warm, answer takes."""
    assert ask(client).status_code == 200
    with CaptureQueriesContext(connection) as said:
        assert ask(client).status_code == 200
    return work(said)


@pytest.fixture
def company(cast):
    """Deals of one client with chats, tasks, expenses and a history, as many as are asked for."""
    anna = cast.anna

    def grow(number):
        firm = Company.objects.create(name="Северная гавань", owner=anna)
        person = Contact.objects.create(name="Марина", owner=anna, company=firm)
        add_channels(firm, ["+7 921 555-14-08"], ["office@gavan.example"])
        add_channels(person, ["+7 921 555-14-09"])
        for n in range(number):
            Company.objects.create(name=f"Гавань {n}", owner=anna).refresh_words()
            Contact.objects.create(name=f"Гавань Марина {n}", owner=anna).refresh_words()
            deal = open_card(
                Project, by=anna, owner=anna, title=f"Гавань {n}", amount=1000, company=firm, contact=person
            )
            register(anna, title=f"Свет {n}", deal=deal, company=firm, amount=10, due_on=company_today())
        cast.deal = deal
        cast.deals = Project.objects.order_by("pk")
        return cast

    return grow


def opens(address, htmx=False):
    return lambda client: client.get(address, headers={"HX-Request": "true"} if htmx else {})


@pytest.mark.parametrize("rows", ROWS)
def test_board(company, rows):
    cast = company(rows)
    address = reverse("boards:board", args=["project"])
    assert statements(signed_in(cast.anna), opens(address)) == 5
    assert statements(signed_in(cast.irina), opens(address)) == 6


@pytest.mark.parametrize("rows", ROWS)
def test_list_with_a_text_filter(company, rows):
    cast = company(rows)
    address = reverse("boards:list", args=["project"]) + "?q=гавань"
    assert statements(signed_in(cast.anna), opens(address)) == 6
    assert statements(signed_in(cast.irina), opens(address)) == 7


@pytest.mark.parametrize("rows", ROWS)
def test_search(company, rows):
    cast = company(rows)
    for who in (cast.anna, cast.irina):
        assert statements(signed_in(who), opens(reverse("search") + "?q=гавань", htmx=True)) == 5


@pytest.mark.parametrize("rows", ROWS)
def test_card(company, rows):
    """The card with so many tasks, expenses, notes and messages of its own."""
    cast = company(1)
    anna, deal = cast.anna, cast.deal
    take(deal, "clarify", anna)
    for n in range(rows):
        add(deal, anna, title=f"Дело {n}", due_at=day_end(company_today()), checklist=["Раз", "Два"])
        register(anna, title=f"Стол {n}", deal=deal, amount=5)
        Event.objects.create(card_id=deal.pk, kind=Event.Kind.NOTE, actor=anna, data={"text": "Заметка"})
    for who in (anna, cast.irina):
        assert statements(signed_in(who), opens(deal.get_absolute_url())) == 17


@pytest.mark.parametrize("rows", ROWS)
def test_moves(company, rows):
    """A plain move, and one whose robot plans a task with a checklist, on a board of so many cards."""
    cast = company(rows)
    client, card = signed_in(cast.anna), reverse("cards:moves", args=[cast.deal.pk])

    def to(stage):
        return lambda client: client.post(card, {"to": stage, "key": str(uuid4())}, headers={"HX-Request": "true"})

    def warm_and_counted(stages):
        *warm, last = stages
        for stage in warm:
            assert to(stage)(client).status_code == 200
        # An open checklist is not planned a second time.
        Task.objects.filter(rule="clarify-request").update(state=Task.State.DONE)
        with CaptureQueriesContext(connection) as said:
            assert to(last)(client).status_code == 200
        return work(said)

    assert warm_and_counted(["contract", "supply", "contract", "supply"]) == 11
    assert warm_and_counted(["clarifying", "supply", "clarifying"]) == 15

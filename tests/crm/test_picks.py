"""Choices of clients and deals in forms: few are drawn, the others are found by words, nobody's but one's own (R-015, R-507)."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.cards.picks import AT_HAND, MOST
from crm.cards.verbs import change
from crm.clients.models import Company, Contact
from crm.clients.verbs import add_channels
from crm.pipelines.moves import open_card
from deals.forms import DealForm
from deals.models import Attraction, Deal, Project
from expenses.models import Expense
from expenses.verbs import register

pytestmark = pytest.mark.django_db

WORD = "Кипарис"


def as_(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def company(name, owner, **more):
    made = Company.objects.create(name=name, owner=owner, **more)
    made.refresh_words()
    return made


def many(owner, count, name=WORD):
    Company.objects.bulk_create(Company(name=f"{name} {n}", words=f"{name} {n}", owner=owner) for n in range(count))


def texts(client, kind, q=""):
    return [row["text"] for row in client.get(reverse("picks", args=[kind]), {"q": q}).json()["rows"]]


def deal(owner, title, process=Project, **more):
    return open_card(process, by=owner, owner=owner, title=title, **more)


def asked(client, address, **query):
    """An answer and how many statements it took, what is remembered apart."""
    client.get(address, query)
    with CaptureQueriesContext(connection) as context:
        answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode(), len(context)


@pytest.mark.parametrize("typed", ["ёлки", "елка", "tkrf", "7707083893", "8 (921) 555-14"])
def test_a_company_is_found_as_in_search(client, cast, typed):
    made = company("Ёлка", cast.anna, inn="7707083893")
    add_channels(made, ["8 921 555-14-08"])
    made.refresh_words()
    assert texts(as_(client, cast.anna), "companies", typed) == ["Ёлка"]


def test_the_very_name_comes_first_and_then_the_newest(client, cast):
    for name in ("Дуб", "Дуб и клён", "Дубрава"):
        company(name, cast.anna)
    assert texts(as_(client, cast.anna), "companies", "дуб") == ["Дуб", "Дубрава", "Дуб и клён"]
    assert texts(client, "companies") == ["Дубрава", "Дуб и клён", "Дуб"]


def test_no_more_than_twenty_are_found(client, cast):
    many(cast.anna, 30)
    assert len(texts(as_(client, cast.irina), "companies", WORD)) == MOST


def test_others_are_not_found_nor_counted(client, cast):
    """Full of somebody else's rows, the answer is what it is without them."""
    many(cast.pavel, 30)
    mine = company(WORD, cast.anna)
    Contact.objects.create(name=WORD, owner=cast.pavel, words=WORD)
    deal(cast.pavel, WORD)
    own = deal(cast.anna, "Лобби")
    as_(client, cast.anna)
    assert texts(client, "companies", WORD) == [mine.name] and texts(client, "companies") == [mine.name]
    assert texts(client, "contacts", WORD) == [] and texts(client, "deals", WORD) == []
    assert texts(client, "deals") == [f"{own.number} · Лобби · Поступило ТЗ"]
    for user in (cast.admin, cast.natalia):
        as_(client, user)
        assert [texts(client, kind) for kind in ("companies", "contacts", "deals")] == [[], [], []]


@pytest.mark.parametrize("form", ["{}", "С-{}", "с-{}", "C-{}", "c{}"])
def test_a_deal_is_found_by_its_number(client, cast, form):
    made = deal(cast.anna, "Лобби")
    deal(cast.anna, f"Дом {made.pk}0", Attraction)  # newer, and it holds these digits too
    found = texts(as_(client, cast.anna), "deals", form.format(made.pk))
    assert found[0] == f"{made.number} · Лобби · Поступило ТЗ"


def test_what_is_no_kind_of_rows_is_absent(client, cast):
    as_(client, cast.irina)
    assert client.get(reverse("picks", args=["users"])).status_code == 404
    assert client.post(reverse("picks", args=["deals"])).status_code == 405


def test_a_form_stays_small_and_takes_any_of_many(client, cast):
    as_(client, cast.irina)
    address = reverse("deals:new", args=["project"])
    first = company("Первая", cast.pavel)
    few, statements = asked(client, address)
    many(cast.pavel, 300)
    page, now = asked(client, address)
    assert page.count(WORD) == AT_HAND and "Первая" not in page
    assert now == statements and len(page) < len(few) + AT_HAND * 100
    answer = client.post(address, {"title": "Лобби", "company": first.pk})
    assert answer.status_code == 303 and Deal.objects.get().company == first


def test_what_is_chosen_is_drawn_however_old_it_is(client, cast):
    first = company("Первая", cast.irina)
    made = deal(cast.irina, "Лобби", company=first)
    many(cast.pavel, 300)
    as_(client, cast.irina)
    address = reverse("deals:edit", args=[made.pk])
    page, statements = asked(client, address)
    assert f'<option value="{first.pk}" selected>Первая</option>' in page
    many(cast.pavel, 300)
    assert asked(client, address)[1] == statements
    # A form that comes back keeps what was chosen in it.
    oldest = Company.objects.order_by("pk")[1]
    answer = client.post(address, {"title": "", "company": oldest.pk, "version": made.version})
    assert answer.status_code == 422
    assert f'<option value="{oldest.pk}" selected>{oldest.name}</option>' in answer.content.decode()


def test_a_form_is_checked_without_reading_all_rows(cast):
    many(cast.pavel, 300)
    wanted = Company.objects.order_by("pk")[100]
    made = deal(cast.irina, "Лобби", company=Company.objects.first())
    with CaptureQueriesContext(connection) as context:
        form = DealForm(
            {"title": "Лобби", "company": wanted.pk}, instance=Deal.objects.get(pk=made.pk), user=cast.irina
        )
        assert form.is_valid() and form.cleaned_data["company"] == wanted
    assert sum("clients_company" in query["sql"] for query in context) == 2  # the field asks, and so does the model
    assert all(len(query["sql"]) < 5000 for query in context)


def test_somebody_elses_row_is_refused_and_what_stands_is_kept(client, cast):
    theirs, stands = company("Чужая", cast.pavel), company("Прежняя", cast.pavel)
    made = deal(cast.anna, "Лобби")
    change(made, {"company": stands}, cast.irina)
    made.refresh_from_db()
    form = {"title": "Лобби", "version": made.version, "comment": made.comment}
    address = reverse("deals:edit", args=[made.pk])
    as_(client, cast.anna)
    for value in (theirs.pk, "²", "0", "-1", 10**30, "Чужая"):
        answer = client.post(address, form | {"company": value})
        assert answer.status_code == 422 and "Чужая<" not in answer.content.decode()
    assert client.post(address, form | {"company": stands.pk}).status_code < 400


def test_an_expense_takes_a_deal_that_its_form_did_not_draw(client, cast):
    wanted = deal(cast.anna, "Лобби")
    for n in range(AT_HAND):
        deal(cast.anna, f"Дом {n}")
    as_(client, cast.anna)
    page, statements = asked(client, reverse("expenses:new"))
    assert wanted.number + " " not in page and page.count("· Дом ") == AT_HAND
    given, more = asked(client, reverse("expenses:new"), deal=wanted.pk)
    assert f'<option value="{wanted.pk}" selected>' in given and more == statements + 1
    client.post(reverse("expenses:new"), {"title": "Камень", "deal": wanted.pk, "kind": "full", "vat": "none"})
    assert Expense.objects.get().deal_id == wanted.pk


def test_finding_takes_as_many_statements_for_thirty_as_for_one(client, cast):
    as_(client, cast.anna)
    deal(cast.anna, WORD)
    many(cast.anna, 1)
    counts = {kind: asked(client, reverse("picks", args=[kind]), q=WORD)[1] for kind in ("companies", "deals")}
    many(cast.anna, 29)
    for n in range(5):
        deal(cast.anna, f"{WORD} {n}")
    assert counts == {kind: asked(client, reverse("picks", args=[kind]), q=WORD)[1] for kind in counts}


def test_the_move_that_asks_for_a_company_asks_so_too(client, cast):
    made = register(cast.anna, title="Камень", amount=1, due_on=date(2027, 3, 1), purpose="Кварц")
    many(cast.anna, 300)
    answer = as_(client, cast.anna).post(reverse("cards:moves", args=[made.pk]), {"to": "approval"})
    assert answer.status_code == 422 and answer.content.decode().count(WORD) == AT_HAND
    assert "<pick-one" in answer.content.decode()

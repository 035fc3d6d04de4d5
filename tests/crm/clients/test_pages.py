"""Clients over HTTP: seen by their own, warned of without leaking, saved with doubtful requisites, found by search."""

from uuid import uuid4

import pytest
from django.urls import reverse

from crm.clients.models import Company, Contact
from crm.clients.verbs import add_channels
from crm.pipelines.moves import open_card
from deals.pipelines.project import Project

pytestmark = pytest.mark.django_db


def as_(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def hidden(cast):
    """A company of Pavel's that Anna does not see."""
    company = Company.objects.create(name="Северный порт", owner=cast.pavel, inn="7707083893")
    add_channels(company, ["8 921 555-14-08"], ["port@snag.example"])
    return company


@pytest.mark.parametrize(
    "name",
    ["clients:list", "clients:new_company", "clients:new_contact", "create", "notices", "search", "people:profile"],
)
def test_every_page_opens(client, cast, hidden, name):
    for user in (cast.anna, cast.irina, cast.natalia):
        assert as_(client, user).get(reverse(name)).status_code == 200


def test_an_unseen_client_is_absent(client, cast, hidden):
    as_(client, cast.anna)
    assert client.get(reverse("clients:company", args=[hidden.pk])).status_code == 404
    assert client.get(reverse("clients:edit_company", args=[hidden.pk])).status_code == 404
    assert "Северный порт" not in client.get(reverse("clients:list")).content.decode()
    assert "Северный порт" not in client.get(reverse("search"), {"q": "северный"}).content.decode().replace(
        'value="', ""
    )


def test_a_duplicate_shows_no_more_than_who_answers(client, cast, hidden):
    words = (
        as_(client, cast.anna)
        .get(reverse("clients:duplicates"), {"phone": "+7 921 5551408", "email": "not a mail"})
        .content.decode()
    )
    assert "Павел Жуков" in words
    assert "Северный" not in words


def test_doubtful_requisites_are_saved_and_doubted(client, cast):
    form = {"name": "Дюны", "kind": "client", "inn": "77 070 838 94", "phone": "8 912 345-67-89, +7 921 555-14-08"}
    answer = as_(client, cast.anna).post(reverse("clients:new_company"), form)
    company = Company.objects.get()
    assert (answer.status_code, company.inn, company.owner) == (303, "7707083894", cast.anna)
    assert company.channels.count() == 2
    assert "banner" in client.get(company.get_absolute_url()).content.decode()
    form |= {"version": company.version, "name": "Дюны 2", "phone": "8 912 345-67-89"}
    edit = reverse("clients:edit_company", args=[company.pk])
    assert client.get(edit).status_code == 200
    assert client.post(edit, form).status_code == 303
    assert company.channels.count() == 1
    assert client.post(edit, form).status_code == 422


def test_a_wrong_form_comes_back_as_typed(client, cast):
    answer = as_(client, cast.anna).post(reverse("clients:new_contact"), {"name": "Марина", "phone": "12"})
    assert answer.status_code == 422
    assert 'value="Марина"' in answer.content.decode()
    assert not Contact.objects.exists()


@pytest.mark.parametrize("typed", ["северный", "ctdthysq", "8 (921) 555-14", "7707083893"])
def test_search_finds_however_it_is_typed(client, cast, hidden, typed):
    answer = as_(client, cast.pavel).get(reverse("search"), {"q": typed}, headers={"HX-Request": "true"})
    assert hidden.get_absolute_url() in answer.content.decode()


def test_search_asks_three_times(cast, hidden, django_assert_max_num_queries):
    from crm.search.views import hits

    with django_assert_max_num_queries(4):
        hits(cast.pavel, "ctdthysq")


def test_administrator_sees_people(client, cast):
    as_(client, cast.admin)
    assert client.get(reverse("people:list")).status_code == 200
    assert client.get(reverse("people:person", args=[cast.anna.pk])).status_code == 200
    assert client.get("/").headers["Location"] == reverse("people:list")


def test_chat_and_folder_pages(client, cast):
    deal = open_card(Project, by=cast.anna, title="Лобби-бар", owner=cast.anna)
    as_(client, cast.anna)
    room = deal.room
    assert client.get(reverse("chats:room", args=[room.pk])).status_code == 200
    assert client.post(reverse("chats:messages", args=[room.pk]), {"text": "Добрый день"}).status_code == 303
    assert client.post(reverse("chats:messages", args=[room.pk]), {"text": " "}).status_code == 422
    assert "Добрый день" in client.get(reverse("chats:room", args=[room.pk])).content.decode()
    for folder in deal.folders.all():
        assert client.get(folder.get_absolute_url()).status_code == 200
    as_(client, cast.pavel)
    assert client.get(reverse("chats:room", args=[room.pk])).status_code == 404
    assert client.get(deal.folders.first().get_absolute_url()).status_code == 404


@pytest.mark.parametrize("kind", ["company", "contact"])
def test_a_form_sent_twice_makes_one_client(client, cast, kind):
    form = {"name": "Дюны", "kind": "client", "role": "customer", "key": uuid4()}
    url = reverse(f"clients:new_{kind}")
    first, second = (as_(client, cast.anna).post(url, form) for _twice in range(2))
    assert first.status_code == second.status_code == 303 and first["Location"] == second["Location"]
    assert {"company": Company, "contact": Contact}[kind].objects.count() == 1
    assert as_(client, cast.anna).post(url, form | {"name": "Другие"}).status_code == 409

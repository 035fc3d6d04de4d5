"""The ready filters' numbers asked anew say what the whole page would (C-1, R-253)."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.activities.verbs import add
from crm.pipelines.moves import open_card
from deals.models import Project
from leads.intake import receive

pytestmark = pytest.mark.django_db


def told(client, path):
    page = client.get(path).content.decode()
    return re.findall(r'class="saved"[^>]*>([^<]+?)(?: <span class="n[^>]*>(\d+)</span>)?</a>', page)


@pytest.mark.parametrize("query", ["", "?step=none", "?q=Дом"])
def test_they_are_those_of_the_page(cast, client, query):
    for title in ("Дом", "Дача", "Двор"):
        deal = open_card(Project, by=cast.anna, owner=cast.anna, title=title)
    add(deal, cast.anna, title="Звонок", due_at=timezone.now() - timedelta(days=1))
    client.force_login(cast.anna)
    numbers = told(client, f"/boards/project/numbers/{query}")
    assert numbers == told(client, f"/boards/project/{query}") == told(client, f"/boards/project/list/{query}")
    assert numbers[:3] == [("Все", "3"), ("Просрочено", "1"), ("Нет следующего дела", "2")]


@pytest.mark.parametrize("rows", [1, 30])
def test_the_same_statements_for_any_number_of_cards(cast, client, rows, django_assert_num_queries):
    for _row in range(rows):
        open_card(Project, by=cast.anna, owner=cast.anna, title="Дом")
    client.force_login(cast.anna)
    client.get("/boards/project/numbers/", headers={"HX-Request": "true"})
    with django_assert_num_queries(3):  # the session, the person, the counts
        client.get("/boards/project/numbers/", headers={"HX-Request": "true"})


def test_who_gives_leads_out_reads_how_many_are_nobodys(cast, client):
    receive("site", title="Столы", email="a@b.example")
    client.force_login(cast.irina)
    assert ("Не назначены", "1") in told(client, "/boards/leads/numbers/")

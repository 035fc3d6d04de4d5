"""Boards over HTTP: counts over all that is seen, moves that ask, refuse and undo, and no query more for more cards."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from crm.boards.columns import Row
from crm.office.models import office
from crm.pipelines.moves import open_card
from deals.models import Project
from leads.intake import receive
from leads.models import Lead

from .test_routes import signed_in


def moved(client, card, **post):
    return client.post(
        reverse("cards:moves", args=[card.pk]), {"key": str(uuid4()), **post}, headers={"HX-Request": "true"}
    )


@pytest.fixture
def lead(cast):
    return receive("phone", by=cast.anna, owner=cast.anna, title='Стол <b>"&', person="Марина", amount=1500)


def test_a_row_is_what_the_template_unpacks():
    from pathlib import Path

    text = Path("templates/boards/_card.html").read_text()
    order = text[text.index("{% set id, version") + len("{% set ") : text.index(" = row %}")]
    assert tuple(name.strip() for name in order.split(",")) == Row._fields


def test_what_people_type_is_escaped(cast, lead):
    text = signed_in(cast.anna).get(reverse("boards:board", args=["leads"])).content.decode()
    assert "Стол &lt;b&gt;" in text and "Стол <b>" not in text


def test_move_asks_then_moves_then_is_undone(cast, lead):
    client = signed_in(cast.anna)
    asked = moved(client, lead, to="discuss", version=lead.version)
    assert asked.status_code == 422 and "may_refer" in asked.content.decode()
    assert Lead.objects.get().stage == "new"
    wrong = moved(client, lead, step="discuss", answering="1", source="referral")
    assert wrong.status_code == 422 and "Выберите" in wrong.content.decode()
    done = moved(client, lead, step="discuss", answering="1", source="referral", may_refer="no")
    assert done.status_code == 200 and f'id="card-{lead.pk}"' in done.content.decode()
    undo = json.loads(done["HX-Trigger"])["toast"]["undo"]
    assert client.post(undo).status_code == 200
    assert Lead.objects.get().stage == "new"


def test_a_stale_move_is_refused_with_who_was_first(cast, lead):
    anna, irina = signed_in(cast.anna), signed_in(cast.irina)
    answers = {"answering": "1", "source": "referral", "may_refer": "yes"}
    assert moved(irina, lead, to="discuss", version=lead.version, **answers).status_code == 200
    late = moved(anna, lead, to="other", version=lead.version)
    assert late.status_code == 409 and "Ирина Снегирёва" in late.content.decode()


@pytest.mark.parametrize(
    "junk", [{"to": "nowhere"}, {"to": "x" * 10_000}, {"step": "delete"}, {"to": "discuss", "version": "-1"}, {}]
)
def test_junk_is_answered_in_words(cast, lead, junk):
    assert moved(signed_in(cast.anna), lead, **junk).status_code in (409, 422)


def test_counts_and_sums_are_over_all_visible_cards(cast):
    for n in range(60):
        open_card(Project, by=cast.anna, owner=cast.anna, title=f"Сделка {n}", amount=1000)
    open_card(Project, by=cast.pavel, owner=cast.pavel, title="Чужая", amount=7)
    text = signed_in(cast.anna).get(reverse("boards:board", args=["project"])).content.decode()
    assert text.count('class="board-card"') == 20 and "60\u2009000" in text and "Чужая" not in text
    more = signed_in(cast.anna).get(reverse("boards:column", args=["project", "new"]) + "?shown=20").content.decode()
    assert more.count('class="board-card"') == 40


@pytest.mark.parametrize("cards", [1, 30])
def test_board_takes_the_same_statements_for_any_number_of_cards(cast, django_assert_max_num_queries, cards):
    for n in range(cards):
        open_card(Project, by=cast.anna, owner=cast.anna, title=f"Сделка {n}", amount=1000)
    client = signed_in(cast.anna)
    address = reverse("boards:board", args=["project"])
    client.get(address)
    office()
    with django_assert_max_num_queries(9):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "?q=%00",
        "?owner=abc",
        "?since=32.13.2026",
        "?page=-1",
        "?sort=password",
        "?page=99999999999999999999",
        "?q=" + "я" * 3000,
    ],
)
@pytest.mark.parametrize("name", ["boards:board", "boards:list"])
def test_absurd_queries_never_fail(cast, lead, name, query):
    assert signed_in(cast.anna).get(reverse(name, args=["leads"]) + query).status_code == 200

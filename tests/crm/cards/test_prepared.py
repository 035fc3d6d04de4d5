"""A statement composed once answers each person as one composed for that person alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chats.verbs import post
from crm.activities.day import tonight
from crm.activities.verbs import add
from crm.boards.columns import FIRST, first, newest
from crm.cards.models import Card
from crm.cards.sharing import share
from crm.people.models import Role
from crm.pipelines.declare import of
from crm.pipelines.moves import open_card
from crm.shell import BADGES, waiting
from deals.models import Project
from expenses.verbs import register
from leads.intake import receive


@pytest.fixture
def company(cast):
    """Each manager has a lead, a deal with something to read and to do, and an expense; one deal is shared."""
    for n, owner in enumerate((cast.anna, cast.pavel, cast.anna, cast.irina)):
        deal = open_card(Project, by=owner, owner=owner, title=f"Лобби {n}")
        add(deal, owner, title="Позвонить", due_at=timezone.now() - timedelta(hours=n))
        post(deal.room, f"Слово {n}", cast.oleg)
        receive("mail", title=f"Лид {n}", owner=None if n == 2 else owner)
        register(owner, title=f"Свет {n}", deal=deal, amount=10 + n)
    share(deal, cast.pavel, cast.irina)
    cast.pavel.distributes_leads = True
    cast.pavel.save()
    cast.both = type(cast.anna).objects.create(
        email="both@snag.example", name="Вера Двойная", roles=[Role.MANAGER, Role.ACCOUNTANT]
    )
    return cast


def everybody(cast):
    return [p for p in vars(cast).values() if p.is_active]


def test_badges_are_each_persons_own(company):
    now = timezone.now()
    for _round in range(2):  # composed, then remembered
        for person in everybody(company):
            counts = waiting(person)
            alone = {name: BADGES[name][1](person, now, tonight(now)).count() for name in counts}
            assert counts == alone, person
    assert waiting(company.anna) != waiting(company.pavel) != waiting(company.irina)


@pytest.mark.parametrize("slug", ["project", "leads", "expenses"])
def test_a_boards_first_cards_are_each_persons_own(company, slug):
    stages = [stage.value for stage in of(slug).open_stages]
    for _round in range(2):
        for person in everybody(company):
            alone = newest(Card.objects.visible_to(person), person, slug, stages, FIRST)
            assert first(person, slug, stages) == alone, person
            assert {row["id"] for row in alone} == set(
                Card.objects.visible_to(person).filter(pipeline=slug, stage__in=stages).values_list("pk", flat=True)
            )


def test_rights_taken_away_are_another_statement(company):
    stages = [stage.value for stage in of("project").open_stages]
    assert first(company.irina, "project", stages)
    company.irina.roles = [Role.MANAGER]
    company.irina.save()
    assert {row["owner_id"] for row in first(company.irina, "project", stages)} == {company.irina.pk}
    company.irina.is_active = False
    assert first(company.irina, "project", stages) == []

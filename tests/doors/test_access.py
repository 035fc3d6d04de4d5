"""Who sees what: owner, colleague, executive, accountant, administrator, one who left (G1, G9, R-015)."""

import pytest

from crm.cards.access import viewers
from crm.cards.models import Card
from crm.cards.verbs import hand_over, share, unshare
from crm.pipelines.moves import open_card
from deals.models import Project
from expenses.verbs import register


@pytest.fixture
def world(cast):
    cast.deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    cast.expense = register(cast.anna, title="Столешницы", deal=cast.deal)
    return cast


def seen(user):
    return set(Card.objects.visible_to(user).values_list("pk", flat=True))


def test_each_sees_their_own(world):
    both = {world.deal.pk, world.expense.pk}
    assert seen(world.anna) == seen(world.irina) == both
    assert seen(world.natalia) == {world.expense.pk}
    assert seen(world.pavel) == seen(world.admin) == seen(world.gone) == seen(None) == set()


def test_whoever_sees_is_whoever_is_told(world):
    people = [world.anna, world.pavel, world.irina, world.oleg, world.natalia, world.admin, world.gone]
    for card in (world.deal, world.expense):
        assert set(viewers(card)) == {p.pk for p in people if card.pk in seen(p)}


def test_handing_over_moves_access_at_once(world):
    hand_over(world.deal, world.pavel, world.anna)
    assert world.deal.pk in seen(world.pavel) and world.deal.pk not in seen(world.anna)
    assert world.expense.pk in seen(world.pavel)


def test_sharing_gives_and_takes_back(world):
    share(world.deal, world.pavel, world.anna)
    assert seen(world.pavel) == {world.deal.pk, world.expense.pk}
    unshare(world.deal, world.pavel, world.anna)
    assert seen(world.pavel) == set()


def test_deactivation_ends_sight(world):
    world.irina.is_active = False
    assert seen(world.irina) == set()


def test_owner_and_grants_agree(world):
    for card in Card.objects.exclude(owner=None):
        assert card.grants.filter(user=card.owner, permission__codename="view_card").exists()

"""A deal with a chat, and people who see it or do not."""

import pytest

from crm.cards.verbs import share
from crm.pipelines.moves import open_card
from deals.models import Project


@pytest.fixture
def deal(cast):
    """Anna's deal, shown to the executive by role; Pavel does not see it."""
    return open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")


@pytest.fixture
def shared(cast, deal):
    """The same, with Pavel invited to look."""
    share(deal, cast.pavel, cast.anna)
    return deal

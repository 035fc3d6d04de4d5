"""An expense of one's own deal, as it is registered and as it is approved."""

from datetime import date
from decimal import Decimal

import pytest

from crm.clients.models import Company
from crm.pipelines.moves import open_card, take
from deals.models import Project
from expenses.verbs import register


@pytest.fixture
def project(cast):
    return open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби", amount=Decimal(1000))


@pytest.fixture
def expense(cast, project):
    payee = Company.objects.create(name="Каменный двор", owner=cast.anna)
    return register(
        cast.anna, title="Столешницы", company=payee, amount=Decimal(100), due_on=date(2026, 12, 1), purpose="Кварц",
        deal=project,
    )  # fmt: skip


@pytest.fixture
def approved(cast, expense):
    take(expense, "send", cast.anna)
    take(expense, "approve", cast.irina)
    return expense

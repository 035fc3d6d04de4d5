"""Servers of other moods, and a deal whose people are told of things."""

from datetime import date

import pytest

from crm.clients.models import Company
from crm.pipelines.moves import open_card, take
from deals.models import Project
from expenses.verbs import register
from tests.post_office import opened


@pytest.fixture
def moody(settings):
    """``moody(box)``: letters leave through a server with this box."""
    servers = []

    def open_box(box):
        servers.append(opened(box))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", servers[0].port, 1
        return box

    yield open_box
    for server in servers:
        server.stop()


@pytest.fixture
def deal(cast):
    return open_card(Project, by=cast.anna, owner=cast.anna, title="Отель Заря", amount=1000)


@pytest.fixture
def expense(cast, deal):
    """Anna's expense that waits for an executive."""
    payee = Company.objects.create(name="Каменный двор", owner=cast.anna)
    card = register(
        cast.anna, title="Столешницы", deal=deal, company=payee, amount=100, due_on=date(2030, 1, 9), purpose="Кварц"
    )
    take(card, "send", cast.anna)
    card.refresh_from_db()
    return card

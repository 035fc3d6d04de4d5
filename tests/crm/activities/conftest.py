"""A deal of Anna's to plan for, and what its next step is now."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crm.cards.models import Card
from crm.pipelines.moves import open_card
from deals.models import Project

HTMX = {"HX-Request": "true"}


@pytest.fixture
def deal(cast):
    return open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")


@pytest.fixture
def enter():
    def sign_in(user):
        client = Client(headers=HTMX)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def soon(**delta):
    return timezone.now() + timedelta(**(delta or {"days": 1}))


def step(card):
    return Card.objects.values_list("next_step", "next_step_at").get(pk=card.pk)

"""The demo company is alive on every screen, and only where nobody works yet."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from crm.activities.models import Task
from crm.cards.models import Card
from crm.demo import LOGINS
from crm.notifications.models import Outbox
from crm.people.models import User
from crm.pipelines.declare import PIPELINES
from deals.rhythm import follow_dates
from expenses.models import Payment


@pytest.mark.django_db
def test_every_screen_is_alive(capsys):
    call_command("demo")
    follow_dates()  # what the clock does in the first minute
    filled = set(Card.objects.values_list("pipeline", "stage"))
    assert {(slug, stage) for slug, process in PIPELINES.items() for stage in process.stages} == filled
    assert User.objects.count() == len(LOGINS) == 12
    assert {role for user in User.objects.all() for role in user.roles} == {
        "executive", "manager", "accountant", "administrator",
    }  # fmt: skip
    assert Payment.objects.exists() and Task.objects.open().exists() and Task.objects.filter(state="done").exists()
    assert not Outbox.objects.filter(kind="mail", done_at=None).exists(), "nobody is written to"
    position, email, password = LOGINS[2]
    client = Client()
    client.post("/sign-in/", {"username": email, "password": password})
    page = client.get("/boards/project/")
    assert page.status_code == 200 and "board-card" in page.content.decode(), position
    with pytest.raises(CommandError):
        call_command("demo")

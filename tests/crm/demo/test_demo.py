"""The demo company is alive on every screen, and only where nobody works yet."""

from datetime import datetime, timedelta
from random import Random

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from crm.activities.models import Task
from crm.cards.models import Card, Event
from crm.demo import LOGINS
from crm.demo.diary import Diary
from crm.notifications.models import Outbox
from crm.office.calendar import company_today, company_zone, midnight
from crm.oversight.models import Violation
from crm.people.models import User
from crm.pipelines.declare import PIPELINES
from expenses.models import Payment


@pytest.mark.django_db
def test_every_screen_is_alive(capsys):
    call_command("demo")
    # People keep office hours, and deals have stood in their stages for a while.
    at = [moment.astimezone(company_zone()) for moment in Event.objects.values_list("at", flat=True)]
    assert {one.hour for one in at} <= set(range(9, 18))
    deals, today = Card.objects.open().exclude(pipeline__in=["leads", "expenses"]), midnight(company_today())
    assert deals.filter(stage_since__gte=today - timedelta(days=1)).count() < deals.count() / 2
    assert deals.filter(next_step_at__lt=today - timedelta(days=7)).count() < deals.count() / 6
    filled = set(Card.objects.values_list("pipeline", "stage"))
    assert {(slug, stage) for slug, process in PIPELINES.items() for stage in process.stages} == filled
    assert User.objects.count() == len(LOGINS) == 12
    assert {role for user in User.objects.all() for role in user.roles} == {
        "executive", "manager", "accountant", "administrator",
    }  # fmt: skip
    assert Payment.objects.exists() and Task.objects.open().exists() and Task.objects.filter(state="done").exists()
    assert Violation.objects.open().exists(), "an executive has whom to ask"
    assert not Outbox.objects.filter(kind="mail", done_at=None).exists(), "nobody is written to"
    position, email, password = LOGINS[2]
    client = Client()
    client.post("/sign-in/", {"username": email, "password": password})
    page = client.get("/boards/project/")
    assert page.status_code == 200 and "board-card" in page.content.decode(), position
    with pytest.raises(CommandError):
        call_command("demo")


@pytest.mark.django_db
@pytest.mark.parametrize("hour", [0, 9, 12, 23])
@pytest.mark.parametrize("day", [26, 29])
def test_a_moment_of_the_diary_is_a_working_one_and_has_passed(day, hour):
    with time_machine.travel(datetime(2026, 11, day, hour, 5, tzinfo=company_zone()), tick=False):
        diary = Diary(Random(1))
        for days in (0, 0, 0, 1, 30):
            at = diary.moment(days).astimezone(company_zone())
            assert at <= timezone.now() and at.weekday() < 5 and 9 <= at.hour < 18

"""Reminders of several clients are put off at once from the list (R-236, C-23)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from crm.cards.models import Event
from crm.office.calendar import add_working_days, company_date, company_today
from crm.pipelines.moves import open_card, take
from deals.models import Reminder, Turn
from tests.deals.test_rhythm import ANSWERS

MANY = "deals:shifts_of_many"


@pytest.fixture
def deals(cast):
    def reminded(owner, title):
        deal = open_card(Reminder, by=owner, owner=owner, title=title)
        take(deal, "schedule", owner, ANSWERS)
        return deal

    return [reminded(cast.anna, "Клиника"), reminded(cast.anna, "Отель"), reminded(cast.pavel, "Чужой шоурум")]


@pytest.fixture
def anna(client, cast):
    client.force_login(cast.anna)
    return client


def days(deal, channel):
    return [company_date(t.task.due_at) for t in Turn.objects.filter(deal=deal, channel=channel, task__state="open")]


def test_several_are_put_off_by_a_week_and_foreign_ones_stay(anna, deals):
    mine, second, foreign = deals
    before = {deal.pk: days(deal, "letter")[0] for deal in deals}
    form = {"card": [mine.pk, second.pk, foreign.pk], "channel": "letter", "by": "week", "key": str(uuid4())}
    answer = anna.post(reverse(MANY), form, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200 and "Чужой" not in text and "Сделки нет или она не ваша" in text
    for deal in (mine, second):
        assert days(deal, "letter") == [add_working_days(before[deal.pk] + timedelta(weeks=1), 0)]
    assert days(foreign, "letter") == [before[foreign.pk]]
    moved = Event.objects.filter(kind="task", key__isnull=False).count()
    anna.post(reverse(MANY), form)
    assert Event.objects.filter(kind="task", key__isnull=False).count() == moved == 2, "sent twice, moved once"


def test_all_go_to_a_date_and_the_list_hears_of_it(anna, deals):
    day = add_working_days(company_today() + timedelta(days=30), 0)
    answer = anna.post(
        reverse(MANY), {"card": [deals[0].pk], "by": "day", "day": day.isoformat()}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 204 and "card-changed" in answer.headers["HX-Trigger"]
    assert {due for channel in ("letter", "call") for due in days(deals[0], channel)} == {day}


@pytest.mark.parametrize(
    "form", [{"by": "day"}, {"by": "day", "day": "2020-01-01"}, {"by": "year"}, {}, {"by": "week", "channel": "smoke"}]
)
def test_a_wrong_answer_comes_back_with_the_choice(anna, deals, form):
    answer = anna.post(reverse(MANY), {"card": [deals[0].pk], **form})
    assert answer.status_code == 422 and f'value="{deals[0].pk}"' in answer.content.decode()


def test_the_list_of_reminders_offers_it(anna, deals):
    text = anna.get(reverse("boards:list", args=["reminder"])).content.decode()
    assert reverse(MANY) in text and "data-bulk-one" in text

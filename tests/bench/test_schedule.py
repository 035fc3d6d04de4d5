"""The statements of the clock's verbs: the same for one card and for thirty, where a person's work allows it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.activities.models import Task
from crm.bench.schedule import moments
from crm.cards.models import Card
from crm.office.calendar import add_working_days, company_today, day_end, day_start
from crm.oversight.digests import send_digests, warn_first_stages
from crm.oversight.watch import watch
from crm.pipelines.moves import open_card
from crm.schedule import SCHEDULE
from deals.models import Project
from leads.intake import receive

from .test_statements import work


def tomorrow():
    return add_working_days(company_today(), 1)


def asked(verb, now):
    with CaptureQueriesContext(connection) as said:
        verb(now)
    return work(said)


def company(cast, rows):
    """Leads nobody has sorted out and deals with late calls, so many of each."""
    late = day_start(tomorrow()) - timedelta(days=9)
    for n in range(rows):
        receive("phone", by=cast.anna, owner=cast.anna, title=f"Лид {n}")
        deal = open_card(Project, by=cast.anna, owner=cast.anna, title=f"Гавань {n}", amount=1000)
        Task.objects.create(card_id=deal.pk, title="Звонок", owner=cast.anna, due_at=late)
    Card.objects.update(stage_since=late - timedelta(days=20), next_step_at=late)


@pytest.mark.parametrize("rows", [1, 30])
def test_the_register_the_warnings_and_the_digests(cast, rows):
    company(cast, rows)
    evening = day_end(tomorrow()) - timedelta(minutes=30)
    assert [asked(watch, evening) for _turn in range(2)] == [20, 16]
    assert [asked(warn_first_stages, evening) for _turn in range(2)] == [5, 1]
    assert [asked(send_digests, evening) for _turn in range(2)] == [73, 2]


# Four times a day the stored files are read through, a folder at a time.
APART = ("Telegram", "letters", "stored files")


@pytest.mark.parametrize("name", [name for name in SCHEDULE if not any(word in name for word in APART)])
def test_with_nothing_to_do_a_verb_asks_little(cast, name):
    """What every minute and every two seconds costs when nothing has happened."""
    company(cast, 3)
    now = moments(day_start(tomorrow()))["evening"]
    verb = SCHEDULE[name][1]
    for _turn in range(2):
        said = asked(lambda moment: verb(moment) if verb.__code__.co_argcount else verb(), now)
    assert said <= (16 if name == "watch the processes" else 3), name

"""Before, at and after the due time: once each, to the right people, never in a burst (R-013)."""

from datetime import datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.activities.models import Reminder, Task
from crm.activities.reminders import remind
from crm.activities.verbs import add, edit, finish, reschedule
from crm.cards.verbs import hand_over, share
from crm.notifications.models import Notice
from crm.oversight.asking import ask
from crm.oversight.reminding import send_reminders, tell_due, tell_late
from crm.pipelines.moves import open_card, take
from deals.models import Project

ZONE = ZoneInfo("Europe/Moscow")


def at(day, hour, minute=0):
    """A moment of November 2027; the 22nd is a Monday."""
    return datetime(2027, 11, day, hour, minute, tzinfo=ZONE)


@pytest.fixture
def deal(cast):
    return open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")


def call(deal, cast, due, **more):
    return add(deal, cast.anna, title="Позвонить", due_at=due, kind="call", remind=[15], **more)


def told(user, kind):
    return Notice.objects.filter(user=user, kind=kind).count()


def test_a_call_at_three_is_reminded_of_at_a_quarter_to(cast, deal):
    """Exactly once, to the one who calls and to who takes part; not of what is done."""
    share(deal, cast.pavel, cast.irina)
    task = call(deal, cast, at(22, 15), participants=[cast.pavel])
    assert send_reminders(at(22, 14, 44)) == 0
    assert (send_reminders(at(22, 14, 45)), send_reminders(at(22, 14, 46))) == (2, 0)
    assert told(cast.anna, "reminder") == told(cast.pavel, "reminder") == 1
    assert (tell_due(at(22, 14, 59)), tell_due(at(22, 15)), tell_due(at(22, 15, 1))) == (0, 1, 0)
    assert (tell_late(at(22, 15, 59)), tell_late(at(22, 16)), tell_late(at(22, 16, 1))) == (0, 1, 0)
    reschedule(task, at(23, 11), cast.anna)
    assert send_reminders(at(23, 10, 45)) == 2 and tell_due(at(23, 11)) == 1
    finish(task, cast.anna)
    assert tell_late(at(23, 12, 30)) == 0


def test_what_is_late_waits_for_working_hours(cast, deal):
    """An evening's call is told of on Monday morning, a date without an hour on the next working day."""
    call(deal, cast, at(19, 17, 30))
    Task.objects.create(card_id=deal.pk, title="Смета", owner=cast.anna, due_at=at(19, 18), all_day=True)
    assert tell_late(at(19, 18, 45)) == tell_late(at(20, 12)) == tell_late(at(22, 8, 59)) == 0
    assert tell_late(at(22, 9)) == 2


def test_an_outage_is_caught_up_without_a_burst(cast, deal):
    """Three days later: no stale reminders, one notice of many."""
    for n in range(5):
        call(deal, cast, at(22, 10 + n))
    assert send_reminders(at(25, 9, 5)) == 0 and tell_due(at(25, 9, 5)) == 0
    assert tell_late(at(25, 9, 5)) == 5 and tell_late(at(25, 9, 6)) == 0
    assert told(cast.anna, "late-many") == 1 and told(cast.anna, "late") == 0


def test_not_of_closed_cards_and_not_to_who_left(cast, deal):
    call(deal, cast, at(22, 10))
    other = open_card(Project, by=cast.anna, owner=cast.anna, title="Другое")
    call(other, cast, at(22, 10))
    take(other, "finish", cast.anna, {"open_tasks": "keep"})
    assert tell_late(at(22, 12)) == 1
    Notice.objects.update(at=timezone.now())
    assert Notice.objects.of(cast.anna).filter(card=deal.pk, kind="late").count() == 1
    hand_over(deal, cast.pavel, cast.irina)
    Task.objects.update(late_told=None)
    assert tell_late(at(22, 12)) == 1 and told(cast.pavel, "late") == 1
    assert not Notice.objects.of(cast.anna).filter(card=deal.pk, kind="late").exists(), "no longer theirs to read"


def test_who_is_given_an_activity_hears_of_it(cast, deal):
    """Once, from another person only; a question has its own words."""
    share(deal, cast.pavel, cast.irina)
    task = add(deal, cast.anna, title="Замер", due_at=at(22, 15), owner=cast.pavel)
    add(deal, cast.anna, title="Своё", due_at=at(22, 15), owner=cast.anna)
    assert told(cast.pavel, "task") == 1 and told(cast.anna, "task") == 0
    edit(task, cast.anna, owner=cast.anna, title="Замер")
    edit(task, cast.irina, owner=cast.pavel, title="Замер")
    edit(task, cast.irina, owner=cast.pavel, title="Обмер")
    assert told(cast.pavel, "task") == 2 and told(cast.anna, "task") == 0
    ask(deal, "Что нового?", cast.irina)
    assert told(cast.anna, "question") == 1 and told(cast.anna, "task") == 0


@pytest.mark.django_db(transaction=True)
def test_ten_clocks_at_once_remind_once(lasting_cast):
    deal = open_card(Project, by=lasting_cast.anna, owner=lasting_cast.anna, title="Лобби")
    for _n in range(5):
        call(deal, lasting_cast, at(22, 15))

    def tick():
        try:
            send_reminders(at(22, 14, 46))
            tell_due(at(22, 15))
            tell_late(at(22, 16, 30))
        finally:
            connection.close()

    clocks = [Thread(target=tick) for _n in range(10)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    counts = [told(lasting_cast.anna, kind) for kind in ("reminder", "due", "late", "late-many")]
    assert counts == [5, 5, 0, 1] and Task.objects.exclude(late_told=None).count() == 5


def test_what_one_may_not_see_is_neither_told_nor_counted(cast, deal):
    """An executor or a participant without access to the card: no row, no bell, no «4 activities are overdue»."""
    own = open_card(Project, by=cast.pavel, owner=cast.pavel, title="Своё")
    Task.objects.create(card_id=own.pk, title="Замер", owner=cast.pavel, due_at=at(22, 15))
    for _n in range(4):
        task = call(deal, cast, at(22, 15))
        Task.objects.filter(pk=task.pk).update(owner=cast.pavel)
        task.participants.add(cast.pavel)
    assert (send_reminders(at(22, 14, 46)), tell_due(at(22, 15)), tell_late(at(22, 16))) == (0, 5, 1)
    assert sorted(Notice.objects.filter(user=cast.pavel).values_list("kind", "card")) == [
        ("due", own.pk),
        ("late", own.pk),
    ]


@pytest.mark.parametrize("rows", [1, 30])
def test_however_many_in_as_many_statements(cast, deal, rows):
    """Savepoints and what a process remembers of the office apart, the same for one activity and for thirty."""
    tasks = [Task(card_id=deal.pk, title="Позвонить", owner=cast.anna, due_at=at(22, 15)) for _n in range(rows)]
    for task in Task.objects.bulk_create(tasks):
        remind(task, [15])
    for verb, now, most in ((send_reminders, at(22, 14, 46), 9), (tell_due, at(22, 15), 8), (tell_late, at(22, 16), 9)):
        with CaptureQueriesContext(connection) as said:
            assert verb(now) == rows
        own = [q["sql"] for q in said if "SAVEPOINT" not in q["sql"] and '"office_' not in q["sql"]]
        assert len(own) <= most, "\n".join(own)


@pytest.mark.parametrize("number", [1_000, pytest.param(10_000, marks=pytest.mark.heavy)])
def test_all_that_waited_for_three_days_is_told_of_within_a_minute(cast, deal, number):
    """E13: one turn of each verb leaves nothing behind, and each person hears of it once."""
    people = [cast.anna, cast.pavel, cast.irina, cast.oleg]
    share(deal, cast.pavel, cast.anna)
    Task.objects.bulk_create(
        Task(card_id=deal.pk, title="Позвонить", owner=people[n % 4], due_at=at(19 + n % 3, 9 + n % 9))
        for n in range(number)
    )
    Reminder.objects.bulk_create(
        Reminder(task=task, minutes=15, at=task.due_at - timedelta(minutes=15)) for task in Task.objects.all()
    )
    assert (send_reminders(at(22, 9, 5)), tell_due(at(22, 9, 5)), tell_late(at(22, 9, 5))) == (0, 0, number)
    assert Notice.objects.count() == 4 and set(Notice.objects.values_list("kind", "data__count")) == {
        ("late-many", number // 4)
    }
    assert not Reminder.objects.filter(sent_at=None).exists() and tell_late(at(22, 9, 6)) == 0

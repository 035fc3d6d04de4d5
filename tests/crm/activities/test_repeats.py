"""Repeats fall on working days, and done makes the next one once; reminders keep with the time and are due once."""

from datetime import date, datetime, time, timedelta
from itertools import islice

import pytest
from django.utils import timezone

from crm.activities import reminders
from crm.activities.models import Reminder, Task
from crm.activities.repeats import dates
from crm.activities.verbs import add, comment, finish, reopen, reschedule
from crm.office.calendar import company_date, company_zone, is_working

from .conftest import soon

Repeat = Task.Repeat


def first(rule, start, after, n=4, until=None):
    return [
        d.isoformat()[5:] for d in islice(dates(rule, date.fromisoformat(start), date.fromisoformat(after), until), n)
    ]


@pytest.mark.parametrize(
    ("rule", "start", "after", "found"),
    [
        (Repeat.DAILY, "2026-11-26", "2026-11-26", ["11-27", "11-30", "12-01", "12-02"]),
        (Repeat.WEEKLY, "2026-11-28", "2026-11-30", ["12-07", "12-14", "12-21", "12-28"]),
        (Repeat.FORTNIGHTLY, "2026-11-23", "2026-11-23", ["12-07", "12-21"]),
        (Repeat.MONTHLY, "2026-08-31", "2026-08-31", ["09-30", "11-02", "11-30"]),
        (Repeat.QUARTERLY, "2026-02-10", "2026-02-10", ["05-12", "08-10", "11-10"]),
        (Repeat.YEARLY, "2024-02-29", "2024-02-29", ["02-28", "03-02"]),
    ],
)
def test_dates_are_working_days(db, rule, start, after, found):
    assert first(rule, start, after, len(found)) == found


def test_it_ends(db):
    assert first(Repeat.WEEKLY, "2026-11-23", "2026-11-23", until=date(2026, 12, 10)) == ["11-30", "12-07"]


def test_done_makes_the_next_once_and_undo_takes_it_away(cast, deal):
    at = datetime.combine(company_date(soon()), time(10), company_zone())
    task = add(
        deal, cast.anna, title="Сводка", due_at=at, repeat=Repeat.WEEKLY, checklist=["раз"], remind=[15],
        participants=[cast.irina],
    )  # fmt: skip
    finish(task, cast.anna)
    finish(task, cast.anna)
    made = Task.objects.get(previous=task)
    local = made.due_at.astimezone(company_zone())
    assert local.time() == time(10) and is_working(local.date()) and local.date() > company_date(at)
    assert made.participants.get() == cast.irina and made.progress == (0, 1)
    assert [r.minutes for r in made.reminders.all()] == [15] and made.repeat_from == company_date(at)
    reopen(task, cast.anna)
    assert Task.objects.get() == task
    finish(task, cast.anna)
    comment(Task.objects.get(previous=task), "Уже начала", cast.anna)
    reopen(task, cast.anna)
    finish(task, cast.anna)
    assert Task.objects.count() == 2


def test_reminders_are_due_once_and_move_with_the_call(cast, deal):
    """R-013: a call at 15:00 with 15 minutes is due at 14:45, not a second earlier."""
    at = soon(days=2)
    task = add(deal, cast.anna, kind="call", title="Звонок", due_at=at, remind=[15, 60])
    quarter = at - timedelta(minutes=15)
    assert [r.minutes for r in reminders.due(quarter - timedelta(seconds=1))] == [60]
    assert [r.minutes for r in reminders.due(quarter)] == [60, 15]
    reminders.due(quarter).update(sent_at=quarter)
    assert not reminders.due(quarter + timedelta(days=9)).exists()
    reschedule(task, at + timedelta(days=1), cast.anna)
    assert not reminders.due(quarter).exists() and reminders.due(quarter + timedelta(days=1)).count() == 2
    finish(task, cast.anna)
    assert not reminders.due(quarter + timedelta(days=9)).exists()


def test_a_reminder_of_a_day_comes_when_the_day_begins(cast, deal):
    at = soon(days=2)
    add(deal, cast.anna, title="Смета", due_at=at, all_day=True, remind=[0])
    local = Reminder.objects.get().at.astimezone(company_zone())
    assert local == datetime.combine(company_date(at), time(9), company_zone())


def test_without_a_date_nothing_is_due(cast, deal):
    task = add(deal, cast.anna, title="Когда-нибудь", due_at=None, remind=[15])
    assert not reminders.due(timezone.now() + timedelta(days=900)).exists() and str(task) == "Когда-нибудь"


@pytest.mark.parametrize(("series", "weekday"), [("", 0), ("on", 2)])
def test_one_of_a_series_moves_alone_unless_all_are_meant(cast, deal, enter, series, weekday):
    """R-513: what follows comes on its own weekday, or on that of the one that was moved."""
    monday = company_date(timezone.now()) + timedelta(days=14 - company_date(timezone.now()).weekday())
    at = datetime.combine(monday, time(10), company_zone())
    task = add(deal, cast.anna, title="Обход", due_at=at, repeat=Repeat.WEEKLY)
    page = enter(cast.anna).get(f"/tasks/{task.pk}/dates/").content.decode()
    assert 'name="series"' in page
    moved = {"day": monday + timedelta(days=2), "time": "10:00", "series": series}
    assert enter(cast.anna).post(f"/tasks/{task.pk}/dates/", moved).status_code == 204
    finish(task, cast.anna)
    assert Task.objects.get(previous=task).repeat_from.weekday() == weekday


def test_a_lone_activity_has_no_series(cast, deal, enter):
    task = add(deal, cast.anna, title="Звонок", due_at=soon())
    assert 'name="series"' not in enter(cast.anna).get(f"/tasks/{task.pk}/dates/").content.decode()


def test_a_mistyped_year_is_told(cast, deal, enter):
    task = add(deal, cast.anna, title="Звонок", due_at=soon())
    answer = enter(cast.anna).post(f"/tasks/{task.pk}/dates/", {"day": "2006-11-28"})
    assert answer.status_code == 422 and "давно прошёл" in answer.content.decode()
    assert Task.objects.get().due_at == task.due_at


@pytest.mark.parametrize("touched", [False, True])
def test_what_was_written_into_the_next_one_stays(cast, deal, touched):
    task = add(deal, cast.anna, title="Сводка", due_at=soon(), repeat=Repeat.WEEKLY)
    finish(task, cast.anna)
    made = Task.objects.get(previous=task)
    if touched:
        reschedule(made, made.due_at + timedelta(days=1), cast.anna)
    reopen(task, cast.anna)
    assert Task.objects.filter(pk=made.pk).exists() == touched

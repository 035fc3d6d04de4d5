"""The rhythm of reminding: even dates on working days, one open activity for each channel, columns by date (R-231 to R-237)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from crm.activities.models import Task
from crm.activities.verbs import cancel, finish, reopen, reschedule
from crm.cards.verbs import change
from crm.clients.models import Company
from crm.office.calendar import add_working_days, company_date, company_today, company_zone, day_end, is_working
from crm.office.models import Office
from crm.pipelines.moves import open_card, take, transfer
from crm.pipelines.undo import undo
from deals import rhythm
from deals.models import Project, Reminder, Turn

ANSWERS = {
    "needs": ["light"], "letter_times": 4, "letter_per": "year", "call_times": 1, "call_per": "month",
    "meeting_times": 0, "meeting_per": "year",
}  # fmt: skip


def opened(deal, channel):
    return Turn.objects.get(deal=deal, channel=channel, task__state=Task.State.OPEN)


def fresh(deal):
    return Reminder.objects.get(pk=deal.pk)


@pytest.fixture
def deal(cast):
    company = Company.objects.create(name="Авиценна", owner=cast.anna)
    deal = open_card(Reminder, by=cast.anna, owner=cast.anna, title="Клиника", company=company, amount=Decimal(1))
    take(deal, "schedule", cast.anna, ANSWERS)
    return fresh(deal)


@pytest.mark.parametrize(
    ("times", "per", "every"),
    [
        (1, "month", relativedelta(months=1)), (3, "quarter", relativedelta(months=1)), (4, "year", relativedelta(months=3)),
        (2, "month", relativedelta(days=15)), (5, "year", relativedelta(days=73)), (60, "month", relativedelta(days=1)),
    ],
)  # fmt: skip
def test_times_are_spread_evenly(times, per, every):
    assert rhythm.interval(times, per) == every


def test_four_letters_a_year_fall_on_the_customers_dates(cast):
    """R-234: from 12.01 on about 12.01, 13.04, 13.07, 12.10, moved off Sundays."""
    deal, day, dates = open_card(Reminder, by=cast.anna, owner=cast.anna, title="x"), date(2026, 1, 12), []
    for _n in range(4):
        dates.append(rhythm.free_day(deal, day))
        day = rhythm.following(day, dates[-1], rhythm.interval(4, "year"))
    assert dates == [date(2026, 1, 12), date(2026, 4, 13), date(2026, 7, 13), date(2026, 10, 12)]


def test_a_late_one_is_counted_from_its_own_day():
    """R-235."""
    planned, every = date(2026, 3, 2), relativedelta(months=1)
    assert rhythm.following(planned, date(2026, 2, 20), every) == date(2026, 4, 2)
    assert rhythm.following(planned, date(2026, 3, 17), every) == date(2026, 4, 2)
    assert rhythm.following(planned, date(2026, 3, 18), every) == date(2026, 4, 18)


def test_each_channel_with_a_period_has_one_open_activity(cast, deal):
    """R-232, R-234: never two with one client on a day, none for «не нужно»."""
    letter, call = opened(deal, "letter"), opened(deal, "call")
    assert letter.task.title == "Напомнить о компании: письмо" and letter.task.owner == cast.anna
    assert company_date(letter.task.due_at) < company_date(call.task.due_at) and is_working(
        company_date(call.task.due_at)
    )
    assert not Turn.objects.filter(channel="meeting").exists()
    assert deal.next_step == letter.task.title
    other = open_card(Reminder, by=cast.anna, owner=cast.anna, title="Ещё", company=deal.company)
    take(other, "schedule", cast.anna, ANSWERS)
    days = [company_date(t.due_at) for t in Task.objects.filter(rule__startswith="remind-").open()]
    assert len(days) == len(set(days)) == 4


def test_done_makes_the_next_and_taken_back_leaves_one(cast, deal):
    """R-232."""
    letter = opened(deal, "letter")
    finish(letter.task, cast.anna)
    following = opened(deal, "letter")
    assert following.n == 2 and following.planned_on == letter.planned_on + relativedelta(months=3)
    assert company_date(following.task.due_at) == add_working_days(following.planned_on, 0)
    letter.task.refresh_from_db()
    reopen(letter.task, cast.anna)
    assert opened(deal, "letter").pk == letter.pk
    cancel(letter.task, cast.anna)
    assert opened(deal, "letter").n == 2
    rhythm.keep_rhythms()
    assert Turn.objects.filter(deal=deal, channel="letter").count() == 2


def test_two_taken_back_at_once_leave_room_for_the_next(cast, deal):
    for _n in range(3):
        finish(opened(deal, "call").task, cast.anna)
    first, second = Turn.objects.filter(deal=deal, channel="call").order_by("n")[:2]
    reopen(first.task, cast.anna)
    reopen(second.task, cast.anna)
    finish(Task.objects.get(pk=first.task_id), cast.anna)
    assert opened(deal, "call").n > 3


def test_another_period_moves_the_open_one_alone(cast, deal):
    """R-235."""
    finish(opened(deal, "letter").task, cast.anna)
    done = Turn.objects.get(deal=deal, channel="letter", n=1)
    call = opened(deal, "call")
    change(deal, {"letter_times": 1, "letter_per": "month"}, cast.anna)
    moved = opened(deal, "letter")
    assert moved.n == 2 and moved.planned_on == done.planned_on + relativedelta(months=1)
    assert opened(deal, "call").task.due_at == call.task.due_at
    change(fresh(deal), {"letter_times": 0}, cast.anna)
    assert not Turn.objects.filter(deal=deal, channel="letter", task__state=Task.State.OPEN).exists()


def test_columns_follow_the_dates(cast, deal):
    """R-237, at once when a person moves a date, by the clock otherwise; running twice changes nothing."""
    call, letter = opened(deal, "call").task, opened(deal, "letter").task
    far = day_end(add_working_days(company_today(), 20))
    reschedule(call, far, cast.anna)
    reschedule(letter, day_end(add_working_days(company_today(), 4)), cast.anna)
    assert fresh(deal).stage == "planned"
    reschedule(letter, day_end(add_working_days(company_today(), 3)), cast.anna)
    assert fresh(deal).stage == "soon"
    now = day_end(add_working_days(company_today(), 3)) + timedelta(seconds=1)
    assert (rhythm.follow_dates(now), rhythm.follow_dates(now)) == (1, 0)
    assert fresh(deal).stage == "late"
    assert fresh(deal).events.filter(kind="moved", actor=None).count() >= 2
    finish(letter, cast.anna)
    rhythm.follow_dates()
    assert fresh(deal).stage == "planned"


def test_closing_calls_reminders_off_and_undo_brings_them_back(cast, deal):
    letter = opened(deal, "letter")
    event = take(deal, "silence", cast.anna, {"loss_reason": "silence"})
    assert not Task.objects.filter(card_id=deal.pk).open().exists()
    undo(event, cast.anna)
    assert opened(deal, "letter").pk == letter.pk
    take(fresh(deal), "silence", cast.anna, {"loss_reason": "silence"})
    take(fresh(deal), "resume", cast.anna)
    take(fresh(deal), "schedule", cast.anna, ANSWERS)
    assert opened(deal, "letter").n == 2


def test_undo_of_the_agreement_leaves_nothing(cast):
    deal = open_card(Reminder, by=cast.anna, owner=cast.anna, title="Клиника")
    event = take(deal, "schedule", cast.anna, ANSWERS)
    undo(event, cast.anna)
    assert not Turn.objects.exists() and not Task.objects.exists()


def test_in_another_pipeline_nobody_is_reminded(cast, deal):
    transfer(deal, "project", "new", cast.anna)
    assert not Task.objects.filter(rule__startswith="remind-").open().exists()


def test_a_project_pauses_the_reminders_where_the_company_wants_it(cast, deal):
    """R-239."""
    project = open_card(Project, by=cast.anna, owner=cast.anna, title="Заказ", company=deal.company)
    assert rhythm.keep_rhythms() == 0
    office = Office.load()
    office.pauses_reminders = True
    office.save()
    strangers = Project.objects.filter(pk=project.pk)
    strangers.update(owner=cast.pavel)
    assert rhythm.keep_rhythms() == 0, "what another manager sells is nothing to these reminders (G9)"
    strangers.update(owner=cast.anna)
    assert (rhythm.keep_rhythms(), rhythm.keep_rhythms()) == (1, 0)
    assert not Task.objects.filter(card_id=deal.pk).open().exists()
    take(project, "finish", cast.anna)
    assert (rhythm.keep_rhythms(), rhythm.keep_rhythms()) == (1, 0)
    first, second = Turn.objects.filter(deal=deal, channel="letter").order_by("n")
    assert (second.n, second.planned_on) == (2, first.planned_on)


def test_what_a_pause_put_off_stays_on_its_day_until_it_is_done(cast, deal):
    """Nobody was reminded in the pause, so the client does not wait a whole interval more (R-239)."""
    turn, day = opened(deal, "call"), timedelta(days=1)
    rhythm.call_off([turn], timezone.now())
    later = datetime.combine(company_today() + 40 * day, datetime.min.time(), company_zone())
    rhythm.keep(deal, later)
    begun = opened(deal, "call").planned_on
    assert begun == add_working_days(company_date(later), 0)
    rhythm.keep(deal, later + 9 * day)
    assert opened(deal, "call").planned_on == begun


def test_the_sweep_asks_few_questions(cast, deal, django_assert_num_queries):
    with django_assert_num_queries(1):
        rhythm.keep_rhythms()
    at = datetime.now(company_zone())
    rhythm.follow_dates(at)
    with django_assert_num_queries(1):
        rhythm.follow_dates(at)
    assert timezone.now() >= at


def test_a_moved_reminder_does_not_stand_in_its_own_way(cast, deal):
    """R-234: another number of times moves it to the ideal day, though that is the day it stands on."""
    turn = opened(deal, "letter")
    day = company_date(turn.task.due_at)
    assert rhythm.free_day(deal, day, turn.task) == day < rhythm.free_day(deal, day)

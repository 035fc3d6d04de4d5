"""The register of violations: each begins at its moment, once, and ends with what was done about it (R-003 to R-013, R-105)."""

from datetime import date, datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from crm.activities.models import Task
from crm.activities.next_step import refresh_next_step
from crm.cards.models import Card, Event
from crm.clients.models import Company
from crm.oversight.models import Violation
from crm.oversight.moments import last_day_end, working_days_ago, working_hours_ago
from crm.oversight.watch import watch
from crm.pipelines.moves import open_card, take
from deals.models import Project, Reminder, Turn
from expenses.verbs import register
from leads.intake import receive

ZONE = ZoneInfo("Europe/Moscow")
ANSWERS = {"source": "referral", "may_refer": "yes"}


def at(day, hour, minute=0, month=11):
    """A moment of November 2026 in the company's zone; the 23rd is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def since(card, moment, **more):
    """As if the card had come to its stage at that moment, and everything about it had happened then."""
    Card.objects.filter(pk=card.pk).update(stage_since=moment, **more)
    Event.objects.filter(card_id=card.pk).update(at=moment)


def kinds(card):
    return set(Violation.objects.filter(card_id=card.pk).open().values_list("kind", flat=True))


def planned(card, due, user):
    Task.objects.create(card_id=card.pk, title="Позвонить", owner=user, due_at=due)
    refresh_next_step(card.pk)


@pytest.fixture
def lead(cast):
    return receive("phone", by=cast.anna, owner=cast.anna, title="Лобби", phone="8 921 555-14-08")


@pytest.fixture
def deal(cast):
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Заказ")
    take(deal, "decide", cast.anna)
    Task.objects.all().delete()
    refresh_next_step(deal.pk)
    return deal


@pytest.mark.parametrize(
    ("now", "end"),
    [(at(23, 18), at(23, 18)), (at(23, 17, 59), at(20, 18)), (at(22, 12), at(20, 18)), (at(5, 9), at(3, 17))],
)
def test_the_last_working_day_that_is_over(db, now, end):
    """3 November 2026 is a short day, 4 November a holiday."""
    assert last_day_end(now) == end


@pytest.mark.parametrize(
    ("now", "then"),
    [(at(24, 11), at(23, 11)), (at(23, 11), at(20, 11)), (at(22, 11), at(20, 0)), (at(5, 10), at(3, 10))],
)
def test_a_working_day_ago(db, now, then):
    assert working_days_ago(now, 1) == then


@pytest.mark.parametrize(
    ("now", "then"),
    [(at(23, 15), at(23, 11)), (at(23, 11), at(20, 16)), (at(22, 11), at(20, 14)), (at(23, 8), at(20, 14))],
)
def test_four_working_hours_ago(db, now, then):
    assert working_hours_ago(now, 4) == then


def test_the_first_stage_is_empty_by_the_end_of_the_day(cast, lead):
    """R-105: found at 18:00, resolved by the move at 18:30, the delay kept; found once however often one looks."""
    since(lead, at(23, 11))
    assert watch(at(23, 17, 59)) == 0
    assert (watch(at(23, 18, 1)), watch(at(23, 18, 2))) == (1, 0)
    found = Violation.objects.get()
    assert (found.kind, found.since, found.person, found.resolved_at) == ("first-stage", at(23, 18), cast.anna, None)
    event = take(lead, "discuss", cast.anna, ANSWERS)
    Event.objects.filter(pk=event.pk).update(at=at(23, 18, 30))
    watch(at(23, 18, 31))
    found.refresh_from_db()
    assert found.resolved_at == at(23, 18, 30) and found.resolved_by == cast.anna


def test_what_comes_after_the_end_of_the_day_has_the_next_one(cast, lead):
    """G3, and a Friday evening's lead has until Monday."""
    since(lead, at(20, 18, 5))
    assert watch(at(23, 17, 59)) == 0 and watch(at(23, 18)) == 1


def test_a_closed_or_excepted_first_stage_is_none(cast, lead):
    since(lead, at(2, 11))
    take(lead, "put_aside", cast.anna)
    expense = register(cast.anna, title="Стулья")
    since(expense, at(2, 11))
    assert watch(at(23, 19)) == 0


def test_a_deal_without_a_next_step(cast, deal):
    """R-253: from the end of the day on; an open activity ends it, with whoever planned it."""
    since(deal, at(23, 11))
    assert watch(at(23, 17)) == 0
    watch(at(23, 18))
    assert kinds(deal) == {"no-step"}
    planned(deal, at(25, 18), cast.anna)
    watch(at(24, 9))
    assert kinds(deal) == set()


def test_an_overdue_activity_is_told_after_a_working_day(cast, deal):
    """R-013."""
    since(deal, at(20, 9))
    planned(deal, at(20, 15), cast.anna)
    watch(at(23, 14, 59))
    assert kinds(deal) == set()
    watch(at(23, 15, 1))
    assert kinds(deal) == {"overdue"}
    assert Violation.objects.get().since == at(20, 15)


def test_a_client_is_answered_within_four_working_hours(cast, deal):
    """R-003; the answer ends it, whoever gave it."""
    since(deal, at(23, 9))
    planned(deal, at(30, 18), cast.anna)
    asked = Event.objects.create(
        card_id=deal.pk, kind="touch", at=at(23, 11), data={"kind": "letter", "outbound": False}
    )
    watch(at(23, 14, 59))
    assert kinds(deal) == set()
    watch(at(23, 15))
    assert kinds(deal) == {"no-reaction"} and Violation.objects.get().since == asked.at
    Event.objects.create(
        card_id=deal.pk, kind="touch", actor=cast.irina, at=at(23, 16), data={"kind": "call", "outbound": True}
    )
    watch(at(23, 16, 1))
    found = Violation.objects.get()
    assert (found.resolved_at, found.resolved_by) == (at(23, 16), cast.irina)


def test_stuck_in_a_stage_longer_than_its_norm(cast, deal):
    """R-008, C-18: five working days, weekends and holidays not counted."""
    since(deal, at(16, 12))
    planned(deal, at(30, 18), cast.anna)
    watch(at(23, 23))
    assert kinds(deal) == set()
    watch(at(24, 9))
    assert kinds(deal) == {"stuck"}


def test_a_lead_is_discussed_for_ten_working_days(cast, lead):
    """R-115."""
    take(lead, "discuss", cast.anna, ANSWERS)
    since(lead, at(9, 12), next_step_at=at(30, 18))
    watch(at(23, 20))
    assert kinds(lead) == set()
    watch(at(24, 9))
    assert kinds(lead) == {"stuck"}


def test_a_missed_reminder(cast):
    """R-007: and it is not counted a second time as an overdue activity."""
    deal = open_card(Reminder, by=cast.anna, owner=cast.anna, title="Клиника")
    rhythm = {"letter_times": 1, "call_times": 0, "meeting_times": 0, **{f"{c}_per": "year" for c in Turn.Channel}}
    take(deal, "schedule", cast.anna, {"needs": ["light"], **rhythm})
    since(deal, at(16, 9), next_step_at=at(19, 18))
    watch(at(19, 23))
    assert kinds(deal) == set()
    watch(at(24, 12))
    assert kinds(deal) == {"rhythm"}


def test_money_that_waits(cast):
    """An expense past its day, and an approval nobody has given for a working day."""
    company = Company.objects.create(name="Поставщик", owner=cast.anna)
    expense = register(
        cast.anna, title="Стулья", amount=10, purpose="Аванс", due_on=date(2026, 11, 23), company=company
    )
    take(expense, "send", cast.anna)
    since(expense, at(20, 16))
    watch(at(23, 15, 59))
    assert kinds(expense) == set()
    watch(at(23, 16, 1))
    assert kinds(expense) == {"approval"}
    watch(at(24, 0, 1))
    assert kinds(expense) == {"approval", "expense-late"}
    take(expense, "approve", cast.irina)
    watch(at(24, 10))
    assert kinds(expense) == {"expense-late"}


def test_another_manager_sees_no_violation_of_it(cast, lead):
    since(lead, at(20, 11))
    watch(at(23, 18))
    assert Violation.objects.visible_to(cast.anna).count() == Violation.objects.visible_to(cast.irina).count() == 1
    assert not Violation.objects.visible_to(cast.pavel).exists()


def test_looking_costs_the_same_for_one_and_for_thirty(cast, lead, django_assert_max_num_queries):
    for n in range(30):
        since(receive("phone", by=cast.anna, owner=cast.anna, title=f"{n}", phone=""), at(20, 11))
    with django_assert_max_num_queries(40):
        assert watch(at(23, 18)) >= 30


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_write_each_violation_once(lasting_cast):
    lead = receive("phone", by=lasting_cast.anna, owner=lasting_cast.anna, title="Лобби", phone="")
    since(lead, at(20, 11))
    moment = at(23, 18) + timedelta(minutes=1)

    def look():
        try:
            watch(moment)
        finally:
            connection.close()

    threads = [Thread(target=look) for _n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Violation.objects.filter(kind="first-stage").count() == 1

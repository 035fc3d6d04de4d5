from datetime import UTC, date, datetime, time, timedelta

import pytest

from crm.office import calendar
from crm.office.models import CalendarDay, Office
from crm.office.production_calendar import DayKind

pytestmark = pytest.mark.django_db


def moscow(day, hour, minute=0):
    return datetime.combine(day, time(hour, minute), calendar.company_zone())


MONDAY = date(2026, 11, 23)
SHORT = date(2026, 11, 3)


def test_a_working_day_ends_at_six_and_a_short_one_at_five():
    assert calendar.day_end(MONDAY).isoformat() == "2026-11-23T18:00:00+03:00"
    assert calendar.day_end(SHORT).isoformat() == "2026-11-03T17:00:00+03:00"
    assert calendar.day_start(MONDAY).isoformat() == "2026-11-23T09:00:00+03:00"
    assert calendar.is_working(SHORT) and calendar.is_short(SHORT)
    assert not calendar.is_working(date(2026, 11, 4)) and not calendar.is_short(date(2026, 11, 4))


@pytest.mark.parametrize("hour", [0, 8, 17, 18, 23])
def test_a_deadline_does_not_count_today_whatever_the_hour(hour):
    assert calendar.deadline(moscow(MONDAY, hour), 2) == moscow(date(2026, 11, 25), 18)


def test_a_deadline_takes_the_company_date_of_the_moment():
    assert calendar.deadline(datetime(2026, 11, 23, 21, 30, tzinfo=UTC), 2) == moscow(date(2026, 11, 26), 18)


def test_a_deadline_of_no_days_is_today_until_the_day_is_over():
    assert calendar.deadline(moscow(MONDAY, 17, 59), 0) == moscow(MONDAY, 18)
    assert calendar.deadline(moscow(MONDAY, 18), 0) == moscow(date(2026, 11, 24), 18)
    assert calendar.deadline(moscow(date(2026, 11, 21), 12), 0) == moscow(MONDAY, 18)
    assert calendar.deadline(moscow(date(2026, 11, 22), 19), 0) == moscow(MONDAY, 18)


def test_a_deadline_on_a_short_day_is_its_end():
    assert calendar.deadline(moscow(date(2026, 11, 2), 12), 1) == moscow(SHORT, 17)


def test_the_company_may_keep_other_hours_in_another_zone():
    office = Office.load()
    office.zone, office.day_end = "Asia/Vladivostok", time(19, 30)
    office.save()
    assert calendar.day_end(MONDAY).isoformat() == "2026-11-23T19:30:00+10:00"
    assert calendar.company_date(datetime(2026, 11, 23, 15, tzinfo=UTC)) == date(2026, 11, 24)


def test_the_company_date_of_a_naive_moment_is_refused():
    with pytest.raises(ValueError):
        calendar.company_date(datetime(2026, 11, 23, 15))


def test_a_changed_day_counts_at_once_and_until_it_is_removed():
    assert calendar.add_working_days(MONDAY, 1) == date(2026, 11, 24)
    own = CalendarDay.objects.create(date=date(2026, 11, 24), kind=DayKind.OFF)
    assert calendar.add_working_days(MONDAY, 1) == date(2026, 11, 25)
    assert calendar.working_days_between(MONDAY, date(2026, 11, 25)) == 1
    own.delete()
    assert calendar.add_working_days(MONDAY, 1) == date(2026, 11, 24)


def test_working_time_is_what_fell_into_office_hours():
    friday = date(2026, 11, 20)
    count = calendar.working_time_between
    assert count(moscow(friday, 17), moscow(MONDAY, 12)) == timedelta(hours=4)
    assert count(moscow(friday, 20), moscow(MONDAY, 9)) == timedelta()
    assert count(moscow(MONDAY, 10), moscow(MONDAY, 9)) == timedelta()
    assert count(moscow(SHORT, 0), moscow(SHORT, 23)) == timedelta(hours=8)


def test_hot_paths_ask_the_database_nothing(django_assert_num_queries):
    calendar.working_days_between(date(2026, 10, 1), MONDAY)
    with django_assert_num_queries(0):
        for number in range(350):
            calendar.working_days_between(MONDAY - timedelta(days=number), MONDAY)


def test_a_year_without_a_decree_is_known_to_be_a_guess():
    assert calendar.known_years() == {2025, 2026}
    CalendarDay.objects.create(date=date(2027, 11, 5), kind=DayKind.OFF)
    assert calendar.known_years() == {2025, 2026}
    CalendarDay.objects.create(date=date(2027, 11, 6), kind=DayKind.OFF, official=True)
    assert calendar.known_years() == {2025, 2026, 2027}

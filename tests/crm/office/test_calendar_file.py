from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from crm.office import calendar
from crm.office.calendar_file import import_calendar, read_calendar
from crm.office.models import CalendarDay
from crm.office.production_calendar import DayKind, usual_kind


def calendar_of(year, moved=(), short=(), working=()):
    """A year in the file's form: weekends, fixed holidays, and what differs, as (month, day)."""
    months = []
    for month in range(1, 13):
        day, words = date(year, month, 1), []
        while day.month == month:
            at = (month, day.day)
            if at in short:
                words.append(f"{day.day}*")
            elif at in moved:
                words.append(f"{day.day}+")
            elif at not in working and (day.weekday() >= 5 or usual_kind(day) == DayKind.OFF):
                words.append(str(day.day))
            day += timedelta(days=1)
        months.append({"month": month, "days": ",".join(words)})
    return {"year": year, "months": months, "transitions": [{"from": "01.03", "to": "01.09"}]}


DECREE_2026 = calendar_of(2026, moved={(1, 9), (3, 9), (5, 11), (12, 31)}, short={(4, 30), (5, 8), (6, 11), (11, 3)})
DECREE_2025 = calendar_of(
    2025,
    moved={(5, 2), (5, 8), (6, 13), (11, 3), (12, 31)},
    short={(3, 7), (4, 30), (6, 11), (11, 1)},
)


@pytest.mark.parametrize("data", [DECREE_2025, DECREE_2026])
def test_the_file_of_a_decreed_year_says_what_is_shipped(data):
    _year, kinds = read_calendar(data)
    assert kinds == {day: usual_kind(day) for day in kinds}
    assert len(kinds) == 365 and sum(kind != DayKind.OFF for kind in kinds.values()) == 247


def test_a_star_is_a_working_saturday_and_an_unlisted_weekend_day_is_a_full_one():
    data = calendar_of(2027, short={(2, 20)}, working={(2, 21)})
    _year, kinds = read_calendar(data)
    assert kinds[date(2027, 2, 20)] == DayKind.SHORT
    assert kinds[date(2027, 2, 21)] == DayKind.WORK
    assert kinds[date(2027, 2, 22)] == DayKind.WORK


@pytest.mark.django_db
def test_an_imported_year_replaces_the_guess_at_once():
    assert calendar.is_working(date(2027, 11, 5))
    data = calendar_of(2027, moved={(11, 5), (12, 31)}, working={(2, 20)})
    assert import_calendar(data) == {"year": 2027, "changed": 7, "off": 114, "work": 251}
    assert not calendar.is_working(date(2027, 11, 5))
    assert calendar.is_working(date(2027, 2, 20))
    assert 2027 in calendar.known_years()


@pytest.mark.django_db
def test_importing_twice_changes_nothing_and_own_days_stay():
    CalendarDay.objects.create(date=date(2027, 3, 9), kind=DayKind.OFF, note="Переезд")
    data = calendar_of(2027, moved={(11, 5), (12, 31)}, short={(3, 9)})
    import_calendar(data)
    rows = list(CalendarDay.objects.values_list("date", "kind"))
    import_calendar(data)
    assert list(CalendarDay.objects.values_list("date", "kind")) == rows
    assert not calendar.is_working(date(2027, 3, 9))


@pytest.mark.django_db
def test_a_correction_takes_back_what_the_earlier_file_said():
    import_calendar(calendar_of(2027, moved={(11, 5)}))
    import_calendar(calendar_of(2027, moved={(11, 3)}))
    assert calendar.is_working(date(2027, 11, 5)) and not calendar.is_working(date(2027, 11, 3))


def broken(change):
    data = deepcopy(DECREE_2026)
    change(data)
    return data


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"year": 2026, "months": "1,2"},
        broken(lambda data: data.update(year="2026")),
        broken(lambda data: data.update(year=True)),
        broken(lambda data: data.update(year=20260)),
        broken(lambda data: data["months"].pop()),
        broken(lambda data: data["months"].append({"month": 3, "days": "1"})),
        broken(lambda data: data["months"].append({"month": 13, "days": "1"})),
        broken(lambda data: data["months"].append(7)),
        broken(lambda data: data["months"][1].update(days="1,30")),
        broken(lambda data: data["months"][1].update(days="1,2?")),
        broken(lambda data: data["months"][1].update(days="1,1")),
        broken(lambda data: data["months"][1].update(days="")),
        broken(lambda data: data["months"][1].update(days=None)),
        {"year": 2026, "months": [{"month": month, "days": "1"} for month in range(1, 13)]},
    ],
)
def test_a_file_that_is_no_calendar_is_refused_in_words(data):
    with pytest.raises(ValidationError) as refused:
        read_calendar(data)
    assert refused.value.messages


def test_everything_wrong_is_said_at_once():
    data = broken(lambda data: (data["months"][1].update(days="1,30,x"), data["months"][2].update(days="1,1")))
    with pytest.raises(ValidationError) as refused:
        read_calendar(data)
    assert len(refused.value.messages) == 3

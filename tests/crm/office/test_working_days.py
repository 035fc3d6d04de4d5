from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crm.office.production_calendar import DayKind, usual_kind
from crm.office.working_days import WorkingDays

USUAL = WorkingDays()
DATES = st.dates(date(2020, 1, 1), date(2034, 12, 31))
COUNTS = st.integers(-600, 600)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 4, 30), 2, date(2026, 5, 5)),
        (date(2025, 10, 31), 1, date(2025, 11, 1)),
        (date(2026, 1, 5), 2, date(2026, 1, 13)),
        (date(2025, 12, 29), 2, date(2026, 1, 12)),
        (date(2026, 11, 3), 2, date(2026, 11, 6)),
        (date(2026, 6, 10), 2, date(2026, 6, 15)),
    ],
)
def test_decrees_are_counted(start, days, end):
    assert USUAL.add(start, days) == end
    assert USUAL.between(start, end) == days


@pytest.mark.parametrize("year", [2025, 2026])
def test_each_decreed_year_has_247_working_days(year):
    assert USUAL.between(date(year - 1, 12, 31), date(year, 12, 31)) == 247


def test_the_decrees_name_the_short_days():
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(730)]
    assert [day for day in days if usual_kind(day) == DayKind.SHORT] == [
        date(2025, 3, 7),
        date(2025, 4, 30),
        date(2025, 6, 11),
        date(2025, 11, 1),
        date(2026, 4, 30),
        date(2026, 5, 8),
        date(2026, 6, 11),
        date(2026, 11, 3),
    ]


def test_without_a_decree_weekends_and_holidays_are_off_and_the_eve_is_short():
    kinds = Counter(usual_kind(date(2028, 1, 1) + timedelta(days=number)) for number in range(366))
    assert usual_kind(date(2028, 2, 22)) == DayKind.SHORT
    assert usual_kind(date(2028, 2, 23)) == DayKind.OFF
    assert usual_kind(date(2027, 12, 31)) == DayKind.SHORT
    assert kinds.total() == 366 and kinds[DayKind.OFF] == 106 + 10


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (date(2026, 11, 22), 0, date(2026, 11, 23)),
        (date(2026, 11, 22), 1, date(2026, 11, 23)),
        (date(2026, 11, 23), -1, date(2026, 11, 20)),
        (date(2026, 11, 22), -1, date(2026, 11, 20)),
        (date(2026, 1, 12), -1, date(2025, 12, 30)),
    ],
)
def test_zero_finds_the_nearest_working_day_and_negative_looks_back(start, days, end):
    assert USUAL.add(start, days) == end


@given(DATES, COUNTS)
def test_what_was_added_lies_between(start, days):
    assume(days)
    assert USUAL.between(start, USUAL.add(start, days)) == days


@given(DATES, COUNTS)
def test_adding_ends_on_a_working_day(start, days):
    assert USUAL.kind(USUAL.add(start, days)) != DayKind.OFF


@given(DATES, st.integers(1, 300), st.integers(1, 300))
def test_adding_twice_is_adding_the_sum(start, first, second):
    assert USUAL.add(USUAL.add(start, first), second) == USUAL.add(start, first + second)


@given(DATES, DATES, DATES)
def test_counts_add_up(one, two, three):
    start, middle, end = sorted([one, two, three])
    assert USUAL.between(start, middle) + USUAL.between(middle, end) == USUAL.between(start, end)


@given(st.dictionaries(DATES, st.sampled_from(DayKind), max_size=20), DATES, st.integers(0, 60))
def test_counting_agrees_with_walking_day_by_day(changed, start, length):
    calendar = WorkingDays(changed)
    days = [start + timedelta(days=number) for number in range(1, length + 1)]
    working = sum(changed.get(day, usual_kind(day)) != DayKind.OFF for day in days)
    assert calendar.between(start, start + timedelta(days=length)) == working


def test_the_end_of_time_is_an_error_and_not_a_loop():
    with pytest.raises(OverflowError):
        USUAL.add(date.max, 1)
    with pytest.raises(OverflowError):
        USUAL.add(date.min, -1)

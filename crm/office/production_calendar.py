"""The Russian five-day week: fixed holidays, and the days that each year's government decree moves (D.6)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DayKind(TextChoices):
    """How long the company works on a date."""

    WORK = "work", _("working day")
    SHORT = "short", _("shortened working day")
    OFF = "off", _("day off")


MonthDay = tuple[int, int]

HOLIDAYS: frozenset[MonthDay] = frozenset(
    {*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}
)


@dataclass(frozen=True)
class Decree:
    """The dates of one year, as (month, day), that differ from plain weekends and holidays."""

    number: str
    off: frozenset[MonthDay]
    work: frozenset[MonthDay]
    short: frozenset[MonthDay]


DECREES = {
    2025: Decree(
        number="1335, 04.10.2024",
        off=frozenset({(5, 2), (5, 8), (6, 13), (11, 3), (12, 31)}),
        work=frozenset({(11, 1)}),
        short=frozenset({(3, 7), (4, 30), (6, 11), (11, 1)}),
    ),
    2026: Decree(
        number="1466, 24.09.2025",
        off=frozenset({(1, 9), (3, 9), (5, 11), (12, 31)}),
        work=frozenset(),
        short=frozenset({(4, 30), (5, 8), (6, 11), (11, 3)}),
    ),
}


def usual_kind(day: date) -> DayKind:
    """What the decree says of a date; without a decree, weekends, fixed holidays and the day before a holiday."""
    at = (day.month, day.day)
    decree = DECREES.get(day.year)
    if decree and at in decree.short:
        return DayKind.SHORT
    if decree and at in decree.work:
        return DayKind.WORK
    if rests_by_rule(day) or (decree and at in decree.off):
        return DayKind.OFF
    if not decree and _before_holiday(day):
        return DayKind.SHORT
    return DayKind.WORK


def rests_by_rule(day: date) -> bool:
    """Whether the date is a weekend or a fixed holiday, before any decree has moved days."""
    return (day.month, day.day) in HOLIDAYS or day.weekday() >= 5


def _before_holiday(day: date) -> bool:
    if (day.month, day.day) == (12, 31):
        return True
    tomorrow = date.fromordinal(day.toordinal() + 1)
    return (tomorrow.month, tomorrow.day) in HOLIDAYS

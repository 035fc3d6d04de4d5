"""The company's working calendar: which days it works, until when, and when "in two days" is (G2, G3)."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from .memory import remembered
from .models import CalendarDay, office
from .production_calendar import DECREES, DayKind
from .working_days import WorkingDays


@remembered
def working_days() -> WorkingDays:
    """The calendar as it stands: the decrees, overridden by the rows that the company has entered."""
    return WorkingDays(dict(CalendarDay.objects.values_list("date", "kind")))


@remembered
def known_years() -> frozenset[int]:
    """Years whose decree is in: for any other the calendar is a guess, which is said from November on (D.6)."""
    return frozenset(DECREES) | {day.year for day in CalendarDay.objects.filter(official=True).dates("date", "year")}


def is_working(day: date) -> bool:
    """Whether the company works on this date, a shortened day included."""
    return working_days().kind(day) != DayKind.OFF


def is_short(day: date) -> bool:
    """Whether this is a working day that ends earlier."""
    return working_days().kind(day) == DayKind.SHORT


def add_working_days(day: date, days: int) -> date:
    """The ``days``-th working day after the date, before it when negative; 0 gives the first one not earlier."""
    return working_days().add(day, days)


def working_days_between(start: date, end: date) -> int:
    """How many working days the end is after the start, which is not counted itself; negative when earlier."""
    return working_days().between(start, end)


def company_zone() -> ZoneInfo:
    """The time zone that the company's dates and hours are in."""
    return ZoneInfo(office().zone)


def company_date(moment: datetime) -> date:
    """The company's date at an aware moment. Raises ValueError for a naive one."""
    return timezone.localtime(moment, company_zone()).date()


def midnight(day: date) -> datetime:
    """When the company's date begins (aware)."""
    return datetime.combine(day, time(), company_zone())


def day_start(day: date) -> datetime:
    """When work begins on the date, as if it were a working day."""
    return datetime.combine(day, office().day_start, company_zone())


def day_end(day: date) -> datetime:
    """When work ends on the date: 18:00 by default, 17:00 on a shortened day (G3); a day off counts as a full one."""
    return datetime.combine(day, office().short_day_end if is_short(day) else office().day_end, company_zone())


def deadline(now: datetime, days: int) -> datetime:
    """The end of the ``days``-th working day after an aware ``now``, today's own never counted (G2, R-108).

    With 0 days it is the end of this working day, or of the next one when this has already ended (G3).
    """
    today = company_date(now)
    if days == 0 and day_end(today) <= now:
        days = 1
    return day_end(add_working_days(today, days))


def working_time_between(start: datetime, end: datetime) -> timedelta:
    """How much of the time between two aware moments fell into working hours (R-003); zero when reversed."""
    total = timedelta()
    day, last = company_date(start), company_date(end)
    while day <= last:
        if is_working(day):
            total += max(timedelta(), min(end, day_end(day)) - max(start, day_start(day)))
        day += timedelta(days=1)
    return total


def company_today() -> date:
    """The company's date now."""
    return company_date(timezone.now())


def year_to_enter() -> int | None:
    """The year whose decree is missing though it is time: this one, or the next from November on (D.6)."""
    today = company_today()
    wanted = [today.year, today.year + 1] if today.month >= 11 else [today.year]
    return next((year for year in wanted if year not in known_years()), None)

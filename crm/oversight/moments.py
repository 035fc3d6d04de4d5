"""Moments that violations are measured from, by the working calendar (D.6)."""

from datetime import datetime, timedelta

from crm.office.calendar import (
    add_working_days,
    company_date,
    company_zone,
    day_end,
    day_start,
    is_working,
    midnight,
    working_time_between,
)


def last_working_day(now: datetime):
    """Today, or the working day before it when today is a day off."""
    today = company_date(now)
    return today if is_working(today) else add_working_days(today, -1)


def last_day_end(now: datetime) -> datetime:
    """The end of the last working day that is over (G3)."""
    today = company_date(now)
    if is_working(today) and day_end(today) <= now:
        return day_end(today)
    return day_end(add_working_days(today, -1))


def working_days_ago(now: datetime, days: int) -> datetime:
    """The latest moment that is ``days`` whole working days old; on a day off the working days before it count."""
    today = company_date(now)
    if is_working(today):
        return datetime.combine(add_working_days(today, -days), now.astimezone(company_zone()).time(), company_zone())
    return midnight(add_working_days(today, -days))


def working_hours_ago(now: datetime, hours: int) -> datetime:
    """The latest moment with so many working hours between it and ``now`` (R-003)."""
    left, day = timedelta(hours=hours), company_date(now)
    while True:
        if is_working(day):
            end = min(now, day_end(day))
            spent = working_time_between(day_start(day), end)
            if spent >= left:
                return end - left
            left -= spent
        day -= timedelta(days=1)

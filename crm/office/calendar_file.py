"""Reading a year's production calendar from the ``calendar.json`` form of xmlcalendar (D.6)."""

import re
from calendar import monthrange
from collections import Counter
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from .memory import touch
from .models import CalendarDay
from .production_calendar import DayKind, usual_kind

# A listed day is a day off; "+" marks one that was moved there, "*" a shortened day on which people do work.
LISTED_DAY = re.compile(r"([0-9]{1,2})([+*]?)")
FEWEST_DAYS_OFF = 100


def import_calendar(data: object) -> dict[str, int]:
    """Take over a year; the company's own rows win. Returns the year, days changed, and days of each kind.

    Raises ValidationError with everything that is wrong with the file.
    """
    year, kinds = read_calendar(data)
    with transaction.atomic():
        touch()  # first, because it holds up another import of the same file
        days = CalendarDay.objects.filter(date__year=year)
        days.filter(official=True).delete()
        own = {row.date: row for row in days}
        for day, row in own.items():
            row.decreed = kinds[day] if kinds[day] != usual_kind(day) else ""
        CalendarDay.objects.bulk_update(own.values(), ["decreed"])
        rows = [
            CalendarDay(date=day, kind=kind, official=True)
            for day, kind in kinds.items()
            if day not in own and kind != usual_kind(day)
        ]
        CalendarDay.objects.bulk_create(rows)
    return {"year": year, "changed": len(rows), **Counter(kind.value for kind in kinds.values())}


def read_calendar(data: object) -> tuple[int, dict[date, DayKind]]:
    """Every date of the file's year with its kind. Raises ValidationError with everything that is wrong."""
    if not isinstance(data, dict) or not isinstance(data.get("months"), list):
        raise ValidationError(_("This is not a production calendar: it has no year and months."))
    year = data.get("year")
    if type(year) is not int or not 2000 <= year <= 2100:
        raise ValidationError(_("The year must be a number from 2000 to 2100."))
    problems: list[str] = []
    kinds: dict[date, DayKind] = {}
    seen: set[int] = set()
    for entry in data["months"]:
        month = entry.get("month") if isinstance(entry, dict) else None
        if type(month) is not int or not 1 <= month <= 12 or month in seen:
            problems.append(_("Each month from 1 to 12 must be there once."))
            continue
        seen.add(month)
        for word in str(entry.get("days", "")).split(","):
            match = LISTED_DAY.fullmatch(word.strip())
            if not match or not 1 <= int(match[1]) <= monthrange(year, month)[1]:
                problems.append(
                    _("Month %(month)s: “%(day)s” is not a day of it.") % {"month": month, "day": word[:20]}
                )
                continue
            day = date(year, month, int(match[1]))
            if day in kinds:
                problems.append(_("Month %(month)s: day %(day)s is listed twice.") % {"month": month, "day": day.day})
            kinds[day] = DayKind.SHORT if match[2] == "*" else DayKind.OFF
    if len(seen) < 12 and not problems:
        problems.append(_("Each month from 1 to 12 must be there once."))
    if not problems and sum(kind == DayKind.OFF for kind in kinds.values()) < FEWEST_DAYS_OFF:
        problems.append(
            _("The year has fewer than %(count)s days off, so the file is incomplete.") % {"count": FEWEST_DAYS_OFF}
        )
    if problems:
        raise ValidationError(list(dict.fromkeys(problems)))
    first = date(year, 1, 1)
    every_day = (first + timedelta(days=day) for day in range((date(year, 12, 31) - first).days + 1))
    return year, {day: kinds.get(day, DayKind.WORK) for day in every_day}

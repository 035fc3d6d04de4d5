"""Repeated activities: on which dates they come, always on working days, and the next one after one is done."""

from collections.abc import Iterator
from datetime import date, datetime, time

from dateutil.rrule import rrulestr

from crm.office.calendar import add_working_days, company_date, company_zone, day_end

from .models import CheckItem, Task
from .reminders import copy as copy_reminders


def dates(repeat: str, first: date, after: date, until: date | None = None) -> Iterator[date]:
    """Dates of a rule (RFC 5545) counted from ``first``, later than ``after``, each moved on to a working day.

    The 31st is the last day of shorter months; two dates that meet on one working day are one.
    """
    if first.day > 28 and "DAILY" not in repeat and "WEEKLY" not in repeat:
        days = ",".join(str(day) for day in range(28, first.day + 1))
        repeat += f";BYMONTHDAY={days};BYSETPOS=-1" + (f";BYMONTH={first.month}" if "YEARLY" in repeat else "")
    rule = rrulestr(repeat, dtstart=datetime.combine(first, time()))
    last = after
    for moment in rule.xafter(datetime.combine(after, time())):
        if until is not None and moment.date() > until:
            return
        day = add_working_days(moment.date(), 0)
        if day > last:
            last = day
            yield day


def moment_on(task: Task, day: date) -> datetime:
    """When the task is due on another date: at its own hour, or at the end of the working day without one."""
    if task.all_day or task.due_at is None:
        return day_end(day)
    return datetime.combine(day, task.due_at.astimezone(company_zone()).time(), company_zone())


def go_on(task: Task, now: datetime) -> Task | None:
    """The next of a repeated task that was just done, after today and after its own date; None when there is none."""
    if not task.repeat or task.due_at is None:
        return None
    due, today = company_date(task.due_at), company_date(now)
    day = next(dates(task.repeat, task.repeat_from or due, max(due, today), task.repeat_until), None)
    if day is None or Task.objects.filter(previous=task).exists():
        return None
    copied = (
        "kind",
        "title",
        "text",
        "owner_id",
        "author_id",
        "all_day",
        "duration",
        "place",
        "repeat",
        "repeat_until",
    )
    made = Task.objects.create(
        card_id=task.card_id,
        previous=task,
        due_at=moment_on(task, day),
        repeat_from=task.repeat_from or due,
        **{name: getattr(task, name) for name in copied},
    )
    made.participants.set(task.participants.all())
    CheckItem.objects.bulk_create(
        [CheckItem(task=made, text=item.text, position=item.position) for item in task.checks.all()]
    )
    copy_reminders(task, made)
    return made

"""Reminders of activities: offsets in minutes kept as moments, and the question «what is due now and was not sent»."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from crm.office.calendar import company_date, day_start

from .models import Reminder, Task


def base(task: Task) -> datetime | None:
    """The moment that a task's reminders are counted from: its hour, or the start of its working day without one."""
    if task.due_at is None:
        return None
    return day_start(company_date(task.due_at)) if task.all_day else task.due_at


def remind(task: Task, minutes) -> None:
    """Remind of the task so many minutes before it, and at no other time."""
    task.reminders.exclude(minutes__in=minutes).delete()
    start = base(task)
    Reminder.objects.bulk_create(
        [Reminder(task=task, minutes=n, at=start and start - timedelta(minutes=n)) for n in dict.fromkeys(minutes)],
        ignore_conflicts=True,
    )


def shift(task: Task, now: datetime) -> None:
    """Move the reminders with the task; one whose new moment is still to come is sent again."""
    start = base(task)
    reminders = list(task.reminders.all())
    for one in reminders:
        one.at = start and start - timedelta(minutes=one.minutes)
        one.sent_at = None if one.at is not None and one.at > now else one.sent_at
    Reminder.objects.bulk_update(reminders, ["at", "sent_at"])


def copy(task: Task, to: Task) -> None:
    """Give another task the same reminders."""
    remind(to, list(task.reminders.values_list("minutes", flat=True)))


def due(now: datetime) -> QuerySet:
    """Reminders to be sent at ``now``: of open tasks, not sent yet, oldest first; mark ``sent_at`` under a row lock."""
    rows = Reminder.objects.filter(at__lte=now, sent_at=None, task__state=Task.State.OPEN)
    return rows.select_related("task__card", "task__owner").order_by("at", "id")

"""What the clock tells people of their activities: before, at and after the due time, once each (R-013)."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from crm.activities.models import Reminder, Task
from crm.activities.reminders import due
from crm.activities.verbs import on_given
from crm.notifications.notices import notify
from crm.office.calendar import company_date, day_end, day_start, is_working

AT_ONCE = 500
LATE = timedelta(hours=1)
# What has waited longer is no reminder any more: the activity is overdue and told of as such.
STALE = timedelta(minutes=10)
# More of them at once, after an outage, are one notice.
FEW = 3


@on_given
def tell_executor(task, by):
    """Whoever is given an activity by somebody else hears of it."""
    notify([task.owner_id], task.card, "task", by=by, wait=False, title=task.title)


@transaction.atomic
def send_reminders(now: datetime | None = None) -> int:
    """Remind of activities whose reminders are due; two clocks at once send each once. Returns how many were sent."""
    now = now or timezone.now()
    rows = list(due(now).select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
    sent = 0
    for row in rows:
        task = row.task
        if (
            task.card.closed_at is None
            and now - row.at < max(STALE, timedelta(minutes=row.minutes))
            and task.due_at > now
        ):
            sent += len(tell(task, "reminder", now, minutes=row.minutes))
    Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(sent_at=now)
    return sent


@transaction.atomic
def tell_due(now: datetime | None = None) -> int:
    """Tell of activities whose hour has come; what has only a date is told of by the morning's digest."""
    now = now or timezone.now()
    tasks = list(untold("due_told").filter(all_day=False, rule="", due_at__gt=now - STALE, due_at__lte=now)[:AT_ONCE])
    for task in tasks:
        tell(task, "due", now)
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(due_told=F("due_at"))
    return len(tasks)


@transaction.atomic
def tell_late(now: datetime | None = None) -> int:
    """In working hours, tell of activities an hour late, or of yesterday; many at once come as one notice."""
    now = now or timezone.now()
    today = company_date(now)
    if not is_working(today) or not day_start(today) <= now < day_end(today):
        return 0
    late = Q(all_day=False, due_at__lte=now - LATE) | Q(due_at__lt=day_start(today))
    tasks = list(untold("late_told").filter(late)[:AT_ONCE])
    people = defaultdict(list)
    for task in tasks:
        people[task.owner_id].append(task)
    for owner, own in people.items():
        if len(own) > FEW:
            notify(
                [owner], None, "late-many", slot=f"late:{own[0].pk}:{own[0].due_at:%Y%m%d%H%M}", at=now, count=len(own)
            )
        else:
            for task in own:
                notify([owner], task.card, "late", at=now, title=task.title)
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(late_told=F("due_at"))
    return len(tasks)


def untold(mark):
    """Open activities of open cards whose present due moment was not told of yet, locked for this clock alone."""
    tasks = Task.objects.open().filter(card__closed_at=None, owner__is_active=True)
    tasks = tasks.filter(Q(**{mark: None}) | ~Q(**{mark: F("due_at")})).select_related("card")
    return tasks.select_for_update(of=("self",), skip_locked=True).order_by("due_at", "pk")


def tell(task, kind, now, **data):
    """Tell whoever does the activity and those who take part in it."""
    people = [task.owner_id, *task.participants.values_list("pk", flat=True)]
    return notify([pk for pk in people if pk], task.card, kind, at=now, title=task.title, due=task.due_at, **data)

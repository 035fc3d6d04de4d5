"""What the clock tells people of their activities: before, at and after the due time, once each (R-013)."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from crm.activities.models import Reminder, Task
from crm.activities.reminders import due
from crm.activities.verbs import on_given
from crm.cards.models import Card
from crm.notifications.notices import Telling, notify, notify_all
from crm.office.calendar import company_date, day_end, day_start, is_working
from crm.people.models import User

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


def send_reminders(now: datetime | None = None) -> int:
    """Remind of activities whose reminders are due; two clocks at once send each once. Returns how many were sent."""
    now = now or timezone.now()
    return _in_turns(_remind, now)


def tell_due(now: datetime | None = None) -> int:
    """Tell of activities whose hour has come; what has only a date is told of by the morning's digest."""
    now = now or timezone.now()
    return _in_turns(_tell_due, now)


def _in_turns(act, now):
    """Act on so many rows in a transaction of their own, again and again until none is left."""
    total = 0
    while True:
        with transaction.atomic():
            taken, told = act(now)
        total += told
        if taken < AT_ONCE:
            return total


def _remind(now):
    rows = due(now).select_for_update(of=("self",), skip_locked=True).prefetch_related("task__participants")
    rows = list(rows[:AT_ONCE])
    timely = [
        row
        for row in rows
        if row.task.card.closed_at is None
        and now - row.at < max(STALE, timedelta(minutes=row.minutes))
        and row.task.due_at > now
    ]
    told = notify_all("reminder", seen([telling(row.task, minutes=row.minutes) for row in timely]), now)
    Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(sent_at=now)
    return len(rows), len(told)


def _tell_due(now):
    tasks = untold("due_told").filter(all_day=False, rule="", due_at__gt=now - STALE, due_at__lte=now)
    tasks = tasks.select_for_update(of=("self",), skip_locked=True).prefetch_related("participants")
    tasks = list(tasks[:AT_ONCE])
    notify_all("due", seen([telling(task) for task in tasks]), now)
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(due_told=F("due_at"))
    return len(tasks), len(tasks)


def tell_late(now: datetime | None = None) -> int:
    """In working hours, tell of activities an hour late, or of yesterday; many at once come as one notice."""
    now = now or timezone.now()
    today = company_date(now)
    if not is_working(today) or not day_start(today) <= now < day_end(today):
        return 0
    late = untold("late_told").filter(Q(all_day=False, due_at__lte=now - LATE) | Q(due_at__lt=day_start(today)))
    people = late.order_by("owner").values_list("owner", flat=True).distinct()
    return sum(_tell_late(owner, late.filter(owner=owner), now) for owner in list(people))


@transaction.atomic
def _tell_late(owner, late, now):
    # One clock for one person: two of them would each tell of a part, as two notices.
    user = User.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=owner).first()
    if user is None:
        return 0
    late = late.filter(card__in=Card.objects.visible_to(user))
    tasks = list(late.select_for_update(of=("self",)).only("due_at", "title", "owner_id", "card__entry"))
    if len(tasks) > FEW:
        slot = f"late:{tasks[0].pk}:{tasks[0].due_at:%Y%m%d%H%M}"
        notify([owner], None, "late-many", slot=slot, at=now, count=len(tasks))
    else:
        notify_all("late", [Telling((owner,), task.card, {"title": task.title}) for task in tasks], now)
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(late_told=F("due_at"))
    return len(tasks)


def untold(mark):
    """Open activities of open cards whose present due moment was not told of yet, the earliest first."""
    tasks = Task.objects.open().filter(card__closed_at=None, owner__is_active=True)
    tasks = tasks.filter(Q(**{mark: None}) | ~Q(**{mark: F("due_at")})).select_related("card")
    return tasks.order_by("due_at", "pk")


def telling(task, **data):
    """Told to whoever does the activity and those who take part in it."""
    people = [task.owner_id, *(person.pk for person in task.participants.all())]
    return Telling(tuple(pk for pk in people if pk), task.card, {"title": task.title, "due": task.due_at, **data})


def seen(tellings):
    """Without those who may not see the card: not even a bell rings for them, nor is it counted (R-015)."""
    cards = {one.card.pk for one in tellings}
    people = User.objects.active().in_bulk({pk for one in tellings for pk in one.people})
    known = {
        pk: set(Card.objects.visible_to(user).filter(pk__in=cards).values_list("pk", flat=True))
        for pk, user in people.items()
    }
    return [replace(one, people=tuple(pk for pk in one.people if one.card.pk in known.get(pk, ()))) for one in tellings]

"""The rhythm of reminding a client: so many times a period by each channel, one open activity for each (R-231 to R-237).

Nothing is scheduled ahead: what ought to be open follows from the rows, so every verb may run twice, late or not at all.
"""

from datetime import date, datetime
from functools import reduce
from operator import or_

from dateutil.relativedelta import relativedelta
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from crm.activities.models import Task
from crm.activities.next_step import refresh_next_step
from crm.activities.ruled import tell_closed
from crm.activities.verbs import reschedule
from crm.cards.verbs import lock
from crm.office.calendar import add_working_days, company_date, day_end, day_start, deadline
from crm.office.catalogues import template
from crm.office.models import office
from crm.pipelines.moves import take
from crm.pipelines.turns import for_each

from .models import Project, Reminder, Turn

MONTHS = {"month": 1, "quarter": 3, "year": 12}
Stage = Reminder.Stage
COLUMNS = (Stage.PLANNED, Stage.SOON, Stage.LATE)
PUT_OFF = {"week": relativedelta(weeks=1), "month": relativedelta(months=1)}


def interval(times: int, per: str) -> relativedelta:
    """The time between two reminders, so many ``times`` spread evenly over a month, quarter or year (R-234)."""
    months = MONTHS[per]
    if months % times == 0:
        return relativedelta(months=months // times)
    return relativedelta(days=max(1, round(365.25 / 12 * months / times)))


def following(planned: date, done: date, every: relativedelta) -> date:
    """The next ideal date, counted from the planned one, or from the day of doing when that was late by over half (R-235)."""
    half = (planned + every - planned) / 2
    return (done if done - planned > half else planned) + every


def free_day(deal, ideal: date, moved=None) -> date:
    """The first working day from ``ideal`` on when no reminder but the ``moved`` one is open for this client (R-234)."""
    client = Q(deal__company_id=deal.company_id) if deal.company_id else Q(deal__contact_id=deal.contact_id)
    same = Turn.objects.filter(Q(deal_id=deal.pk) | client & ~Q(deal__company_id=None, deal__contact_id=None))
    taken = {
        company_date(due)
        for due in same.filter(task__state=Task.State.OPEN).exclude(task=moved).values_list("task__due_at", flat=True)
        if due is not None
    }
    day = add_working_days(ideal, 0)
    while day in taken:
        day = add_working_days(day, 1)
    return day


def paused(deal) -> bool:
    """Whether reminders wait because the client has an open project (R-239)."""
    return office().pauses_reminders and Reminder.objects.filter(Exists(projects()), pk=deal.pk).exists()


def projects():
    """Open projects of the client of the outer reminder deal, of the same responsible person: others' are theirs (G9)."""
    client = Q(company_id=OuterRef("company_id")) | Q(company=None, contact_id=OuterRef("contact_id"))
    return Project.objects.open().filter(client, pipeline=Project.slug, owner_id=OuterRef("owner_id"))


def keep(deal, now: datetime | None = None, event=None) -> None:
    """Make the open activities of a locked deal match its rhythm: one for each channel that has one (R-232).

    ``event`` is the move that asks for it, so that undo can take its activities away.
    """
    now = now or timezone.now()
    live = deal.stage in COLUMNS and not paused(deal)
    for channel in Turn.Channel:
        times = getattr(deal, f"{channel}_times")
        turns = list(deal.turns.filter(channel=channel).select_related("task").order_by("n"))
        opened = [turn for turn in turns if turn.task.is_open]
        if not live or not times:
            call_off(opened, now, event)
            continue
        for extra in opened[1:]:  # an earlier one was taken back to work
            extra.task.delete()
        ideal = next_date(turns, opened, interval(times, getattr(deal, f"{channel}_per")), now)
        if not opened:
            start(deal, channel, turns[-1].n + 1 if turns else 1, ideal, event)
        elif opened[0].planned_on != ideal:
            move(deal, opened[0], ideal)
    refresh_next_step(deal.pk)


def next_date(turns, opened, every, now) -> date:
    """The ideal date of the turn that is or should be open; the first one stays where it began.

    What the system called off was not done: after a pause it is due at once, not a whole interval later.
    """
    done = [turn for turn in turns if turn.task.state in (Task.State.DONE, Task.State.CANCELLED)]
    today = company_date(deadline(now, 0))
    if not done:
        return opened[0].planned_on if opened else today
    ideal = following(done[-1].planned_on, company_date(done[-1].task.done_at), every)
    goal = max(ideal, today)
    return opened[0].planned_on if opened and ideal <= opened[0].planned_on <= goal else goal


def start(deal, channel, n, ideal, event):
    """Plan the ``n``-th reminder by this channel."""
    task = Task.objects.create(
        card_id=deal.pk, kind=channel, title=template(f"remind-{channel}").titled(), owner_id=deal.owner_id,
        due_at=day_end(free_day(deal, ideal)), all_day=True, rule=f"remind-{channel}", entry=n,
    )  # fmt: skip
    Turn.objects.create(deal_id=deal.pk, channel=channel, n=n, planned_on=ideal, task=task)
    if event is not None:
        event.made(task)


def move(deal, turn, ideal):
    """The rhythm was changed: the open activity moves with it (R-235)."""
    turn.planned_on = ideal
    turn.save(update_fields=["planned_on"])
    turn.task.due_at = day_end(free_day(deal, ideal, turn.task))
    turn.task.save(update_fields=["due_at"])


def shift(turn, by: relativedelta, user, key=None) -> datetime:
    """«+1 нед», «+1 мес»: move one reminder by that much, from today when its day has passed; returns when it is due (R-236)."""
    now = timezone.now()
    return put_on(turn, max(company_date(turn.task.due_at or now), company_date(now)) + by, user, key)


def put_on(turn, day: date, user, key=None) -> datetime:
    """Put one reminder on the first working day from ``day`` on; returns when it is due."""
    due = day_end(add_working_days(day, 0))
    return reschedule(turn.task, due, user, all_day=True, key=key).due_at


def call_off(turns, now, event=None):
    """Close reminders that are no longer wanted; undo of the move opens them again."""
    tasks = {turn.task_id: turn.task.title for turn in turns}
    Task.objects.filter(pk__in=tasks).update(state=Task.State.AUTO, done_at=now)
    if event is not None and tasks:
        tell_closed(event, tasks, "completed")


def edges(now: datetime) -> datetime:
    """From when on (aware) a contact is not yet due soon (R-237)."""
    return day_start(add_working_days(company_date(now), office().soon_days + 1))


def follow(deal, now: datetime | None = None) -> None:
    """Bring one deal into the column of its next contact's date, by the system (R-237)."""
    now, at = now or timezone.now(), deal.next_step_at
    if deal.stage not in COLUMNS:
        return
    goal = Stage.PLANNED if at is None or at >= edges(now) else Stage.LATE if at < now else Stage.SOON
    if goal != deal.stage:
        take(deal, {Stage.PLANNED: "rest", Stage.SOON: "come_near", Stage.LATE: "fall_behind"}[goal])


def follow_dates(now: datetime | None = None) -> int:
    """Bring the deals whose column their dates have left into the right one; returns how many moved."""
    now = now or timezone.now()
    edge = edges(now)
    deals = Reminder.objects.filter(pipeline=Reminder.slug)
    wrong = (
        deals.filter(stage__in=[Stage.PLANNED, Stage.SOON], next_step_at__lt=now)
        | deals.filter(stage__in=[Stage.PLANNED, Stage.LATE], next_step_at__gte=now, next_step_at__lt=edge)
        | deals.filter(stage__in=[Stage.SOON, Stage.LATE]).filter(Q(next_step_at__gte=edge) | Q(next_step_at=None))
    )
    return each(wrong, lambda deal: follow(deal, now))


def keep_rhythms(now: datetime | None = None) -> int:
    """Plan what a rhythm lacks, and call off what a pause stops; returns how many deals were touched (R-232, R-239)."""
    now = now or timezone.now()
    deals = Reminder.objects.filter(pipeline=Reminder.slug, stage__in=COLUMNS)
    opened = Turn.objects.filter(deal_id=OuterRef("pk"), task__state=Task.State.OPEN)
    lacking = reduce(
        or_, [Q(**{f"{channel}_times__gt": 0}) & ~Exists(opened.filter(channel=channel)) for channel in Turn.Channel]
    )
    if office().pauses_reminders:
        return each(deals.filter(lacking & ~Exists(projects()) | Exists(opened) & Exists(projects())), keep, now)
    return each(deals.filter(lacking), keep, now)


def each(deals, act, *args) -> int:
    """Act on each deal under its own lock, for as long as a turn lasts."""
    return for_each(deals.only("pk", "pipeline"), lambda deal: act(lock(deal), *args))

"""Each kind of violation as a question to the rows: which cards are in it now, and since when (R-011)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from crm.activities.models import Task
from crm.cards.models import Card, Event
from crm.office.calendar import add_working_days, company_date, day_end, deadline, midnight
from crm.office.models import office
from crm.pipelines.declare import PIPELINES
from deals.models import Attraction, Project, Reminder
from deals.rhythm import COLUMNS
from expenses.models import Expense, Spending
from leads.models import Lead

from .models import Violation
from .moments import last_day_end, last_working_day, working_days_ago, working_hours_ago

Kind = Violation.Kind
DEALS = (Attraction.slug, Project.slug, Reminder.slug)


@dataclass(frozen=True)
class Rule:
    """``found`` are the cards in violation at a moment, each with ``base``; ``since`` makes of it when it began."""

    kind: Kind
    found: Callable[[datetime], QuerySet]
    since: Callable[[datetime], datetime]


RULES: dict[Kind, Rule] = {}


def rule(kind, since=lambda base: base):
    """Register ``func(now)`` as the question of this kind."""

    def register(func):
        RULES[kind] = Rule(kind, func, since)
        return func

    return register


def in_stages(pairs) -> Q:
    """Cards that stand in one of these (pipeline, stage) pairs."""
    found = Q(pk__in=[])
    for pipeline, stage in pairs:
        found |= Q(pipeline=pipeline, stage=stage)
    return found


def first_stages():
    """First stages that must be empty by the end of the working day (R-105, R-252)."""
    return [(p.slug, p.first) for p in PIPELINES.values() if p.first_stage_empties]


@rule(Kind.FIRST_STAGE, since=lambda base: deadline(base, 0))
def first_stage_left(now):
    """Still in the first stage when the working day was over; a card that came later has until the next one (G3)."""
    return Card.objects.filter(in_stages(first_stages()), stage_since__lt=last_day_end(now)).annotate(
        base=F("stage_since")
    )


@rule(Kind.NO_STEP, since=lambda base: deadline(base, 0))
def without_step(now):
    """A deal at work with nothing planned at the end of the working day (R-253)."""
    done = Task.objects.filter(card=OuterRef("pk"), done_at__lt=now).order_by("-done_at").values("done_at")[:1]
    cards = Card.objects.open().filter(pipeline__in=DEALS, next_step_at=None).exclude(in_stages(first_stages()))
    base = Greatest("stage_since", Coalesce(Subquery(done), "stage_since"))
    return cards.annotate(base=base).filter(base__lt=last_day_end(now))


@rule(Kind.OVERDUE)
def overdue(now):
    """An activity not done a working day after its time (R-013); reminders have a rule of their own."""
    late = working_days_ago(now, office().overdue_days)
    cards = Card.objects.open().exclude(pipeline__in=[Expense.slug, Reminder.slug]).filter(next_step_at__lt=late)
    return cards.annotate(base=F("next_step_at"))


@rule(Kind.NO_REACTION)
def without_reaction(now):
    """The client has turned to us and nobody has answered within the office's working hours (R-003)."""
    heard = Event.objects.filter(card=OuterRef("pk"), kind=Event.Kind.TOUCH, data__outbound=False)
    heard = heard.filter(at__lte=working_hours_ago(now, office().reaction_hours))
    answered = Event.objects.filter(card=OuterRef("card"), at__gt=OuterRef("at")).filter(
        Q(kind=Event.Kind.TASK_DONE) | Q(kind=Event.Kind.TOUCH, data__outbound=True)
    )
    waiting = heard.filter(~Exists(answered))
    first = waiting.filter(card=OuterRef("pk")).order_by("at").values("at")[:1]
    return Card.objects.open().filter(pk__in=waiting.values("card")).annotate(base=Subquery(first))


def norm(stage):
    """Working days after which a card is stuck in this stage: leads that are discussed have their own term."""
    return office().lead_days if (stage.pipeline, stage.value) == (Lead.slug, Lead.Stage.DISCUSS) else stage.norm


def norms():
    """{working days: [(pipeline, stage)]} of the stages in which a card can be stuck (R-008, R-115, C-18).

    Not the first stages, which must be empty anyhow, nor what waits for a date, a timer or an executive.
    """
    waiting = {
        *first_stages(),
        (Expense.slug, Expense.Stage.DOCUMENTS),
        (Expense.slug, Expense.Stage.APPROVAL),
    }
    found: dict[int, list] = {}
    for process in PIPELINES.values():
        for stage in process.open_stages:
            place = (process.slug, stage.value)
            if place not in waiting and not stage.waits:
                found.setdefault(norm(stage), []).append(place)
    return found


@rule(Kind.STUCK)
def stuck(now):
    """Longer in its stage than the stage's working days (R-008, R-115)."""
    where = Q(pk__in=[])
    for days, places in norms().items():
        where |= in_stages(places) & Q(stage_since__lt=midnight(add_working_days(last_working_day(now), -days)))
    return Card.objects.filter(where).annotate(base=F("stage_since"))


@rule(Kind.RHYTHM)
def rhythm_missed(now):
    """The day of reminding a client has passed (R-007, R-234)."""
    return Reminder.objects.filter(
        pipeline=Reminder.slug, stage__in=COLUMNS, next_step_at__lt=midnight(company_date(now))
    ).annotate(base=F("next_step_at"))


@rule(Kind.EXPENSE_LATE, since=lambda base: day_end(base))
def expense_late(now):
    """Not paid by its day."""
    return Spending.objects.open().filter(due_on__lt=company_date(now)).annotate(base=F("due_on"))


@rule(Kind.APPROVAL)
def approval_waiting(now):
    """Sent for approval a working day ago and not decided."""
    late = working_days_ago(now, office().approval_days)
    expenses = Spending.objects.filter(pipeline=Expense.slug, stage=Expense.Stage.APPROVAL, stage_since__lt=late)
    return expenses.annotate(base=F("stage_since"))

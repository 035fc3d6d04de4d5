"""«Контроль»: whom to ask about which client and why, what is wrong with whom, and what waits for a decision (R-002, R-017)."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Exists, ExpressionWrapper, F, FloatField, Min, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Extract
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from crm.cards.models import Card, Event
from crm.jinja import day
from crm.office.calendar import company_date, midnight, working_days_between
from crm.people.models import User
from crm.pipelines.declare import of
from deals.models import Attraction, Deal, Reminder
from expenses.models import Expense, Spending

from .models import Snooze, Violation
from .moments import last_working_day
from .rules import norm

Kind = Violation.Kind
# What an executive asks a manager about; money has panels of its own.
ABOUT_CLIENTS = [Kind.NO_REACTION, Kind.OVERDUE, Kind.RHYTHM, Kind.STUCK, Kind.NO_STEP, Kind.FIRST_STAGE]
SHORT = {
    Kind.NO_REACTION: lazy("No reaction"), Kind.OVERDUE: lazy("Overdue"), Kind.RHYTHM: lazy("Rhythm of the pool"),
    Kind.STUCK: lazy("Stuck"), Kind.NO_STEP: lazy("No next step"), Kind.FIRST_STAGE: lazy("First stage"),
}  # fmt: skip
URGENT = {Kind.NO_REACTION, Kind.OVERDUE, Kind.RHYTHM, Kind.FIRST_STAGE}
MOST = 1000


@dataclass
class Item:
    """One card to ask about, with all that is wrong with it."""

    card: Card
    kinds: dict
    days: int
    in_pool: bool

    @property
    def weight(self):
        """Pool clients first, then the money times the days of silence (D.8)."""
        return (self.in_pool, (self.card.amount or Decimal(0)) * max(1, self.days), self.days)

    @property
    def urgent(self):
        return bool(URGENT & set(self.kinds))

    @property
    def stage(self):
        return of(self.card).stages[self.card.stage].label


def in_pool():
    """Whether the client of the outer card took the company into its pool of suppliers (R-007)."""
    pool = Deal.objects.filter(
        Q(pipeline=Attraction.slug, stage=Attraction.Stage.POOL) | Q(pipeline=Reminder.slug, closed_at=None)
    )
    # Two questions, so that the database answers each from one table of all clients in the pool, not card by card.
    person = pool.filter(company=None, contact_id=OuterRef("contact_id"))
    return Exists(pool.filter(company_id=OuterRef("company_id"))) | Exists(person)


def pressing(user, now):
    """What is wrong with clients and not put off by this executive."""
    found = Violation.objects.visible_to(user).open().filter(kind__in=ABOUT_CLIENTS, since__lte=now)
    return found.filter(~Exists(Snooze.objects.filter(user=user, card_id=OuterRef("card_id"), until__gt=now)))


def waiting(user, now):
    """The cards that this executive should ask about now, as the badge counts them."""
    return Card.objects.visible_to(user).open().filter(Exists(pressing(user, now).filter(card_id=OuterRef("pk"))))


def to_ask(user, now, person=None):
    """Cards this executive should ask about now, the most pressing first; what was put off is left out."""
    found = pressing(user, now)
    oldest = found.filter(card_id=OuterRef("pk")).order_by().values("card_id").values(oldest=Min("since"))
    cards = Card.objects.visible_to(user).open().annotate(pool=in_pool(), oldest=Subquery(oldest)).exclude(oldest=None)
    if person is not None:
        cards = cards.filter(owner=person)
    # The same order as by ``weight``, but in days of the calendar: nothing pressing falls behind the edge.
    weight = Coalesce(F("amount"), Value(Decimal(0))) * Extract(Value(now) - F("oldest"), "epoch")
    cards = cards.order_by("-pool", ExpressionWrapper(weight, FloatField()).desc(), "oldest")
    cards = list(cards.select_related("company", "contact", "owner")[:MOST])
    rows = defaultdict(dict)
    for pk, kind, since in found.filter(card__in=cards).values_list("card_id", "kind", "since"):
        rows[pk][kind] = since
    today = company_date(now)
    items = [
        Item(
            card,
            rows[card.pk],
            max(0, working_days_between(company_date(min(rows[card.pk].values())), today)),
            card.pool,
        )
        for card in cards
    ]
    return sorted(items, key=lambda item: item.weight, reverse=True)


def reasons(item, now):
    """Why to ask about the card, in words with their numbers."""
    today = company_date(now)
    for kind, since in sorted(item.kinds.items(), key=lambda pair: ABOUT_CLIENTS.index(pair[0])):
        n = max(0, working_days_between(company_date(since), today))
        late = ngettext("%(n)s day", "%(n)s days", n) % {"n": n}
        if kind == Kind.NO_REACTION:
            yield _("The client turned to us on %(day)s, no answer for %(late)s") % {"day": day(since), "late": late}
        elif kind == Kind.OVERDUE:
            yield _("%(step)s: overdue by %(late)s") % {"step": item.card.next_step or _("Activity"), "late": late}
        elif kind == Kind.RHYTHM:
            yield _("Reminder missed by %(late)s") % {"late": late}
        elif kind == Kind.STUCK:
            most = norm(of(item.card).stages[item.card.stage])
            spent = working_days_between(company_date(item.card.stage_since), today)
            days = ngettext("%(n)s day", "%(n)s days", spent) % {"n": spent}
            yield _("%(days)s in the stage, the norm is %(norm)s") % {"days": days, "norm": most}
        elif kind == Kind.NO_STEP:
            yield _("No next step")
        else:
            yield _("Still in the first stage")


def by_manager(user, now):
    """Each manager's open cards by pipeline and violations by kind, as counts; lists and the register show exactly those."""
    found = Violation.objects.visible_to(user).open().filter(kind__in=ABOUT_CLIENTS)
    counts = Counter()
    for owner, kind, n in found.order_by().values_list("card__owner_id", "kind").annotate(n=Count("pk")):
        counts[owner, kind] = n
    work = defaultdict(Counter)
    cards = Card.objects.visible_to(user).open().exclude(pipeline=Expense.slug).order_by()
    for owner, pipeline, n in cards.values_list("owner_id", "pipeline").annotate(n=Count("pk")):
        work[owner][pipeline] = n
    people = {person.pk: person for person in User.objects.filter(pk__in={*work, *(o for o, _k in counts)} - {None})}
    rows = [
        (people.get(owner), work[owner], [counts[owner, kind] for kind in ABOUT_CLIENTS])
        for owner in {*work, *(o for o, _k in counts)}
    ]
    return sorted(rows, key=lambda row: (-sum(row[2]), str(row[0] or "")))


def sums(rows):
    """The last line of the table: open cards by pipeline, and violations of each kind."""
    columns = [sum(row[2][n] for row in rows) for n in range(len(ABOUT_CLIENTS))]
    return sum((row[1] for row in rows), Counter()), columns


def trend(user, now):
    """How many violations stood open a week ago, and how many do now."""
    seen = Violation.objects.visible_to(user).filter(kind__in=ABOUT_CLIENTS)
    then = now - timedelta(days=7)
    was = seen.filter(since__lte=then).filter(Q(resolved_at=None) | Q(resolved_at__gt=then)).count()
    return was, seen.open().count()


def approvals(user):
    """Expenses that wait for an executive, the oldest first, and what they come to."""
    waiting = Spending.objects.visible_to(user).filter(pipeline=Expense.slug, stage=Expense.Stage.APPROVAL)
    rows = list(waiting.select_related("company", "deal").order_by("stage_since"))
    return rows, sum((row.amount or Decimal(0) for row in rows), Decimal(0))


def payments(user, now):
    """What is to be paid: late, today and within seven days, roubles of the approved and the waiting (D.8)."""
    today = company_date(now)
    left = Spending.objects.visible_to(user).open().filter(pipeline=Expense.slug)
    left = left.exclude(stage=Expense.Stage.DOCUMENTS)  # not sent for approval yet

    def come_to(**span):
        found = left.filter(**span).aggregate(s=Sum("amount"), p=Sum("paid_total"))
        return (found["s"] or Decimal(0)) - (found["p"] or Decimal(0))

    return {
        "late": come_to(due_on__lt=today),
        "today": come_to(due_on=today),
        "week": come_to(due_on__gte=today, due_on__lt=today + timedelta(days=7)),
    }


def yesterday(user, now):
    """What happened on the last working day: new leads, deals won and lost, money paid (D.8)."""
    start = midnight(last_working_day(midnight(company_date(now)) - timedelta(seconds=1)))
    seen = Card.objects.visible_to(user)
    events = Event.objects.filter(card__in=seen, at__gte=start, at__lt=midnight(company_date(now)))
    return {
        "leads": events.filter(kind=Event.Kind.CREATED, card__pipeline="leads").count(),
        "closed": seen.filter(closed_at__gte=start, closed_at__lt=midnight(company_date(now))).exclude(
            pipeline__in=["leads", Expense.slug]
        ),
        "paid": events.filter(kind=Event.Kind.PAID).count(),
    }

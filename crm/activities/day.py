"""«Мой день»: what to do now and in which order, done, logged and planned without opening a card (R-013, R-253)."""

from datetime import timedelta
from functools import reduce
from operator import or_

from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.cards import steps
from crm.cards.models import Card, Event
from crm.office.calendar import company_date, company_zone, day_end, day_start, working_days_between
from crm.pipelines.declare import PIPELINES, by_itself, of
from crm.web import page

from .agenda import canvas
from .models import Task
from .reach import NOBODY, reach

MOST = 50
AHEAD = 6


def tonight(now):
    """Where the company's day of that moment ends (aware)."""
    return steps.cuts(now)[steps.TODAY][1]


def mine(user, until):
    """Open activities of this person due before ``until`` (aware): what the badge counts and the day begins with."""
    return Task.objects.visible_to(user).filter(owner=user, due_at__lt=until).open()


def first_stages():
    """Cards that stand where every card must be taken from by the evening (R-252)."""
    return reduce(or_, [Q(pipeline=p.slug, stage=p.first) for p in PIPELINES.values() if p.first_stage_empties])


def day(user, now):
    """The context of the page; a constant number of statements."""
    about = ("card__company", "card__contact", "owner")
    todo = list(
        mine(user, tonight(now))
        .select_related(*about, "question")
        .prefetch_related("participants")
        .order_by(F("question__id").asc(nulls_last=True), "due_at", "id")[:MOST]
    )
    cards = Card.objects.visible_to(user).open().select_related("company", "contact")
    own = cards.filter(owner=user)
    fresh = (own | cards.filter(owner=None)) if user.may_distribute_leads else own
    fresh = list(fresh.filter(first_stages()).order_by("stage_since", "id")[:MOST])
    bare = own.filter(next_step_at=None).exclude(pipeline="expenses").exclude(first_stages()).exclude(by_itself())
    waiting = (
        Task.objects.visible_to(user).open().filter(author=user).exclude(owner=user).select_related(*about, "question")
    )
    ahead = Task.objects.visible_to(user).open().of(user).filter(due_at__gte=tonight(now))
    done = Task.objects.visible_to(user).filter(done_by=user, state=Task.State.DONE, done_at__gte=_morning(now))
    bare, waiting = list(bare.order_by("stage_since", "id")[:MOST]), list(waiting.order_by("due_at", "id")[:MOST])
    ways = reach([*{c.pk: c for c in [*fresh, *bare, *(t.card for t in todo)]}.values()])
    rows = [_row(task, ways, now) for task in todo]
    asked = [row for row in rows if row["asked"]]
    rows = [row for row in rows if not row["asked"]]
    late = [row for row in rows if row["state"] == steps.LATE]
    today = [row for row in rows if row["state"] != steps.LATE]
    hero = (late or today or [None])[0]
    finished = done.count()
    return {
        "hero": hero,
        "last": _last(hero["card"]) if hero else None,
        "asked": asked,
        "late": late[1:] if hero in late else late,
        "today": today if hero in late else today[1:],
        "fresh": [_card(card, ways, now) for card in fresh],
        "bare": [_card(card, ways, now) for card in bare],
        "waiting": [_row(task, {}, now) for task in waiting],
        "ahead": list(ahead.order_by("due_at", "id")[:AHEAD]),
        "done": finished,
        "all": finished + len(todo),
        "until": day_end(company_date(now)).astimezone(company_zone()),
        "date": date_format(company_date(now), "l, j E").lower(),
    }


def _morning(now):
    _late, tonight = steps.cuts(now)[steps.TODAY]
    return tonight - timedelta(days=1)


def _row(task, ways, now):
    state, words = steps.say(task.due_at, now)
    return {
        "task": task,
        "card": task.card,
        "stage": of(task.card).stages[task.card.stage].label,
        "days": max(0, working_days_between(company_date(task.card.stage_since), company_date(now))),
        # What an executive asks is kept by oversight, above us: here it is only known that it is a question.
        "asked": getattr(task, "question", None) is not None,
        "state": state,
        "words": words,
        "late": max(0, working_days_between(company_date(task.due_at), company_date(now))) if task.due_at else 0,
        "reach": ways.get(task.card_id, NOBODY),
    }


def _card(card, ways, now):
    return {
        "card": card,
        "stage": of(card).stages[card.stage].label,
        "process": of(card).label,
        "days": max(0, working_days_between(company_date(card.stage_since), company_date(now))),
        "reach": ways.get(card.pk, NOBODY),
    }


def _last(card):
    """What was said last with this client, for the one thing to do now."""
    told = card.events.filter(kind__in=[Event.Kind.TOUCH, Event.Kind.NOTE]).exclude(data__text="")
    return told.select_related("actor").order_by("-at", "-id").first()


@require_safe
def my_day(request):
    """The person's day, in order: overdue, today, to distribute, without a step, waiting for others."""
    now = timezone.now()
    today = company_date(now)
    hours = canvas(now) | {"from": f"{day_start(today):%H:%M}", "until": f"{day_end(today):%H:%M}"}
    context = {"title": _("My day"), **day(request.user, now), "hours": hours}
    return page(request, "activities/day.html", context)

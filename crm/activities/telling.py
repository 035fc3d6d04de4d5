"""One kind of what happened to a card, apart from the rest of its feed: moves, fields, tasks, letters, calls (R-508)."""

from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crm.cards.models import Card, Event
from crm.web import number, page, visible

from .feed import LATEST, day_by_day, line
from .models import Task

K = Event.Kind


def kinds(*names):
    return Q(kind__in=names)


def touched(*by):
    return Q(kind=K.TOUCH, data__kind__in=by)


# A move that set tasks or closed them: it is told of under both names.
WITH_TASKS = kinds(K.MOVED) & (
    Q(data__made__contains=[{"model": Task._meta.label_lower}]) | Q(data__has_any_keys=["completed", "called_off"])
)
PROFIT = Q(kind=K.RULE, data__has_key="profit")
# What the buttons above a feed show; «messages» is the chat itself, without what stands between.
SHOWN = {
    "moves": (_("Moves"), kinds(K.CREATED, K.MOVED, K.UNDONE, K.TRANSFERRED) | Q(kind=K.RULE) & ~PROFIT),
    "fields": (_("Changes"), kinds(K.CHANGED, K.OWNER, K.SHARED, K.UNSHARED, K.LINKED)),
    "tasks": (_("Tasks"), kinds(K.TASK, K.TASK_DONE) | WITH_TASKS),
    "letters": (_("Letters"), touched("letter", "message")),
    "calls": (_("Calls"), touched("call", "meeting") | kinds(K.CALL)),
    "files": (_("Files"), kinds(K.FILE)),
    "payments": (_("Payments"), kinds(K.PAID, K.STORNO, K.SPLIT) | PROFIT),
    "notes": (_("Notes"), kinds(K.NOTE)),
}


# Whether an event stands under each of the buttons.
UNDER = {f"in_{name}": ExpressionWrapper(events, BooleanField()) for name, (_label, events) in SHOWN.items()}


def newest(card):
    """The card's newest events, each with the buttons that it stands under as ``in_…``."""
    return list(card.events.select_related("actor").annotate(**UNDER).order_by("-at", "-id")[:LATEST])


def choices(card, events):
    """(name, label, how many) of what a feed can be narrowed to; the ``events`` are the card's newest."""
    if len(events) < LATEST:
        counts = {name: sum(bool(getattr(event, f"in_{name}")) for event in events) for name in SHOWN}
    else:
        counts = card.events.aggregate(**{name: Count("pk", filter=wanted) for name, (_label, wanted) in SHOWN.items()})
    return [(name, label, counts[name]) for name, (label, _events) in SHOWN.items()]


@require_safe
@visible(Card)
def told(request, card):
    """The newest events of one kind, or those before the event of this number; of an unknown kind there are none."""
    _label, wanted = SHOWN.get(request.GET.get("show", ""), ("", Q(pk=None)))
    events = card.events.filter(wanted).select_related("actor").order_by("-id")
    before = number(request.GET.get("before"))
    events = list((events.filter(pk__lt=before) if before else events)[: LATEST + 1])
    own = card.as_kind()
    lines = day_by_day([line(own, event) for event in events[:LATEST][::-1]])
    context = {"lines": lines, "card": card, "show": request.GET.get("show", ""), "more": len(events) > LATEST}
    return page(request, "activities/_told.html", context)

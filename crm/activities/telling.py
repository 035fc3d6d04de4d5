"""One kind of what happened to a card, apart from the rest of its feed: moves, fields, tasks, letters, calls (R-508)."""

from collections import Counter

from django.db.models import Case, CharField, Count, Q, Value, When
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crm.cards.models import Card, Event
from crm.web import number, page, visible

from .feed import LATEST, day_by_day, line

K = Event.Kind


def kinds(*names):
    return Q(kind__in=names)


def touched(*by):
    return Q(kind=K.TOUCH, data__kind__in=by)


PROFIT = Q(kind=K.RULE, data__has_key="profit")
# What the buttons above a feed show; «messages» is the chat itself, without what stands between.
SHOWN = {
    "moves": (_("Moves"), kinds(K.CREATED, K.MOVED, K.UNDONE, K.TRANSFERRED) | Q(kind=K.RULE) & ~PROFIT),
    "fields": (_("Changes"), kinds(K.CHANGED, K.OWNER, K.SHARED, K.UNSHARED, K.LINKED)),
    "tasks": (_("Tasks"), kinds(K.TASK, K.TASK_DONE)),
    "letters": (_("Letters"), touched("letter", "message")),
    "calls": (_("Calls"), touched("call", "meeting") | kinds(K.CALL)),
    "files": (_("Files"), kinds(K.FILE)),
    "payments": (_("Payments"), kinds(K.PAID, K.STORNO, K.SPLIT) | PROFIT),
    "notes": (_("Notes"), kinds(K.NOTE)),
}


# The name of the button that an event stands under.
UNDER = Case(*(When(events, then=Value(name)) for name, (_label, events) in SHOWN.items()), output_field=CharField())


def newest(card):
    """The card's newest events, each with the button that it stands under as ``under``."""
    return list(card.events.select_related("actor").annotate(under=UNDER).order_by("-at", "-id")[:LATEST])


def choices(card, events):
    """(name, label, how many) of what a feed can be narrowed to; the ``events`` are the card's newest."""
    if len(events) < LATEST:
        counts = Counter(event.under for event in events)
    else:
        counts = dict(card.events.values_list(UNDER).annotate(Count("pk")))
    return [(name, label, counts.get(name, 0)) for name, (label, _events) in SHOWN.items()]


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

"""«Сроки» of a pipeline: its open cards by when their next step is; dropping a card moves that step (R-024)."""

from django.db.models import Count, Sum
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.cards import steps
from crm.web import number, page

from . import columns as rows
from .filters import Filter
from .views import DEALS, process_for, shell, total_of

PER_SPAN = 50
TONES = {steps.LATE: "red", steps.TODAY: "green", steps.NONE: "yellow"}


def cards_of(request, slug, filters):
    return rows.visible(request.user, slug, filters).open().filter(pipeline=slug)


def drawn(request, slug, cards, now, start=0):
    """The earliest cards of every span as board rows, in order, in one statement."""
    found = steps.ranked(cards, now, start=start, most=PER_SPAN).values("pk")
    data = list(
        rows.drawn(request.user, slug).filter(pk__in=found).order_by("next_step_at", "pk").values(*rows.fields_of(slug))
    )
    spans = {name: [] for name in steps.SPANS}
    for card, row in zip(data, rows.rows_of(data, request.user, slug), strict=True):
        spans[steps.span(card["next_step_at"], now)].append(row)
    return spans


def columns(request, slug, cards, now, shown=None, start=0):
    """The spans as boards/_column.html takes them; count and sum are over all cards of the span."""
    sums = {
        span: (n, total or 0)
        for span, n, total in steps.spanned(cards, now)
        .order_by()
        .values_list("span")
        .annotate(n=Count("pk"), total=Sum("amount"))
    }
    found = []
    for head in steps.heads(now):
        name, here = head["stage"], (shown or {}).get(head["stage"], [])
        count, total = sums.get(name, (0, 0))
        args = request.GET.copy()
        args["shown"] = start + len(here)
        address = reverse("boards:due_column", args=[slug, name])
        found.append({
            **head, "tone": None, "hue": TONES.get(name, ""), "count": count, "sum": total, "share": None, "cards": here,
            "wrap": False, "hint": "", "more_count": max(0, count - start - len(here)) if shown else 0, "more_sum": None,
            "more_url": f"{address}?{args.urlencode()}",
        })  # fmt: skip
    return found


@require_safe
def due(request, slug):
    """The pipeline's open cards in columns by date."""
    process, now = process_for(request, slug), timezone.now()
    filters = Filter(request.GET, request.user)
    cards = cards_of(request, slug, filters)
    sums = rows.totals(rows.visible(request.user, slug, filters), slug, steps=True)
    context = {
        **shell(request, process, filters, "due", sums),
        "columns": columns(request, slug, cards, now, drawn(request, slug, cards, now)),
        "closing": [],
        "dated": True,
        "total": total_of(process, sums),
        "move_url": "/cards/{id}/steps/",
        "card_url": f"/boards/{slug}/due/cards/{{id}}/",
        "plan_url": "/cards/{id}/tasks/",
    }
    return page(request, "boards/board.html", context)


@require_safe
def due_column(request, slug, span):
    """The next cards of one span."""
    process_for(request, slug)
    if span not in steps.SPANS:
        raise Http404
    now, start = timezone.now(), number(request.GET.get("shown"), 0)
    cards = cards_of(request, slug, Filter(request.GET, request.user)).filter(steps.inside(span, now))
    shown = drawn(request, slug, cards, now, start)
    column = next(c for c in columns(request, slug, cards, now, shown, start) if c["stage"] == span)
    return page(request, "boards/_cards.html", {"column": column, "pipeline": {"margins": slug in DEALS}})


@require_safe
def due_card(request, slug, pk):
    """One card where its next step stands now, with the heads of all spans."""
    process, now = process_for(request, slug), timezone.now()
    filters = Filter(request.GET, request.user)
    cards = cards_of(request, slug, filters)
    shown = drawn(request, slug, cards.filter(pk=pk), now)
    at = next((name for name, here in shown.items() if here), None)
    if at is None:
        raise Http404
    context = {
        "card": shown[at][0], "stage": at, "heads": columns(request, slug, cards, now), "ends": [],
        "pipeline": {"margins": slug in DEALS},
        "total": total_of(process, rows.totals(rows.visible(request.user, slug, filters), slug)),
    }  # fmt: skip
    return page(request, "boards/_moved.html", context)

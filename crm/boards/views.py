"""Boards and lists over any pipeline, and the fragments that keep them current."""

from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from crm.pipelines.declare import LOST, PIPELINES, WON, of
from crm.web import number, page

from . import columns as rows
from .filters import Filter

ICONS = {WON: "flag", LOST: "ban"}
DEALS = ("attraction", "reminder", "project")


def process_for(request, slug):
    """The pipeline, for those who work with its kind of card; for others there is none."""
    user = request.user
    allowed = slug in PIPELINES and (
        user.works_with_clients
        or (slug == "expenses" and user.is_accountant)
        or (slug == "leads" and user.may_distribute_leads)
    )
    if not allowed:
        raise Http404
    return of(slug)


def column_of(process, stage, place, sums, shown, query=""):
    """One column as boards/_column.html takes it; count and sum are over all visible cards (C-1)."""
    count, total = sums.get(stage.value, (0, 0))
    most = max([sums.get(s.value, (0, 0))[1] for s in process.open_stages] + [0])
    more = count - len(shown)
    address = reverse("boards:column", args=[process.slug, stage.value])
    first = stage.value == process.first
    return {
        "stage": stage.value, "name": stage.label, "tone": min(place + 1, 7), "count": count, "sum": total,
        "share": int(total * 100 / most) if most else 0, "cards": shown, "wrap": len(process.open_stages) <= 4,
        "hint": _("sort out before 18:00") if first and process.first_stage_empties and count else "",
        "takes": [s for step in process.steps.values() if step.to == stage.value for s in step.sources],
        "more_count": max(0, more), "more_sum": None,
        "more_url": f"{address}?{urlencode({'shown': len(shown)})}{'&' + query if query else ''}",
    }  # fmt: skip


def closing_of(process, sums):
    return [
        {
            "stage": s.value, "name": s.label, "icon": ICONS.get(s.outcome, "archive"),
            "count": sums.get(s.value, (0, 0))[0], "hint": "",
            "takes": [x for step in process.steps.values() if step.to == s.value for x in step.sources],
        }
        for s in process.closing_stages
    ]  # fmt: skip


def shell(request, process, filters, view):
    """What the head of a board and of a list share."""
    slug = process.slug
    menu = [
        {"label": PIPELINES[s].label, "url": reverse("boards:board", args=[s]), "current": s == slug} for s in DEALS
    ]
    query = request.GET.urlencode()
    tail = f"?{query}" if query else ""
    return {
        "pipeline": {"slug": slug, "name": process.label, "menu": menu if slug in DEALS else [], "margins": slug in DEALS},
        "views": [
            {"label": _("Kanban"), "icon": "layout-kanban", "current": view == "board",
             "url": reverse("boards:board", args=[slug]) + tail},
            {"label": _("List"), "icon": "list", "current": view == "list",
             "url": reverse("boards:list", args=[slug]) + tail},
        ],
        "saved": [
            {"label": _("All"), "url": "?", "current": not filters.chosen, "count": None},
            {"label": _("Overdue"), "url": "?step=late", "current": query == "step=late", "count": None},
            {"label": _("Without a step"), "url": "?step=none", "current": query == "step=none", "count": None},
        ],
        "filter_form": filters,
    }  # fmt: skip


def total_of(process, sums):
    stages = [s.value for s in process.open_stages]
    count = sum(sums.get(s, (0, 0))[0] for s in stages)
    text = ngettext("%(count)s card", "%(count)s cards", count) % {"count": count}
    return {"text": text, "sum": sum(sums.get(s, (0, 0))[1] for s in stages)}


@require_safe
def board(request, slug):
    """The kanban board of a pipeline (R-505)."""
    process = process_for(request, slug)
    filters = Filter(request.GET, request.user)
    sums, by_stage = rows.columns(request.user, slug, filters)
    query = request.GET.urlencode()
    context = {
        **shell(request, process, filters, "board"),
        "columns": [
            column_of(process, s, n, sums, by_stage.get(s.value, []), query) for n, s in enumerate(process.open_stages)
        ],
        "closing": closing_of(process, sums),
        "total": total_of(process, sums),
        "move_url": "/cards/{id}/moves/",
        "card_url": f"/boards/{slug}/cards/{{id}}/",
    }
    return page(request, "boards/board.html", context)


@require_safe
def column(request, slug, stage):
    """The next cards of one column."""
    process = process_for(request, slug)
    if stage not in process.stages:
        raise Http404
    filters = Filter(request.GET, request.user)
    cards = rows.visible(request.user, slug, filters)
    shown = number(request.GET.get("shown"), 0)
    found = rows.newest(cards, slug, [stage], rows.PER_COLUMN, shown)
    drawn = rows.rows_of(found, request.user, slug)
    count = rows.totals(cards, slug).get(stage, (0, 0))[0]
    args = request.GET.copy()
    args["shown"] = shown + len(drawn)
    more = {
        "stage": stage, "cards": drawn, "more_count": max(0, count - shown - len(drawn)), "more_sum": None,
        "more_url": f"{request.path}?{args.urlencode()}",
    }  # fmt: skip
    return page(request, "boards/_cards.html", {"column": more, "pipeline": {"margins": slug in DEALS}})


def fragment(request, slug, pk, stages):
    """One card with the heads of the columns it concerns, for a move's answer and for live updates."""
    process = of(slug)
    filters = Filter(request.GET, request.user)
    cards = rows.visible(request.user, slug, filters)
    sums = rows.totals(cards, slug)
    found = rows.only(cards, slug, pk)
    drawn = rows.rows_of(found, request.user, slug)
    places = {s.value: n for n, s in enumerate(process.open_stages)}
    heads = [column_of(process, process.stages[s], places[s], sums, []) for s in stages if s in places]
    ends = [e for e in closing_of(process, sums) if e["stage"] in stages]
    return {
        "card": drawn[0] if drawn and found[0]["stage"] in places else None,
        "stage": found[0]["stage"] if found else "", "heads": heads, "ends": ends,
        "pipeline": {"margins": slug in DEALS},
    }  # fmt: skip


@require_safe
def card(request, slug, pk):
    """One card of the board as it is now, for others' moves; 404 when it is not, or no longer, seen."""
    process = process_for(request, slug)
    context = fragment(request, slug, pk, list(process.stages))
    if context["card"] is None:
        raise Http404
    return page(request, "boards/_moved.html", context)


SORTS = {
    "title": ("title",), "stage": ("stage", "-stage_since"), "amount": ("amount",), "owner": ("owner__name",),
    "step": ("next_step_at",), "created": ("created_at",),
}  # fmt: skip
PER_PAGE = 50


@require_safe
def table(request, slug):
    """The same cards as a list with sorting and pages."""
    process = process_for(request, slug)
    filters = Filter(request.GET, request.user)
    cards = rows.visible(request.user, slug, filters).filter(pipeline=slug)
    sort = request.GET.get("sort", "created")
    down = sort.startswith("-")
    order = SORTS.get(sort.lstrip("-"), SORTS["created"])
    ordered = [f"-{o.lstrip('-')}" if down else o for o in order] if sort.lstrip("-") in SORTS else ["-created_at"]
    start = (number(request.GET.get("page"), 1) or 1) - 1
    found = rows.page_of(cards, slug, [*ordered, "-id"], start * PER_PAGE, PER_PAGE + 1)
    sums = rows.totals(cards, slug)
    drawn = rows.rows_of(found[:PER_PAGE], request.user, slug)
    lines = [(row, process.stages[data["stage"]].label) for data, row in zip(found, drawn, strict=False)]
    args = request.GET.copy()
    args["page"] = start + 2
    context = {
        **shell(request, process, filters, "list"),
        "lines": lines, "total": total_of(process, sums), "sort": sort, "page_number": start + 1,
        "more_url": f"?{args.urlencode()}" if len(found) > PER_PAGE else None, "money_label": process.money_label,
    }  # fmt: skip
    return page(request, "boards/list.html", context)

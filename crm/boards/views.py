"""Boards and lists over any pipeline, and the fragments that keep them current."""

from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from crm.office.calendar import company_today, day_end
from crm.pipelines.declare import LOST, PIPELINES, WON, of
from crm.pipelines.who import accountant
from crm.web import number, page

from . import columns as rows
from .beside import beside
from .filters import Filter, waiting

ICONS = {WON: "flag", LOST: "ban"}
DEALS = ("attraction", "reminder", "project")


def process_for(request, slug):
    """The pipeline, for those who work with its kind of card; for others there is none."""
    if slug not in PIPELINES or not request.user.has_board(slug):
        raise Http404
    return of(slug)


def column_of(process, user, stage, sums, shown, query=""):
    """One column as boards/_column.html takes it; count and sum are over all visible cards (C-1)."""
    count, total, *_steps = sums.get(stage.value, rows.Total())
    most = max([sums.get(s.value, rows.Total()).sum for s in process.open_stages] + [0])
    more = count - len(shown)
    address = reverse("boards:column", args=[process.slug, stage.value])
    first = stage.value == process.first
    return {
        "stage": stage.value, "name": stage.label, "tone": stage.tone, "count": count, "sum": total,
        "share": int(total * 100 / most) if most else 0, "cards": shown, "wrap": len(process.open_stages) <= 4,
        "hint": sort_out_by() if first and process.first_stage_empties and count else "",
        "takes": process.sources_of(stage.value, user),
        "more_count": max(0, more), "more_sum": None,
        "more_url": f"{address}?{urlencode({'shown': len(shown)})}{'&' + query if query else ''}",
    }  # fmt: skip


def sort_out_by():
    """Until when today a first stage must be empty (R-105)."""
    return _("sort out before %(time)s") % {"time": f"{day_end(company_today()):%H:%M}"}


def closing_of(process, user, sums):
    return [
        {
            "stage": s.value, "name": s.label, "icon": ICONS.get(s.outcome, "archive"),
            "count": sums.get(s.value, rows.Total()).count, "hint": "",
            "takes": process.sources_of(s.value, user),
        }
        for s in process.closing_stages
    ]  # fmt: skip


def counts_of(request, process, filters, sums):
    """How many cards are open, overdue and without a step, whatever the filter; ``sums`` hold it when nothing is filtered."""
    if filters.chosen:
        return waiting(rows.visible(request.user, process.slug).filter(pipeline=process.slug))
    found = [sums[s.value] for s in process.open_stages if s.value in sums]
    return {
        "open": sum(t.count for t in found), "late": sum(t.late for t in found), "none": sum(t.none for t in found)
    }  # fmt: skip


def unassigned(request, process, query):
    """The view of cards without a responsible person, for those who give them out (R-104)."""
    if process.slug != "leads" or not request.user.may_distribute_leads:
        return []
    count = rows.visible(request.user, process.slug).open().filter(owner=None).count()
    tone = "yellow" if count else ""
    return [
        {"label": _("Unassigned"), "url": "?nobody=1", "current": query == "nobody=1", "count": count, "tone": tone}
    ]


def saved_of(request, process, filters, sums):
    """The ready filters of a board, with how many cards each shows."""
    query, counts = request.GET.urlencode(), counts_of(request, process, filters, sums)
    return [
        {"label": _("All"), "url": "?", "current": not filters.chosen, "count": counts["open"]},
        {"label": _("Overdue"), "url": "?step=late", "current": query == "step=late",
         "count": counts["late"], "tone": "red" if counts["late"] else ""},
        {"label": _("No next step"), "url": "?step=none", "current": query == "step=none",
         "count": counts["none"], "tone": "yellow" if counts["none"] else ""},
        *unassigned(request, process, query),
        *([{"label": _("Warm"), "url": "?warm=1", "current": query == "warm=1",
            "count": sums[process.warm].count if process.warm in sums else 0}] if process.warm else []),
    ]  # fmt: skip


def shell(request, process, filters, view, sums):
    """What the head of a board and of a list share."""
    slug = process.slug
    name = f"boards:{view}"
    menu = [{"label": PIPELINES[s].label, "url": reverse(name, args=[s]), "current": s == slug} for s in DEALS]
    query = request.GET.urlencode()
    tail = f"?{query}" if query else ""
    return {
        "pipeline": {"slug": slug, "name": process.label, "menu": menu if slug in DEALS else [], "margins": slug in DEALS},
        "views": [
            {"label": _("Kanban"), "icon": "layout-kanban", "current": view == "board",
             "url": reverse("boards:board", args=[slug]) + tail},
            {"label": _("List"), "icon": "list", "current": view == "list",
             "url": reverse("boards:list", args=[slug]) + tail},
            {"label": _("Due dates"), "icon": "calendar-due", "current": view == "due",
             "url": reverse("boards:due", args=[slug]) + tail},
            {"label": _("Calendar"), "icon": "calendar", "current": False,
             "url": f"{reverse('activities:calendar')}?pipeline={slug}&whose=all{'&' + query if query else ''}"},
            {"label": _("Gantt"), "icon": "timeline", "current": False,
             "url": f"{reverse('activities:gantt')}?pipeline={slug}&whose=all{'&' + query if query else ''}"},
        ],
        "saved": saved_of(request, process, filters, sums),
        "numbers_url": reverse("boards:numbers", args=[slug]),
        "beside": beside(slug, request.user),
        "filter_form": filters,
    }  # fmt: skip


def total_of(process, sums):
    stages = [s.value for s in process.open_stages]
    count = sum(sums[s].count for s in stages if s in sums)
    text = {
        "leads": ngettext("%(count)s lead", "%(count)s leads", count),
        "expenses": ngettext("%(count)s expense", "%(count)s expenses", count),
    }.get(process.slug, ngettext("%(count)s deal", "%(count)s deals", count))
    return {"text": text % {"count": count}, "count": count, "sum": sum(sums[s].sum for s in stages if s in sums)}


def waits_for(process, stage, user):
    """Whether a stage waits for an accountant: a phone shows theirs first."""
    return (
        user.is_accountant
        and not user.is_executive
        and any(step.by is accountant for step in process.steps_from(stage.value))
    )


@require_safe
def board(request, slug):
    """The kanban board of a pipeline (R-505)."""
    process = process_for(request, slug)
    filters = Filter(request.GET, request.user)
    sums, by_stage = rows.columns(request.user, slug, filters)
    query = request.GET.urlencode()
    context = {
        **shell(request, process, filters, "board", sums),
        "columns": [
            column_of(process, request.user, s, sums, by_stage.get(s.value, []), query) for s in process.open_stages
        ],
        "closing": closing_of(process, request.user, sums),
        "total": total_of(process, sums),
        "move_url": "/cards/{id}/moves/",
        "first": next((stage.value for stage in process.open_stages if waits_for(process, stage, request.user)), ""),
        "keys": process.keys,
        "card_url": f"/boards/{slug}/cards/{{id}}/",
        "plan_url": reverse(process.plans, args=[0]).replace("/0/", "/{id}/"),
    }
    return page(request, "boards/board.html", context)


@require_safe
def numbers(request, slug):
    """The ready filters' numbers alone, for a page whose cards have moved."""
    process = process_for(request, slug)
    filters = Filter(request.GET, request.user)
    sums = rows.totals(rows.visible(request.user, slug, filters), slug, steps=not filters.chosen)
    return page(request, "boards/_numbers.html", {
        "saved": saved_of(request, process, filters, sums), "numbers_url": request.path,
    })  # fmt: skip


@require_safe
def column(request, slug, stage):
    """The next cards of one column."""
    process = process_for(request, slug)
    if stage not in process.stages:
        raise Http404
    filters = Filter(request.GET, request.user)
    cards = rows.visible(request.user, slug, filters)
    shown = number(request.GET.get("shown"), 0)
    found = rows.newest(cards, request.user, slug, [stage], rows.PER_COLUMN, shown)
    drawn = rows.rows_of(found, request.user, slug)
    count = rows.totals(cards, slug).get(stage, rows.Total()).count
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
    found = rows.only(cards, request.user, slug, pk)
    drawn = rows.rows_of(found, request.user, slug)
    places = {s.value for s in process.open_stages}
    heads = [column_of(process, request.user, process.stages[s], sums, []) for s in stages if s in places]
    ends = [e for e in closing_of(process, request.user, sums) if e["stage"] in stages]
    return {
        "card": drawn[0] if drawn and found[0]["stage"] in places else None,
        "stage": found[0]["stage"] if found else "", "heads": heads, "ends": ends,
        "pipeline": {"margins": slug in DEALS}, "total": total_of(process, sums),
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


def heads_of(request, process, sort):
    """The list's column heads for ui.table_head; a press on a sorted one turns it round, filters stay."""
    args = request.GET.copy()
    args.pop("page", None)

    def head(label, name=None, kind=""):
        if name is None:
            return {"label": label, "kind": kind}
        args["sort"] = f"-{name}" if sort == name else name
        turned = {name: "ascending", f"-{name}": "descending"}.get(sort)
        return {"label": label, "kind": kind, "url": f"?{args.urlencode()}", "dir": turned}

    margin = [head(_("Profit"), kind="r")] if process.slug in DEALS else []
    return [
        head(_("Next step"), "step"), head(_("Title"), "title"), head(_("Stage"), "stage"),
        head(process.money_label, "amount", "r"), *margin, head(_("Links")), head(_("Responsible"), "owner"),
    ]  # fmt: skip


def export_url(request, slug):
    """Where the whole list, narrowed and sorted as it is, can be had as a workbook."""
    args = request.GET.copy()
    args.pop("page", None)
    return f"{reverse('boards:export', args=[slug])}{'?' + args.urlencode() if args else ''}"


def order_of(request):
    """The list's sort as its address has it, the newest first where it names none, and the order of its rows."""
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") not in SORTS:
        sort = "-created"
    order = SORTS[sort.removeprefix("-")]
    if sort.startswith("-"):
        order = [f"-{column.removeprefix('-')}" for column in order]
    return sort, [*order, "-id"]


@require_safe
def table(request, slug):
    """The same cards as a list with sorting and pages; closed ones when they are asked for."""
    process = process_for(request, slug)
    filters = Filter(request.GET, request.user, closes=True)
    cards = rows.visible(request.user, slug, filters)
    sort, order = order_of(request)
    start = (number(request.GET.get("page"), 1) or 1) - 1
    found = rows.page_of(cards, request.user, slug, order, start * PER_PAGE, PER_PAGE + 1)
    sums = rows.totals(cards, slug, steps=not filters.chosen)
    drawn = rows.rows_of(found[:PER_PAGE], request.user, slug)
    stages = [process.stages[data["stage"]] for data in found]
    lines = [(row, {"name": s.label, "tone": s.tone}) for s, row in zip(stages, drawn, strict=False)]
    args = request.GET.copy()
    args["page"] = start + 2
    context = {
        **shell(request, process, filters, "list", sums),
        "lines": lines, "total": total_of(process, sums), "page_number": start + 1,
        "heads": heads_of(request, process, sort), "export_url": export_url(request, slug),
        "more_url": f"?{args.urlencode()}" if len(found) > PER_PAGE else None,
    }  # fmt: skip
    return page(request, "boards/list.html", context)

"""Activities as a list, as «Сроки», as a calendar and as a Gantt chart, under one filter (R-024, R-513)."""

import json
from datetime import timedelta
from urllib.parse import urlencode

from django import forms
from django.db.models import Count
from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crm.cards import steps
from crm.cards.models import Card
from crm.office.calendar import company_date, company_zone, is_working
from crm.people.models import User
from crm.pipelines.declare import PIPELINES
from crm.web import number, page

from .forms import NAMES
from .models import Task

PER_PAGE = 50
PER_SPAN = 50
MOST_EVENTS = 2000
LONGEST = timedelta(days=400)
USUAL = timedelta(minutes=30)
STATES = [
    ("", _("open ones")), ("late", _("overdue ones")), ("undated", _("without a date")), ("done", _("done ones")),
    ("any", _("any of them")),
]  # fmt: skip


class ActivityFilter(forms.Form):
    """What narrows activities in every view; conditions on their cards have the boards' names, so they go along."""

    q = forms.CharField(label=_("Text"), required=False, max_length=200)
    whose = forms.ChoiceField(label=_("Whose"), required=False, choices=[("", _("mine")), ("all", _("all I see"))])
    owner = forms.ModelChoiceField(
        label=_("Executor"), queryset=User.objects.none(), required=False, empty_label=_("all")
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("any of them")), *NAMES.items()])
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    pipeline = forms.ChoiceField(label=_("Pipeline"), required=False)

    def __init__(self, data, user):
        super().__init__(data)
        self.user = user
        self.fields["pipeline"].choices = [("", __("any of them")), *((p.slug, p.label) for p in PIPELINES.values())]
        if user.is_executive:
            self.fields["owner"].queryset = User.objects.active().order_by("name")
        else:
            del self.fields["owner"]

    @property
    def chosen(self):
        """How many conditions are set; a mistaken one counts as not set."""
        self.is_valid()
        return sum(bool(value) for value in self.cleaned_data.values())

    def narrow(self, tasks, states=True):
        """The activities let through; with ``states`` off those done stay among the open ones, as calendars show them."""
        self.is_valid()
        c, now = self.cleaned_data, timezone.now()
        if c.get("owner"):
            tasks = tasks.filter(owner=c["owner"])
        elif c.get("whose") != "all":
            tasks = tasks.of(self.user)
        if c.get("q"):
            cards = Card.objects.matching(c["q"])
            tasks = tasks.filter(title__icontains=c["q"]) | tasks.filter(card__in=cards)
        if c.get("kind"):
            tasks = tasks.filter(kind=c["kind"])
        if c.get("pipeline"):
            tasks = tasks.filter(card__pipeline=c["pipeline"])
        state = c.get("state")
        if state == "done":
            return tasks.filter(state__in=[Task.State.DONE, Task.State.AUTO])
        if state == "late":
            return tasks.open().filter(due_at__lt=now)
        if state == "undated":
            return tasks.open().filter(due_at=None)
        if state == "any":
            return tasks
        return tasks.open() if states else tasks.exclude(state=Task.State.CANCELLED)


def seen(request, states=True):
    """The activities of a view and its filter; each is seen through its card (R-015)."""
    filters = ActivityFilter(request.GET, request.user)
    return filters.narrow(Task.objects.visible_to(request.user), states), filters


def shell(request, filters, view):
    """What the head of every view shares; the filter goes along from one view to another."""
    args = request.GET.copy()
    args.pop("page", None)
    tail = f"?{args.urlencode()}" if args else ""
    views = [
        ("list", __("List"), "list"), ("due", __("Due dates"), "calendar-due"), ("calendar", __("Calendar"), "calendar"),
        ("gantt", __("Gantt"), "timeline"),
    ]  # fmt: skip
    pipeline, board = PIPELINES.get(request.GET.get("pipeline")), []
    if pipeline and request.user.has_board(pipeline.slug):
        of_cards = args.copy()
        del of_cards["pipeline"]
        of_cards.pop("whose", None)
        back = reverse("boards:board", args=[pipeline.slug]) + (f"?{of_cards.urlencode()}" if of_cards else "")
        board = [{"label": __("Kanban"), "icon": "layout-kanban", "current": False, "url": back}]
    return {
        "title": pipeline.label if pipeline else __("Activities"),
        "views": board + [
            {"label": label, "icon": icon, "current": name == view, "url": reverse(f"activities:{name}") + tail}
            for name, label, icon in views
        ],
        "saved": [
            {"label": __("Mine"), "url": "?", "current": not filters.chosen, "count": None},
            {"label": __("Overdue"), "url": "?state=late", "current": args.urlencode() == "state=late", "count": None},
            {"label": __("All I see"), "url": "?whose=all", "current": args.urlencode() == "whose=all", "count": None},
        ],
        "filter_form": filters,
        "query": tail,
    }  # fmt: skip


def drawn(tasks, now):
    """Activities as the templates draw them."""
    rows = []
    for task in tasks:
        state, words = steps.say(task.due_at, now)
        rows.append({"task": task, "card": task.card, "state": state if task.is_open else "later", "words": words})
    return rows


ABOUT = ("card__company", "card__contact", "owner")


@require_safe
def table(request):
    """Activities as a list, the earliest first; those that are done, the latest first."""
    found, filters = seen(request)
    done = request.GET.get("state") in ("done", "any")
    order = ("-done_at", "-id") if done else ("due_at", "id")
    start = ((number(request.GET.get("page"), 1) or 1) - 1) * PER_PAGE
    tasks = list(found.select_related(*ABOUT).order_by(*order)[start : start + PER_PAGE + 1])
    args = request.GET.copy()
    args["page"] = start // PER_PAGE + 2
    context = {
        **shell(request, filters, "list"),
        "rows": drawn(tasks[:PER_PAGE], timezone.now()),
        "more_url": f"?{args.urlencode()}" if len(tasks) > PER_PAGE else None,
    }
    return page(request, "activities/list.html", context)


@require_safe
def due(request):
    """Open activities in columns by date; dropping one changes its date."""
    now = timezone.now()
    found, filters = seen(request)
    spans = steps.spanned(found.open(), now, "due_at").order_by().values_list("span")
    counts = dict(spans.annotate(n=Count("pk")))
    tasks = steps.ranked(found.open(), now, "due_at", most=PER_SPAN).select_related(*ABOUT).order_by("due_at", "pk")
    columns = {head["stage"]: {**head, "rows": [], "count": counts.get(head["stage"], 0)} for head in steps.heads(now)}
    for row in drawn(tasks, now):
        columns[row["task"].span]["rows"].append(row)
    context = {
        **shell(request, filters, "due"),
        "columns": list(columns.values()),
        "works": workable(request, [row["task"] for column in columns.values() for row in column["rows"]]),
    }
    return page(request, "activities/due.html", context)


def workable(request, tasks):
    """Ids of those that this person may move."""
    rows = Task.objects.workable_by(request.user).filter(pk__in=[task.pk for task in tasks])
    return set(rows.values_list("pk", flat=True))


def canvas(now, **asked):
    """What the script that draws activities by their hours is told: where they come from, the date, its words."""
    words = {
        "today": __("Today"), "dayGridMonth": __("Month"), "timeGridWeek": __("Week"), "timeGridDay": __("Day"),
        "listWeek": __("Week"), "resourceTimelineMonth": __("Month"), "resourceTimelineYear": __("Quarter"),
        "prev": __("Back"), "next": __("Forward"), "close": __("Close"), "allDay": __("no hour"),
        "none": __("Nothing is planned yet"), "more": __("More"),
    }  # fmt: skip
    return {
        "address": f"{reverse('activities:events')}?{urlencode(asked)}",
        "today": company_date(now).isoformat(),
        "zone": now.astimezone(company_zone()).isoformat(timespec="minutes")[-6:],
        "words": json.dumps(words, ensure_ascii=False),
    }


def frame(filters, request, view, **asked):
    """The context of a calendar's page."""
    return {**shell(request, filters, view), **canvas(timezone.now(), **{**request.GET.dict(), **asked})}


@require_safe
def calendar(request):
    """Activities by day, week and month; a drag moves one."""
    filters = ActivityFilter(request.GET, request.user)
    return page(request, "activities/calendar.html", frame(filters, request, "calendar"))


@require_safe
def gantt(request):
    """Activities as bars from the day they were set to the day they are due, one row for each card."""
    filters = ActivityFilter(request.GET, request.user)
    return page(request, "activities/gantt.html", frame(filters, request, "gantt", bars=1))


@require_safe
def events(request):
    """What a calendar or a Gantt chart shows between two moments, in the company's own hours."""
    start, end = moment(request.GET.get("start")), moment(request.GET.get("end"))
    if start is None or end is None or not start < end <= start + LONGEST:
        return JsonResponse({"events": [], "rows": []}, status=400)
    bars = bool(request.GET.get("bars"))
    found, _filters = seen(request, states=bars)
    tasks = found.filter(due_at__gte=start, **({"created_at__lt": end} if bars else {"due_at__lt": end}))
    tasks = list(tasks.select_related(*ABOUT).order_by("due_at", "id")[:MOST_EVENTS])
    works, now = workable(request, tasks), timezone.now()
    rows = {task.card_id: {"id": f"card-{task.card_id}", "title": task.card.title} for task in tasks} if bars else {}
    shape = bar if bars else event
    first, days = company_date(start), (end - start).days + 1
    off = [f"{d}" for d in (first + timedelta(days=n) for n in range(days)) if not is_working(d)]
    found = [shape(task, now, task.pk in works) for task in tasks]
    return JsonResponse({"events": found, "rows": list(rows.values()), "off": off})


def moment(text):
    """A company moment as the calendar sends it, or None."""
    try:
        found = parse_datetime(text or "")
    except ValueError:
        return None
    if found is None or not 1900 < found.year < 3000:
        return None
    return timezone.make_aware(found, company_zone()) if timezone.is_naive(found) else found


def event(task, now, works):
    """One activity as the calendar takes it."""
    local = task.due_at.astimezone(company_zone()).replace(tzinfo=None)
    span = timedelta(minutes=task.duration) if task.duration else USUAL
    times = (
        {"allDay": True, "start": f"{local.date()}", "end": f"{local.date()}"}
        if task.all_day
        else {"allDay": False, "start": local.isoformat(), "end": (local + span).isoformat()}
    )
    return {**described(task, now, works), **times}


def bar(task, now, works):
    """One activity as a bar of the Gantt chart: from when it was set to when it is due, whole days."""
    due, made = company_date(task.due_at), company_date(task.created_at)
    return {
        **described(task, now, works),
        "allDay": True,
        "start": f"{min(made, due)}",
        "end": f"{due + timedelta(days=1)}",
        "resourceIds": [f"card-{task.card_id}"],
    }


def described(task, now, works):
    state = steps.state(task.due_at, now) if task.is_open else "done"
    return {
        "id": str(task.pk),
        "title": task.title,
        "editable": works and task.is_open,
        "classNames": [f"ev--{state}"],
        "extendedProps": {
            "kind": task.kind, "card": task.card.title, "who": task.owner.first_name if task.owner else "",
            "time": None if task.all_day else f"{task.due_at.astimezone(company_zone()):%H:%M}",
        },
    }  # fmt: skip

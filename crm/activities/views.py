"""Tasks over HTTP: set, done, taken back, moved to another time, and the lines of a checklist."""

import uuid

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.cards.models import Card
from crm.office.calendar import deadline
from crm.web import form_key, go, nothing, page, toast, visible

from . import verbs
from .forms import DateForm, TaskForm
from .models import CheckItem, Task


def changed(request, card, **says):
    """The card has changed: its page hears of it, a browser without scripts is sent back to it."""
    if request.headers.get("HX-Request"):
        return nothing(**{"card-changed": {"id": card.pk}, **says})
    return go(request, card.get_absolute_url())


@require_http_methods(["GET", "POST"])
@visible(Card, work=True)
def tasks(request, card):
    """A new task of the card (R-250); the composer sends one line of text alone."""
    soon = deadline(timezone.now(), 1)
    if request.method == "POST" and "title" not in request.POST:
        title, _newline, text = request.POST.get("text", "").replace("\x00", "").strip().partition("\n")
        if not title:
            return nothing(422, toast=toast(_("Say what has to be done."), error=True))
        verbs.add(
            card,
            request.user,
            key=form_key(request),
            title=title[:300],
            text=text[:10_000],
            due_at=soon,
            owner=request.user,
        )
        return changed(request, card)
    initial = {"due_at": soon, "owner": card.owner_id or request.user.pk, "key": uuid.uuid4()}
    form = TaskForm(request.POST or None, card=card, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        answer = form.cleaned_data
        verbs.add(
            card, request.user, key=answer["key"], checklist=answer["checklist"], title=answer["title"],
            kind=answer["kind"], due_at=answer["due_at"], owner=answer["owner"], text=answer["text"],
        )  # fmt: skip
        return changed(request, card)
    context = {
        "form": form, "title": _("New task"), "subtitle": card.title, "submit": _("Set the task"),
        "action": reverse("activities:tasks", args=[card.pk]),
    }  # fmt: skip
    return dialog(request, context)


def dialog(request, context):
    """A form in a dialog or on a page of its own; 422 when it came back with errors."""
    part = context.setdefault("part", "activities/_form.html")
    context["page_title"] = context["title"]
    form = context["form"]
    return page(request, "dialog_page.html", context, part, 422 if form.is_bound and form.errors else 200)


@require_POST
@visible(Task, work=True)
def completions(request, task):
    """The task is done; ten seconds to think again."""
    verbs.finish(task, request.user, request.POST.get("result", "").replace("\x00", "")[:10_000])
    back = reverse("activities:reopenings", args=[task.pk])
    return changed(request, task.card, toast=toast(_("Done: %(title)s") % {"title": task.title}, undo=back))


@require_POST
@visible(Task, work=True)
def reopenings(request, task):
    """Take «done» back."""
    verbs.reopen(task, request.user)
    return changed(request, task.card)


@require_http_methods(["GET", "POST"])
@visible(Task, work=True)
def dates(request, task):
    """Move an open task to another time."""
    form = DateForm(request.POST or None, initial={"due_at": task.due_at})
    if request.method == "POST" and form.is_valid():
        verbs.reschedule(task, form.cleaned_data["due_at"], request.user)
        return changed(request, task.card)
    context = {
        "form": form, "title": _("Another time"), "subtitle": task.title, "submit": _("Move"),
        "action": reverse("activities:dates", args=[task.pk]),
    }  # fmt: skip
    return dialog(request, context)


@require_POST
def checks(request, pk):
    """Tick a line of a checklist, or take the tick back."""
    seen = Task.objects.workable_by(request.user)
    item = CheckItem.objects.filter(pk=pk, task__in=seen).select_related("task__card").first() if pk < 2**63 else None
    if item is None:
        raise Http404
    verbs.tick(item, bool(request.POST.get("done")))
    return changed(request, item.task.card)

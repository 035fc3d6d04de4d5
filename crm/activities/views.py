"""Activities over HTTP: planned, looked at, changed, talked about, and the lines of a checklist."""

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.cards import steps
from crm.cards.access import may_work
from crm.cards.models import Card
from crm.office.calendar import deadline
from crm.web import form_key, go, nothing, page, toast, visible

from . import verbs
from .forms import CommentForm, ContactForm, TaskForm
from .models import CheckItem, Task
from .next_step import lacks_step


def changed(request, card, **says):
    """The card has changed: its page hears of it, a browser without scripts is sent back to it."""
    if request.headers.get("HX-Request"):
        return nothing(**{"card-changed": {"id": card.pk}, **says})
    return go(request, card.get_absolute_url())


def posted(request):
    """What a form is bound to: what was sent, even when that is nothing, or None while it is only asked for."""
    return request.POST if request.method == "POST" else None


def dialog(request, context, says=None):
    """A form in a dialog or on a page of its own; 422 when it came back with errors."""
    part = context.setdefault("part", "activities/_form.html")
    context |= {"page_title": context["title"], "step_words": steps.say}
    form = context["form"]
    return page(request, "dialog_page.html", context, part, 422 if form.is_bound and form.errors else 200, says)


def step_dialog(request, card, form=None, subtitle=None, says=None):
    """The card's next step: what is planned, another one to plan, a contact to log (R-251, R-253)."""
    context = {
        "title": _("Next step"), "subtitle": subtitle or card.title, "part": "activities/_step.html", "card": card,
        "form": form or TaskForm(card=card, user=request.user),
        "next_task": card.tasks.open().exclude(due_at=None).select_related("owner").first() if form is None else None,
    }  # fmt: skip
    return dialog(request, context, says)


@require_http_methods(["GET", "POST"])
@visible(Card, work=True)
def tasks(request, card):
    """Plan an activity of the card (R-250); the composer sends one line of text alone."""
    if request.method == "GET":
        return step_dialog(request, card)
    if "title" not in request.POST:
        return _from_composer(request, card)
    form = TaskForm(request.POST, card=card, user=request.user)
    if not form.is_valid():
        return step_dialog(request, card, form)
    task = verbs.add(card, request.user, key=form.cleaned_data["key"], **form.answer)
    return changed(request, card, toast=toast(_("Planned: %(title)s") % {"title": task.title}))


def _from_composer(request, card):
    title, _newline, text = request.POST.get("text", "").replace("\x00", "").strip().partition("\n")
    if not title:
        return nothing(422, toast=toast(_("Say what has to be done."), error=True))
    soon = deadline(timezone.now(), 1)
    verbs.add(
        card, request.user, key=form_key(request), title=title[:300], text=text[:10_000], due_at=soon, all_day=True,
        owner=request.user,
    )  # fmt: skip
    return changed(request, card)


@require_POST
@visible(Card, work=True)
def contacts(request, card):
    """Log a contact that took place, or a note, and offer the next step where there is none (R-251, R-253)."""
    form = ContactForm(request.POST)
    if not form.is_valid():
        return nothing(422, toast=toast(next(iter(form.errors.values()))[0], error=True))
    kind, text = form.cleaned_data["kind"], form.cleaned_data["text"]
    verbs.log(card, request.user, kind, text, form_key(request))
    card.refresh_from_db()
    said = {"card-changed": {"id": card.pk}, "toast": toast(_("Logged in the card"))}
    if request.headers.get("HX-Request") and lacks_step(card):
        return step_dialog(request, card, subtitle=_("Logged. What is next for «%(title)s»?") % {"title": card.title},
                           says=said)  # fmt: skip
    return changed(request, card, **said)


@require_safe
@visible(Task)
def task(request, task):
    """All of one activity: what, when, who, the checklist and what was said about it."""
    context = {
        "title": task.title, "task": task, "form": CommentForm(), "part": "activities/_task.html",
        "works": Task.objects.workable_by(request.user).filter(pk=task.pk).exists(),
        "plans": may_work(request.user, task.card),
        "asks_me": task.owner_id == request.user.pk and getattr(task, "question", None) is not None,
        "comments": task.comments.select_related("author"), "people": task.participants.all(),
        "state_name": verbs.state_name(task),
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@visible(Task, work=True)
def edit(request, task):
    """Change an open activity."""
    with transaction.atomic():
        if request.method == "POST":
            _card, task = verbs.held(task, request.user)
        form = TaskForm(posted(request), instance=task, card=task.card, user=request.user)
        if request.method == "POST" and form.is_valid():
            if task.is_open:
                verbs.edit(task, request.user, **form.answer)
                return changed(request, task.card)
            form.add_error(None, _("This activity is closed already. What you typed is kept: log it in the card."))
    context = {
        "form": form, "title": _("Change the activity"), "subtitle": task.card.title, "submit": _("Save"),
        "action": reverse("activities:edit", args=[task.pk]), "part": "activities/_edit.html",
    }  # fmt: skip
    return dialog(request, context)


@require_POST
@visible(Task)
def comments(request, task):
    """Say something about an activity: whoever sees its card may."""
    form = CommentForm(request.POST)
    if not form.is_valid():
        return nothing(422, toast=toast(next(iter(form.errors.values()))[0], error=True))
    verbs.comment(task, form.cleaned_data["text"], request.user, form_key(request))
    if not request.headers.get("HX-Request"):
        return go(request, reverse("activities:task", args=[task.pk]))
    context = {"comments": task.comments.select_related("author"), "task": task, "form": CommentForm()}
    return page(request, "activities/_comments.html", context)


@require_POST
def checks(request, pk):
    """Tick a line of a checklist, or take the tick back."""
    seen = Task.objects.workable_by(request.user)
    item = CheckItem.objects.filter(pk=pk, task__in=seen).select_related("task__card").first() if pk < 2**63 else None
    if item is None:
        raise Http404
    verbs.tick(item, bool(request.POST.get("done")))
    return changed(request, item.task.card)

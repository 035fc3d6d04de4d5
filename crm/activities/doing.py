"""Doing activities over HTTP: done with the next step at hand, taken back, called off, moved to another time."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.cards import steps
from crm.cards.access import may_work
from crm.cards.models import Card
from crm.jinja import day, when
from crm.office.models import office
from crm.web import form_key, toast, visible

from . import verbs
from .forms import DateForm, DoneForm, TaskForm
from .models import Task
from .next_step import lacks_step, owes_step
from .repeats import moment_on
from .views import changed, dialog, posted, step_dialog
from .when import moment


def is_last(task):
    """Whether nothing would be planned on the card once this is done (R-253)."""
    others = task.card.tasks.open().exclude(pk=task.pk).exclude(due_at=None)
    return owes_step(task.card) and not task.repeat and not others.exists()


def asked_how(request, task, form):
    """The dialog of what came of the activity, and of what is next when it is the last."""
    context = {
        "form": form, "title": _("Done"), "subtitle": task.title, "part": "activities/_done.html", "task": task,
        "last": is_last(task) and may_work(request.user, task.card),
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@visible(Task, work=True)
def completions(request, task):
    """The activity is done; ten seconds to think again, and the next step at hand when it was the last (R-253)."""
    user, card = request.user, task.card
    form = DoneForm(posted(request), initial={"touched": task.meets_client})
    valid = request.method == "POST" and form.is_valid()
    if not valid:
        return asked_how(request, task, form)
    answer = form.cleaned_data
    touched = answer["touched"] and task.meets_client
    then = form.step and {"owner": task.owner or card.owner or user, "key": form_key(request), **form.step}
    done = verbs.finish(task, user, answer["result"], touched, then)
    if (answer["result"] or then) and (done.done_by_id, done.result) != (user.pk, answer["result"]):
        form.add_error(None, _("This activity is closed already. What you typed is kept: log it in the card."))
        return asked_how(request, task, form)
    # A contact has moved the card on and told others of it: there is no way back from that.
    back = None if touched or then else reverse("activities:reopenings", args=[task.pk])
    said = {"toast": toast(_("Done: %(title)s") % {"title": task.title}, undo=back)}
    card.refresh_from_db()
    htmx = request.headers.get("HX-Request")
    if htmx and not request.POST.get("answering") and lacks_step(card) and may_work(user, card):
        said["card-changed"] = {"id": card.pk}
        return step_dialog(request, card, subtitle=_("Done. What is next for «%(title)s»?") % {"title": card.title},
                           says=said)  # fmt: skip
    return changed(request, card, **said)


@require_POST
@visible(Task, work=True)
def reopenings(request, task):
    """Take «done» or «called off» back."""
    verbs.reopen(task, request.user)
    return changed(request, task.card)


@require_POST
@visible(Task, work=True)
def cancellations(request, task):
    """Call an activity off."""
    verbs.cancel(task, request.user)
    back = reverse("activities:reopenings", args=[task.pk])
    return changed(request, task.card, toast=toast(_("Called off: %(title)s") % {"title": task.title}, undo=back))


@require_http_methods(["GET", "POST"])
@visible(Task, work=True)
def dates(request, task):
    """Move an open activity to another time, from its dialog or by a drag in a calendar."""
    form = DateForm(posted(request), task=task)
    if request.method == "POST" and form.is_valid():
        answer = form.cleaned_data
        moved_task = verbs.reschedule(
            task,
            answer["due_at"],
            request.user,
            answer["all_day"],
            answer["duration"],
            series=answer.get("series", False),
        )
        return moved(request, moved_task, task.due_at, answer.get("series"))
    context = {
        "form": form, "title": _("Another time"), "subtitle": task.title, "submit": _("Move"),
        "action": reverse("activities:dates", args=[task.pk]), "part": "activities/_dates.html",
    }  # fmt: skip
    return dialog(request, context)


def moved(request, task, was, series=False):
    """The activity has been moved: where to, and ten seconds to think again; a whole series stays where it was put."""
    if task.due_at == was:
        return changed(request, task.card)
    words = _("Moved to %(day)s") if task.due_at else _("Left without a date")
    at = task.due_at and (day(task.due_at) if task.all_day else when(task.due_at))
    text = f"{words % {'day': at}}: {task.title}"
    return changed(request, task.card, toast=toast(text) if series else moved_to(task, text))


def moved_to(task, text):
    """The payload of a toast by which the activity may be put back, as long as the company lets moves be undone (C-6)."""
    seconds = office().undo_seconds
    return toast(text, undo=reverse("activities:returns", args=[task.pk]) if seconds else None, seconds=seconds or None)


@require_POST
@visible(Task, work=True)
def returns(request, task):
    """Put an activity back where it was before one's own last move."""
    if not verbs.put_back(task, request.user):
        return refused(_("It has been changed since."))
    return changed(request, task.card, toast=toast(_("Undone")))


def put(request, task):
    """Put an activity where it was dropped in «Сроки» (R-024); 409 with why not."""
    to, now = request.POST.get("to", ""), timezone.now()
    if to == steps.NONE:
        now_at = verbs.reschedule(task, None, request.user)
    elif to in steps.SPANS and to != steps.LATE:
        date = steps.day_in(to, now)
        if date is None:
            return refused(_("No working day of that week is left."))
        at = moment_on(task, date)
        late = at <= now
        now_at = verbs.reschedule(task, moment(date, None, now) if late else at, request.user, True if late else None)
    else:
        return refused(_("Nothing can be planned for the past."))
    return moved(request, now_at, task.due_at)


def refused(text):
    return HttpResponse(str(text), status=409, content_type="text/plain; charset=utf-8")


@require_POST
@visible(Task, work=True)
def spans(request, task):
    """An activity dropped into a span of «Сроки»."""
    return put(request, task)


@require_POST
@visible(Card, work=True)
def steps_(request, card):
    """A card dropped into a span of «Сроки»: its next step moves there, or is planned when there is none (R-024)."""
    task = card.tasks.workable_by(request.user).open().exclude(due_at=None).first()
    if task is not None:
        return put(request, task)
    to, now = request.POST.get("to", ""), timezone.now()
    date = steps.day_in(to, now) if to in steps.SPANS and to not in (steps.LATE, steps.NONE) else None
    if date is None:
        return refused(_("Nothing can be planned for the past."))
    form = TaskForm(card=card, user=request.user, initial={"day": date})
    answer = step_dialog(request, card, form)
    answer.status_code = 422
    return answer

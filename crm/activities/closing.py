"""What becomes of the tasks still open when their card is closed: asked in the move, done in the same transaction (C-19)."""

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.cards.access import viewers
from crm.cards.models import Card
from crm.pipelines.declare import of
from crm.pipelines.forms import on_ask
from crm.pipelines.moves import on_hold
from crm.pipelines.robots import on_enter
from crm.pipelines.undo import on_undo
from crm.web import number

from .models import Task
from .next_step import refresh_next_step
from .ruled import tell_closed

CLOSE, KEEP = "close", "keep"

_settled = set()


def settled_by_rule(rule):
    """Register a rule whose tasks their own robot closes with the card, so that nobody is asked about them."""
    _settled.add(rule)


def left_open(card):
    """Open tasks of the card that the move itself does not close."""
    return Task.objects.filter(card_id=card.pk, closes_on_leave=False).exclude(rule__in=_settled).open()


def linked(card):
    """Cards that this one led to or came from, each once."""
    return Card.objects.filter(Q(backlinks__source_id=card.pk) | Q(links__target_id=card.pk)).distinct()


@on_ask
def ask_about_tasks(card, step, user):
    """One question when the card closes with open tasks; people's own may go on with an open linked card."""
    if of(card).stages[step.to].is_open:
        return {}
    own = list(left_open(card).values_list("rule", flat=True))
    if not own:
        return {}
    choices = [(CLOSE, _("Close them: nothing more is to be done")), (KEEP, _("Keep them open"))]
    if "" in own:
        near = linked(card).workable_by(user).open().order_by("pk")[:5]
        choices += [(str(c.pk), _("Move people's own tasks to «%(title)s»") % {"title": c.title}) for c in near]
    label = ngettext("%(n)s task is still open", "%(n)s tasks are still open", len(own)) % {"n": len(own)}
    return {"open_tasks": forms.ChoiceField(label=label, choices=choices, initial=CLOSE, widget=forms.RadioSelect)}


@on_hold
def where_tasks_go(card, to, answers):
    """The linked card that people's own tasks move to, if that was answered."""
    goal = number(answers.get("open_tasks"))
    return linked(card).filter(pk=goal).values_list("pk", flat=True) if goal else ()


@on_enter("*", "*")
def settle_open_tasks(card, event):
    """Close, keep or move what was left open, as answered; a move by the system keeps people's tasks (G4)."""
    answer = event.asked.get("open_tasks", KEEP)
    if answer == KEEP:
        return
    if answer != CLOSE:
        near = Card.objects.get(pk=answer)  # locked with the card itself
        moved = list(left_open(card).filter(rule="").values_list("pk", flat=True))
        Task.objects.filter(pk__in=moved).update(card=near)
        Task.objects.filter(pk__in=moved).exclude(owner_id__in=viewers(near)).update(owner_id=near.owner_id)
        refresh_next_step(near.pk)
        event.data["tasks_moved"] = {"to": near.pk, "tasks": moved}
    closed = dict(left_open(card).values_list("pk", "title"))
    Task.objects.filter(pk__in=closed).update(state=Task.State.CANCELLED, done_at=timezone.now(), done_by=event.actor)
    tell_closed(event, closed, "called_off")
    refresh_next_step(card.pk)


@on_undo
def bring_tasks_back(card, event):
    moved = event.data.get("tasks_moved")
    if moved:
        Task.objects.filter(pk__in=moved["tasks"], card_id=moved["to"]).update(card_id=card.pk)
        refresh_next_step(moved["to"])
        refresh_next_step(card.pk)

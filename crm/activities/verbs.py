"""What is done with tasks: planned by a robot or a person, ticked off, done, closed by rule, moved to another day."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.cards.access import viewers
from crm.cards.models import Card, Event
from crm.cards.verbs import lock, once, record
from crm.office.calendar import deadline
from crm.office.catalogues import template as task_template
from crm.sockets import hint_card

from .models import CheckItem, Task


def refresh_next_step(card_id):
    """Mirror the card's earliest open task on the card itself, in one statement (R-253)."""
    first = Task.objects.filter(card=OuterRef("pk")).open().order_by("due_at", "id")
    Card.objects.filter(pk=card_id).update(
        next_step_at=Subquery(first.values("due_at")[:1]),
        next_step=Coalesce(Subquery(first.values("title")[:1]), Value("")),
    )


def plan(card, event, rule, *, owner=None, title=None, due_at=None, participants=(), closes_on_leave=False, text=""):
    """A robot's task from the template ``rule``: once per stage entry, due by the working calendar (G2, G7).

    ``due_at`` overrides the template's working days; ``participants`` are user ids who follow it.
    """
    template = task_template(rule)
    task = Task.objects.create(
        card_id=card.pk,
        title=title or template.titled(),
        text=text,
        owner_id=owner.pk if owner else card.owner_id,
        due_at=due_at or deadline(timezone.now(), template.days),
        rule=rule,
        entry=card.entry,
        closes_on_leave=closes_on_leave,
    )
    CheckItem.objects.bulk_create(
        [CheckItem(task=task, text=line, position=n) for n, line in enumerate(template.checklist)]
    )
    follow(task, participants)
    event.made(task)
    refresh_next_step(card.pk)
    return task


def follow(task, people):
    """Add those who follow the task, in one statement; ``people`` are user ids."""
    through = Task.participants.through
    through.objects.bulk_create(
        [through(task_id=task.pk, user_id=pk) for pk in dict.fromkeys(people)], ignore_conflicts=True
    )


@transaction.atomic
def add(card, by, *, key=None, participants=(), checklist=(), **fields):
    """A task a person sets for the card; the same ``key`` sets it once."""
    card = lock(card, by, key)
    if card.sent_before:
        return Task.objects.filter(pk=once(key).data.get("task")).first()
    if not card.works:
        raise PermissionDenied
    fields.setdefault("owner", card.owner or by)
    task = Task.objects.create(card_id=card.pk, author=by, entry=card.entry, **fields)
    CheckItem.objects.bulk_create([CheckItem(task=task, text=t, position=n) for n, t in enumerate(checklist)])
    follow(task, [p.pk for p in participants])
    record(card, Event.Kind.TASK, by, key, task=task.pk, title=task.title, due=task.due_at)
    refresh_next_step(card.pk)
    hint_card(card, viewers(card))
    return task


@transaction.atomic
def finish(task, by, result=""):
    """Tick the task off as done by a person; a task that is no longer open stays as it is."""
    card = lock(task.card)
    task = Task.objects.select_for_update().get(pk=task.pk)
    if not task.is_open:
        return task
    task.state, task.done_at, task.done_by, task.result = Task.State.DONE, timezone.now(), by, result
    task.save(update_fields=["state", "done_at", "done_by", "result"])
    record(card, Event.Kind.TASK_DONE, by, task=task.pk, title=task.title, result=result)
    refresh_next_step(card.pk)
    hint_card(card, viewers(card))
    return task


@transaction.atomic
def reopen(task, by):
    """Take «done» back."""
    card = lock(task.card)
    task = Task.objects.select_for_update().get(pk=task.pk)
    if task.state != Task.State.DONE:
        return task
    task.state, task.done_at, task.done_by = Task.State.OPEN, None, None
    task.save(update_fields=["state", "done_at", "done_by"])
    record(card, Event.Kind.TASK, by, task=task.pk, title=task.title, reopened=True)
    refresh_next_step(card.pk)
    hint_card(card, viewers(card))
    return task


@transaction.atomic
def reschedule(task, due_at, by):
    """Move the task to another time (aware)."""
    card = lock(task.card)
    Task.objects.filter(pk=task.pk).open().update(due_at=due_at)
    record(card, Event.Kind.TASK, by, task=task.pk, title=task.title, due=due_at, was=task.due_at)
    refresh_next_step(card.pk)
    hint_card(card, viewers(card))


@transaction.atomic
def tick(item, done):
    """Tick a checklist line, or take the tick back."""
    CheckItem.objects.filter(pk=item.pk).update(done=done)


def close(card, event, **which):
    """Close the robot's open tasks of this card as «Завершена автоматически» by the system (G4)."""
    closed = list(
        Task.objects.filter(card_id=card.pk, author=None, **which).exclude(rule="").open().values_list("pk", flat=True)
    )
    if not closed:
        return
    Task.objects.filter(pk__in=closed).update(state=Task.State.AUTO, done_at=timezone.now())
    event.data.setdefault("closed", []).extend(closed)
    refresh_next_step(card.pk)


def unfinished_checks(card):
    """How many checklist lines of the card's open tasks are not ticked yet: a hint at the next move (R-242)."""
    return CheckItem.objects.filter(task__card_id=card.pk, task__state=Task.State.OPEN, done=False).count()


def state_name(task):
    """The words under a task that is no longer open."""
    if task.state == Task.State.AUTO:
        return _("Completed automatically")
    return task.get_state_display()

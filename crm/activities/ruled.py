"""What the processes' rules do with tasks: plan them from templates, and close what they planned (G2, G4, G7)."""

from django.utils import timezone

from crm.office.calendar import deadline
from crm.office.catalogues import template as task_template

from .models import CheckItem, Task
from .next_step import refresh_next_step
from .verbs import follow


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
        all_day=True,
    )
    CheckItem.objects.bulk_create(
        [CheckItem(task=task, text=line, position=n) for n, line in enumerate(template.checklist)]
    )
    follow(task, participants)
    event.made(task, **({"to": owner.name} if owner else {}))
    refresh_next_step(card.pk)
    return task


def close(card, event, **which):
    """Close the robot's open tasks of this card as «Завершена автоматически» by the system (G4)."""
    closed = dict(
        Task.objects.filter(card_id=card.pk, author=None, **which).exclude(rule="").open().values_list("pk", "title")
    )
    if not closed:
        return
    Task.objects.filter(pk__in=closed).update(state=Task.State.AUTO, done_at=timezone.now())
    tell_closed(event, closed, "completed")
    refresh_next_step(card.pk)


def tell_closed(event, tasks, how):
    """Remember in the move's event which tasks it closed, {id: title}: ids for undo, titles for the feed (G4, R-508)."""
    event.data.setdefault("closed", []).extend(tasks)
    event.data.setdefault(how, []).extend(tasks.values())


def unfinished_checks(card):
    """How many checklist lines of the card's open tasks are not ticked yet: a hint at the next move (R-242)."""
    return CheckItem.objects.filter(task__card_id=card.pk, task__state=Task.State.OPEN, done=False).count()

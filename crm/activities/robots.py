"""A stage's own tasks close when the card leaves it, and undo opens them again."""

from django.utils.translation import gettext as _

from crm.pipelines.moves import Refused, on_undo
from crm.pipelines.robots import on_leave

from .models import Task
from .verbs import close, refresh_next_step


@on_leave("*")
def close_stage_tasks(card, event):
    close(card, event, closes_on_leave=True)


@on_undo
def take_tasks_back(card, event):
    """Delete tasks this move made and open the ones it closed; a task somebody worked on stops the undo."""
    made = [m["pk"] for m in event.data.get("made", []) if m["model"] == "activities.task"]
    tasks = Task.objects.filter(pk__in=made)
    if tasks.exclude(state=Task.State.OPEN).exists() or tasks.filter(checks__done=True).exists():
        raise Refused(_("A task of this stage is already being worked on."))
    tasks.delete()
    Task.objects.filter(pk__in=event.data.get("closed", [])).update(state=Task.State.OPEN, done_at=None)
    refresh_next_step(card.pk)

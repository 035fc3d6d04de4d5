"""A stage's own tasks close when the card leaves it, and undo opens them again; tasks follow their card to its new owner."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from crm.cards.access import on_access, viewers
from crm.pipelines.moves import Refused
from crm.pipelines.robots import on_leave
from crm.pipelines.undo import on_undo

from .models import Task
from .next_step import refresh_next_step
from .ruled import close


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
    Task.objects.filter(pk__in=event.data.get("closed", [])).update(state=Task.State.OPEN, done_at=None, done_by=None)
    refresh_next_step(card.pk)


@on_access
def hand_tasks_over(card, user, sees, works):
    """Open tasks follow the card: to its responsible person from one who no longer sees it, and from nobody (G6)."""
    if card.owner_id is None or (sees and user.pk != card.owner_id) or (not sees and user.pk in viewers(card)):
        return
    left = Task.objects.filter(card_id=card.pk, owner=None if sees else user).open()
    twin = Task.objects.filter(card_id=card.pk, rule=OuterRef("rule"), entry=OuterRef("entry"), owner_id=card.owner_id)
    left.exclude(~Q(rule="") & Exists(twin)).update(owner_id=card.owner_id)

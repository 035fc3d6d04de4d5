"""The next step of a card: mirrored on the card itself, owed by every open card that does not go on by itself (R-253)."""

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from crm.cards.access import EXPENSES
from crm.cards.models import Card
from crm.pipelines.declare import of

from .models import Task


def refresh_next_step(card_id):
    """Mirror the card's earliest open task with a date on the card itself, in one statement (R-253)."""
    first = Task.objects.filter(card=OuterRef("pk")).open().exclude(due_at=None).order_by("due_at", "id")
    Card.objects.filter(pk=card_id).update(
        next_step_at=Subquery(first.values("due_at")[:1]),
        next_step=Coalesce(Subquery(first.values("title")[:1]), Value("")),
    )


def lacks_step(card):
    """Whether somebody should now say what is next: an open card without a planned activity (R-253)."""
    return owes_step(card) and not card.tasks.open().exclude(due_at=None).exists()


def owes_step(card):
    """Whether something should always be planned for the card: it is open and does not go on by itself (R-114, R-253)."""
    return card.is_open and card.pipeline != EXPENSES and not of(card).stages[card.stage].leaves

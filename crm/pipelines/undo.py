"""DOOR 2, the way back: the last move of a card is taken back within ten seconds, with all that it made (C-6)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.cards.access import dismiss, grant_many, viewers
from crm.cards.models import KINDS, Card, CardLink, Event
from crm.cards.verbs import lock, record, store
from crm.office.models import office
from crm.sockets import hint_card

from .declare import of
from .moves import Refused, hold, last_move, said

# Beyond the ten seconds people see, for the way there and back.
GRACE = timedelta(seconds=5)
_takes_back, _tidies = [], []


def on_undo(func):
    """Register ``func(card, event)`` that takes back what robots did in the move; it may raise Refused."""
    _takes_back.append(func)
    return func


def on_undone(func):
    """Register ``func(card, event)``, run when the card stands as before and what the move made is gone."""
    _tidies.append(func)
    return func


def undo_until(event):
    """Until when (aware) the move can be taken back."""
    return event.at + timedelta(seconds=office().undo_seconds)


@transaction.atomic
def undo(event, by):
    """Take the last move back within ten seconds, with everything its robots made and nobody has touched (C-6).

    What somebody has changed on the card since then stays as they left it.
    Raises Refused when it is too late, not one's own, or when something it made is already in use.
    """
    hold(event.card, event.data["to"], event.data.get("asked"))
    card = lock(event.card)
    move = last_move(card)
    if move is None or move.pk != event.pk or move.entry != card.entry or move.actor_id != by.pk:
        raise Refused(_("This is no longer the last move of the card."))
    step = of(card).steps[move.data["step"]]
    if not step.undoable or timezone.now() > undo_until(move) + GRACE:
        raise Refused(_("It is too late to undo this."))
    for take_back in _takes_back:
        take_back(card, move)
    for made in move.data.get("made", []):
        if made["model"] in {kind._meta.label_lower for kind in KINDS.values()}:
            _remove_untouched(made["pk"])
    CardLink.objects.filter(pk__in=move.data.get("links", [])).delete()
    later = _changed_since(card, move)
    before = {name: value for name, value in move.data["restore"].items() if name not in later}
    saw = viewers(card)
    if "owner" in before and card.owner is not None and card.owner_id not in (before["owner"], card.author_id):
        dismiss(card, card.owner)
        given, *had = move.data.get("had") or [None]
        grant_many(card, [(given, name) for name in had])
    for name, value in before.items():
        field = card._meta.get_field(name)
        setattr(card, field.attname, field.to_python(value))
    # The one place that sets a stage without a step: back to where the step came from.
    card.__dict__["stage"] = move.data["from"]
    card.stage_since = datetime.fromisoformat(move.data["since"])
    card.closed_at = datetime.fromisoformat(move.data["closed_at"]) if move.data["closed_at"] else None
    card.entry -= 1  # what was asked and set at the former entry stands again
    store(card, ["stage", "stage_since", "entry", "closed_at", *before])
    for tidy in _tidies:
        tidy(card, move)
    undone = record(
        card, Event.Kind.UNDONE, by, move=move.pk, version=card.version, **{"from": move.data["to"], "to": card.stage}
    )
    hint_card(card, {*saw, *viewers(card)}, to=card.stage, actor=by.pk, text=said(card, by))
    return undone


def _changed_since(card, move):
    """Names of the card's fields that somebody has changed after the move."""
    later = card.events.filter(pk__gt=move.pk, kind__in=[Event.Kind.CHANGED, Event.Kind.OWNER])
    return {name for data in later.values_list("data", flat=True) for name in data.get("fields", ["owner"])}


def _remove_untouched(pk):
    made = Card.objects.select_for_update().filter(pk=pk).first()
    if made is None:
        return
    if made.entry > 1 or made.events.exclude(actor=None).exists() or made.message_count > 1:
        raise Refused(_("«%(title)s» is already being worked on.") % {"title": made.title})
    people = viewers(made)
    try:
        made.as_kind().delete()
    except ProtectedError:
        raise Refused(_("«%(title)s» is already being worked on.") % {"title": made.title}) from None
    hint_card(made, people, anew=True)

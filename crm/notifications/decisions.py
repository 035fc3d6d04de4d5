"""Deciding right from a notice: the steps a notice asks for, and a signed link to exactly one decision (R-405, R-514)."""

from collections import defaultdict
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from crm.cards.models import Card
from crm.people.models import User
from crm.pipelines.declare import of
from crm.pipelines.moves import offered

from .notices import KINDS

SALT = "crm.notifications.decision"
VALID = timedelta(days=7)


def steps_of(rows, user):
    """{notice id: (card, its steps)} for notices whose card still waits for this person, the newest notice of each card."""
    asking = {row.card_id: row for row in sorted(rows, key=lambda row: row.at) if row.card_id and KINDS[row.kind].steps}
    found = {}
    for card in workable({card_id: row.card.pipeline for card_id, row in asking.items()}, user):
        row = asking[card.pk]
        can = {step.name: step for step in offered(card, user)}
        if steps := [can[name] for name in KINDS[row.kind].steps if name in can]:
            found[row.pk] = (card, steps)
    return found


def workable(cards, user):
    """The cards {id: pipeline} as their own kind, those alone that the person may work on now."""
    kinds = defaultdict(list)
    for pk, pipeline in cards.items():
        kinds[pipeline].append(pk)
    for pipeline, pks in kinds.items():
        yield from of(pipeline).model.objects.workable_by(user).filter(pk__in=pks)


def link(user, card):
    """The address at which this person decides about the card as it stands now; good for a week and one decision."""
    token = signing.dumps([user.pk, user.epoch, card.pk, card.entry], salt=SALT, compress=True)
    return settings.SITE_URL + reverse("notices_decision", args=[token])


def opened(token):
    """The person and the card, as its own kind, of a link; (None, None) when it is forged, old, or decided meanwhile.

    It ends with the person's sessions: with their password, roles and work here.
    """
    try:
        pk, epoch, card_id, entry = signing.loads(token, salt=SALT, max_age=VALID)
    except (signing.BadSignature, ValueError):
        return None, None
    user = User.objects.active().filter(pk=pk, epoch=epoch).first()
    card = Card.objects.visible_to(user).filter(pk=card_id, entry=entry).first()
    return (user, next(iter(workable({card.pk: card.pipeline}, user)), None)) if card else (None, None)


def decisions(card, user):
    """The steps that notices about such a card ask for and this person may take now."""
    can = {step.name: step for step in offered(card, user)}
    names = dict.fromkeys(name for kind in KINDS.values() for name in kind.steps)
    return [can[name] for name in names if name in can]

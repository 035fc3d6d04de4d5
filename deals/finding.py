"""Deals in forms: found by number, title and client, and told apart (R-302)."""

import re

from django.db.models import Q

from crm.cards.picks import pickable
from crm.pipelines.declare import of

from .models import Deal

NUMBER = re.compile(rf"(?:{Deal.letter}-?)?([0-9]{{1,9}})", re.IGNORECASE)


def told_apart(deal):
    """A deal among others of the same title: by its number and stage."""
    return f"{deal.number} · {deal.title} · {of(deal).stages[deal.stage].label}"


def meant(text):
    """Deals of this very title, and the one of this number."""
    number = NUMBER.fullmatch(text)
    return Q(title__iexact=text) | Q(pk=number and int(number[1]))


pickable("deals", Deal, meant, told_apart)

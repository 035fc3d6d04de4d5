"""Companies and contacts in forms: found by whatever clients are found by, the one of the very name first."""

from django.db.models import Q

from crm.cards.picks import pickable

from .models import Company, Contact


def named(text):
    return Q(name__iexact=text)


pickable("companies", Company, named)
pickable("contacts", Contact, named)

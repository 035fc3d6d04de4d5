"""Choosing one row among thousands in a form: the chosen and the latest are at hand, others are found by words (R-015)."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django import forms
from django.db import models
from django.db.models import Case, Q, Value, When

from crm.web import number

from .words import meeting, worded

# So many latest rows a form holds, and so many are found at once.
AT_HAND = 50
MOST = 20


@dataclass(frozen=True)
class Pickable:
    """Rows that forms let choose among: the name of their address, how one is called, and which is meant exactly."""

    slug: str
    model: type[models.Model]
    label: Callable
    exactly: Callable[[str], Q]

    def rows(self, user):
        """What this person may choose (G9, R-015): forms offer, check and find among these rows alone."""
        return self.model.objects.visible_to(user)

    def found(self, user, texts):
        """Rows that match any reading of what was typed: the one that is meant exactly first, then the newest."""
        meant = reduce(or_, map(self.exactly, texts), Q(pk=None))
        rows = meeting(self.rows(user), [*worded(*texts), meant])
        return rows.order_by(Case(When(meant, then=Value(0)), default=Value(1)), "-pk")[:MOST]


PICKABLE: dict[type[models.Model], Pickable] = {}


def pickable(slug, model, exactly, label=str):
    """Let forms offer a few rows of this model and find the others."""
    PICKABLE[model] = Pickable(slug, model, label, exactly)


def of_slug(slug):
    return next((kind for kind in PICKABLE.values() if kind.slug == slug), None)


def offer_few(field):
    """Let the field draw a few of the rows that it takes, where there may be thousands."""
    kind = PICKABLE.get(field.queryset.model)
    if kind is not None:
        field.label_from_instance = kind.label
        field.widget = Pick(kind.slug, field)


class Pick(forms.Select):
    """A list of the chosen row and the latest ones; ``slug`` says where scripts find the others."""

    def __init__(self, slug, field):
        super().__init__(choices=field.choices)
        self.slug = slug
        self.is_required = field.required

    def optgroups(self, name, value, attrs=None):
        drawn = copy(self)
        drawn.choices = list(self._few(value))
        return forms.Select.optgroups(drawn, name, value, attrs)

    def _few(self, value):
        rows = self.choices.queryset
        chosen = [pk for pk in map(number, value) if pk]
        if self.choices.field.empty_label is not None:
            yield "", self.choices.field.empty_label
        few = [*(rows.filter(pk__in=chosen) if chosen else []), *rows.order_by("-pk")[:AT_HAND]]
        yield from map(self.choices.choice, {row.pk: row for row in few}.values())

"""What narrows a board or a list: mine, a person, a period, a client, a text; the same filter in every view."""

from datetime import timedelta
from functools import reduce
from operator import or_

from django import forms
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.fields import DayFormField
from crm.cards.models import Card
from crm.cards.words import fold
from crm.office.calendar import midnight
from crm.people.models import User
from crm.pipelines.declare import PIPELINES, by_itself


class Filter(forms.Form):
    q = forms.CharField(label=_("Text"), required=False, max_length=200)
    mine = forms.BooleanField(label=_("Only mine"), required=False)
    owner = forms.ModelChoiceField(
        label=_("Responsible"), queryset=User.objects.none(), required=False, empty_label=_("all")
    )
    nobody = forms.BooleanField(label=_("Without a responsible person"), required=False)
    warm = forms.BooleanField(label=_("Warm"), required=False)
    client = forms.CharField(label=_("Client"), required=False, max_length=200)
    since = DayFormField(label=_("Created from"), required=False)
    until = DayFormField(label=_("Created until"), required=False)
    closed = forms.BooleanField(label=_("Closed as well"), required=False)
    step = forms.ChoiceField(
        label=_("Next step"), required=False, choices=[("", _("any")), ("late", _("overdue")), ("none", _("none"))]
    )

    def __init__(self, data, user, closes=False):
        """``closes`` is for views that may show closed cards beside the open ones."""
        super().__init__(data, prefix=None)
        if not closes:
            del self.fields["closed"]
        self.user = user
        if user.is_executive or user.is_accountant:
            self.fields["owner"].queryset = responsible()
        else:
            del self.fields["owner"]
        if not user.may_distribute_leads:
            del self.fields["nobody"]

    @property
    def chosen(self):
        """How many conditions are set; a mistaken one counts as not set."""
        self.is_valid()
        return sum(bool(value) for value in self.cleaned_data.values())

    def narrow(self, cards):
        """The cards let through; a condition that cannot be read is left out, its error stands beside its field."""
        self.is_valid()
        c = self.cleaned_data
        if c.get("closed") is False:
            cards = cards.open()
        if c.get("q"):
            cards = cards.matching(c["q"])
        if c.get("mine"):
            cards = cards.filter(owner=self.user)
        if c.get("owner"):
            cards = cards.filter(owner=c["owner"])
        if c.get("nobody"):
            cards = cards.filter(owner=None)
        if c.get("warm"):
            cards = cards.filter(warm())
        if c.get("client"):
            words = fold(c["client"])
            cards = cards.filter(Q(company__words__icontains=words) | Q(contact__words__icontains=words))
        if c.get("since"):
            cards = cards.filter(created_at__gte=midnight(c["since"]))
        if c.get("until"):
            cards = cards.filter(created_at__lt=midnight(c["until"] + timedelta(days=1)))
        if c.get("step") == "late":
            cards = cards.filter(late())
        elif c.get("step") == "none":
            cards = cards.filter(without_step())
        return cards


def responsible():
    """Whom cards may be looked up by: who can be given one, and who has one still, though they left."""
    people = User.objects.all()
    return (people.assignable() | people.filter(Exists(Card.objects.filter(owner=OuterRef("pk"))))).order_by("name")


def warm():
    """Cards in the stages that their pipelines call warm (R-217)."""
    return reduce(or_, [Q(pipeline=p.slug, stage=p.warm) for p in PIPELINES.values() if p.warm])


def late():
    """Open cards whose next step is overdue."""
    return Q(closed_at=None, next_step_at__lt=timezone.now())


def without_step():
    """Open cards with nothing planned that do not go on by themselves (R-253)."""
    return Q(closed_at=None, next_step_at=None) & ~by_itself()


def waiting(cards):
    """How many of the cards are open, overdue and without a step, in one statement."""
    return cards.filter(closed_at=None).aggregate(
        open=Count("pk"), late=Count("pk", filter=late()), none=Count("pk", filter=without_step())
    )

"""Handing over everything a person has: all their open cards, with chats and activities, in one action (R-501)."""

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from crm.office.stages import processes
from crm.people.models import User
from crm.web import go, page

from .models import Card
from .verbs import hand_over


def left_with(person):
    """How many open cards a person answers for in each pipeline: (its name, count)."""
    rows = Card.objects.filter(owner=person).open().order_by().values_list("pipeline").annotate(Count("pk"))
    counts = dict(rows)
    return [(process.label, counts[slug]) for slug, process in processes.items() if slug in counts]


def hand_all_over(person, to, by):
    """Give every open card of a person to another; returns how many were given.

    Each card is a transaction of its own, so that nobody waits for all of them: begun anew, it goes on with the rest.
    An administrator sees no cards, so it is the system that hands them over.
    """
    given, actor = 0, by if by.is_executive else None
    for card in Card.objects.filter(owner=person).open().order_by("pk"):
        try:
            given += hand_over(card, to, actor, of=person) is not None
        except ObjectDoesNotExist:  # somebody removed it meanwhile
            continue
    return given


class HandoverForm(forms.Form):
    to = forms.ModelChoiceField(
        label=_("Who takes them over"), queryset=User.objects.none(), empty_label=_("not chosen")
    )

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = User.objects.assignable().exclude(pk=person.pk).order_by("name")


@require_http_methods(["GET", "POST"])
def handovers(request, pk):
    """What a person still answers for, and giving all of it to another: for administrators and executives."""
    if not (request.user.is_administrator or request.user.is_executive):
        raise Http404
    person = User.objects.filter(pk=pk).first()
    if person is None:
        raise Http404
    form, told = HandoverForm(person=person), ""
    if request.method == "POST":
        form = HandoverForm(request.POST, person=person)
        if form.is_valid():
            to = form.cleaned_data["to"]
            count = hand_all_over(person, to, request.user)
            told = ngettext("%(name)s: %(count)s card", "%(name)s: %(count)s cards", count)
            told = told % {"name": to, "count": count}
            if not request.headers.get("HX-Request"):
                return go(request, request.path)
    left = left_with(person)
    context = {
        "form": form, "person": person, "left": left, "count": sum(n for _label, n in left), "told": told,
        "part": "cards/_handover.html", "page_title": person.name,
    }  # fmt: skip
    status = 422 if form.is_bound and form.errors else 200
    return page(request, "dialog_page.html", context, "cards/_handover.html", status)

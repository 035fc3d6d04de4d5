"""What people do to any card over HTTP besides moving it: log a contact, note something, hand it over."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.people.models import User
from crm.web import form_key, nothing, page, toast, visible

from . import verbs
from .access import may_hand_over
from .models import Card


class TouchForm(forms.Form):
    KINDS = [("call", _("Call")), ("letter", _("Letter")), ("meeting", _("Meeting")), ("message", _("Message"))]
    kind = forms.ChoiceField(choices=KINDS, initial="call", required=False)
    outbound = forms.BooleanField(required=False)
    text = forms.CharField(max_length=10_000, required=False)


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), max_length=10_000)


def refused(form):
    """The first error of a small form, as a message that loses nothing typed."""
    return nothing(422, toast=toast(next(iter(form.errors.values()))[0], error=True))


@require_POST
@visible(Card, work=True)
def touches(request, card):
    """Log a contact with the client that really happened (R-216, R-251)."""
    form = TouchForm(request.POST)
    if not form.is_valid():
        return refused(form)
    answer = form.cleaned_data
    outbound = answer["outbound"] or "outbound" not in request.POST
    verbs.touch(card, answer["kind"] or "call", request.user, outbound, answer["text"], form_key(request))
    return nothing(**{"card-changed": {"id": card.pk}})


@require_POST
@visible(Card, work=True)
def notes(request, card):
    """Keep a note on the card."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        return refused(form)
    verbs.note(card, form.cleaned_data["text"], request.user, form_key(request))
    return nothing(**{"card-changed": {"id": card.pk}})


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(label=_("Responsible"), queryset=User.objects.none())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.assignable().order_by("name")


@require_http_methods(["GET", "POST"])
@visible(Card, work=True)
def owners(request, card):
    """Give the card to another person (R-104, R-015)."""
    if not may_hand_over(request.user, card):
        raise PermissionDenied
    form = OwnerForm(request.POST or None, initial={"owner": card.owner_id})
    if request.method == "POST" and form.is_valid():
        verbs.hand_over(card, form.cleaned_data["owner"], request.user, form_key(request))
        told = toast(_("Responsible: %(name)s") % {"name": form.cleaned_data["owner"]})
        return nothing(**{"card-changed": {"id": card.pk}, "toast": told})
    context = {"form": form, "card": card, "part": "cards/_owner.html", "page_title": _("Responsible")}
    return page(request, "dialog_page.html", context, "cards/_owner.html", 422 if form.errors else 200)

"""A chat's page and saying something in it; who sees the card sees its chat (R-248)."""

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from crm.web import form_key, go, nothing, page, toast, visible

from . import verbs
from .models import Room

MOST = 200


class MessageForm(forms.Form):
    text = forms.CharField(label=_("Message"), max_length=10_000)


def newest(room):
    """The last messages of the room, oldest first."""
    return list(room.messages.select_related("author").order_by("-seq")[:MOST])[::-1]


def show(request, room, form, status=200):
    context = {"room": room, "card": room.card, "messages": newest(room), "form": form}
    if context["messages"]:
        verbs.read(room, request.user, context["messages"][-1].seq)
    return page(request, "chats/room.html", context, status=status)


@require_safe
@visible(Room)
def room(request, room):
    """The chat of a card; opening it reads it."""
    return show(request, room, MessageForm())


@require_POST
@visible(Room)
def messages(request, room):
    """Say something; the same form sent twice says it once."""
    form = MessageForm(request.POST)
    if not form.is_valid():
        if request.headers.get("HX-Request"):
            return nothing(422, toast=toast(form.errors["text"][0], error=True))
        return show(request, room, form, 422)
    verbs.post(room, form.cleaned_data["text"], request.user, form_key(request))
    if request.headers.get("HX-Request"):
        return nothing(**{"card-changed": {"id": room.card_id}})
    return go(request, reverse("chats:room", args=[room.pk]))

"""A chat over HTTP: its page, its pieces, saying, reading, writing; who sees the card sees its chat (R-248, R-509)."""

import uuid
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.cards.access import who_sees
from crm.cards.models import Card
from crm.office.calendar import company_date, company_zone
from crm.web import form_key, go, nothing, number, page, toast, visible

from . import stream, verbs
from .forms import MessageForm
from .models import Message, Room

# Nobody writes more in a minute; who sends more is a broken page or a prank (B19).
MOST_IN_A_MINUTE = 100


def day_of(request):
    """The date that the address asks for, or None."""
    try:
        return parse_date(request.GET.get("day", ""))
    except ValueError:
        return None


def nearest(room, day, seq):
    """What is shown where nobody said anything on that date, in words."""
    if day is None or (at := room.messages.filter(seq=seq).values_list("at", flat=True).first()) is None:
        return []
    shown = company_date(at)
    if shown == day:
        return []
    text = (
        _("No messages on this date: the next one is shown")
        if shown > day
        else _("No messages from this date on: the last ones are shown")
    )
    return [toast(text)]


def wanted(request, room, day):
    """The piece of the chat that the address asks for: around a message, a date, the first unread one, or the end."""
    seq = number(request.GET.get("at"))
    if day is not None:
        seq = stream.first_of_day(room, datetime.combine(day, datetime.min.time(), company_zone()))
    if seq:
        return stream.around(room, request.user, seq), seq
    found = stream.end_of(room, request.user)
    if found.unread > stream.PAGE:
        return stream.around(room, request.user, found.read + 1), 0
    return found, 0


def show(request, room, form, status=200):
    day = day_of(request)
    found, at = wanted(request, room, day)
    key = form_key(request) or uuid.uuid4()
    context = {
        "room": room, "card": room.card, "talk": found, "lines": found.lines, "form": form, "key": key, "at": at, "jump": day,
        "toasts": nearest(room, day, at),
    }  # fmt: skip
    context["people"] = ", ".join(person.first_name for person in who_sees(room.card)[:6])
    return page(request, "chats/room.html", context, status=status)


@require_safe
@visible(Card)
def of_card(request, card):
    """The card's chat, by the card: boards and lists link to it without looking it up (R-249)."""
    return show(request, get_object_or_404(Room.objects.visible_to(request.user), card=card), MessageForm())


def with_card(rooms, user):
    return rooms.select_related("card")


@require_safe
@visible(Room, bring=with_card)
def room(request, room):
    """The chat of a card; its page says that it was read once the last message is in view."""
    return show(request, room, MessageForm())


@require_http_methods(["GET", "HEAD", "POST"])
@visible(Room, bring=with_card)
def messages(request, room):
    """A piece of the chat that a page lacks, or something said in it; the same form sent twice says it once."""
    return say(request, room) if request.method == "POST" else piece(request, room)


def piece(request, room):
    """Lines ``before`` or ``after`` a number, with what has ``changed`` since, as a fragment."""
    asked, whole = request.GET, "whole" in request.GET
    if (seq := number(asked.get("before"))) is not None:
        found = stream.before(room, request.user, seq, stream.moment(asked.get("until")), whole)
        found.since = 0  # nothing was asked of changes: the page's own mark stands
    else:
        seq, changed = number(asked.get("after"), 0), number(asked.get("changed"))
        since, still = stream.moment(asked.get("since")), "still" in asked
        found = stream.after(room, request.user, seq, since, changed, whole, still)
        found.since = 0 if changed is None else found.since
    return page(request, "chats/_piece.html", {"talk": found, "lines": found.lines})


def say(request, room):
    form = MessageForm(request.POST)
    if not form.is_valid():
        return refused(request, room, form)
    if too_many(request.user):
        form.add_error("text", _("Too many messages in a minute. Wait a little and send again."))
        return refused(request, room, form, 429)
    said = form.cleaned_data
    try:
        verbs.post(room, said["text"], request.user, form_key(request), said["reply"], said["mention"], said["file"])
    except ValidationError as error:
        form.add_error("text", error)
        return refused(request, room, form)
    if request.headers.get("HX-Request"):
        return nothing(**{"card-changed": {"id": room.card_id}})
    return go(request, reverse("chats:room", args=[room.pk]))


def refused(request, room, form, status=422):
    """Why it was not said; what was typed stays."""
    if request.headers.get("HX-Request"):
        return nothing(status, toast=toast(next(iter(form.errors.values()))[0], error=True))
    return show(request, room, form, status)


def too_many(user):
    lately = timezone.now() - timedelta(minutes=1)
    return Message.objects.filter(author=user, at__gte=lately).count() >= MOST_IN_A_MINUTE


@require_POST
@visible(Room)
def readings(request, room):
    """The page has the message of this number in view."""
    seq = number(request.POST.get("seq"))
    if seq is None:
        return nothing(422)
    verbs.mark_read(room, request.user, seq)
    return nothing()


@require_POST
@visible(Room)
def typing(request, room):
    """The person is writing; others see it, nothing is kept."""
    verbs.type_in(room, request.user)
    return nothing()


@require_safe
@visible(Room)
def people(request, room):
    """Whom a message may call: those who see the card, the reader left out (R-119)."""
    found = who_sees(room.card).exclude(pk=request.user.pk).order_by("name")
    return page(request, "chats/_people.html", {"people": found})


@require_POST
@visible(Message)
def edits(request, message):
    """Say one's own message in other words."""
    form = MessageForm(request.POST)
    if not form.is_valid():
        return refused(request, message.room, form)
    try:
        verbs.edit(message, form.cleaned_data["text"], request.user, form.cleaned_data["mention"])
    except ValidationError as error:
        form.add_error("text", error)
        return refused(request, message.room, form)
    return nothing()


@require_POST
@visible(Message)
def deletions(request, message):
    """Take one's own message back; it can be put back for a while."""
    verbs.delete(message, request.user)
    return nothing(toast=toast(_("Message deleted"), undo=reverse("chats:restorations", args=[message.pk])))


@require_POST
@visible(Message)
def restorations(request, message):
    """Put a deleted message back."""
    verbs.restore(message, request.user)
    return nothing()


@require_POST
@visible(Message)
def reactions(request, message):
    """Put a mark on a message, or take one's own off."""
    mark = request.POST.get("mark", "")
    if mark not in message.reactions.model.Mark:
        return nothing(422, toast=toast(_("There is no such mark."), error=True))
    verbs.react(message, request.user, mark, on=request.POST.get("on") != "0")
    return nothing()


@require_safe
@visible(Message)
def wordings(request, message):
    """What the message said before, for executives."""
    if not request.user.is_executive:
        raise Http404
    context = {"message": message, "wordings": message.wordings.order_by("pk"), "part": "chats/_wordings.html"}
    return page(request, "dialog_page.html", context | {"page_title": _("What it said before")}, "chats/_wordings.html")

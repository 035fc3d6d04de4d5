"""Calls over HTTP: what rings for a person, coming in, going out, and the signals between pages (R-120, R-121, R-510)."""

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.cards.models import Card
from crm.web import nothing, page, toast, visible

from . import signals, verbs
from .ice import meeting, servers
from .models import Call, Participant

State = Participant.State


def session_of(request, name="session"):
    """The page that asks, as the uuid it gave itself, or None."""
    try:
        return uuid.UUID(request.POST.get(name, ""))
    except ValueError:
        return None


def nonsense():
    return nothing(422, toast=toast(_("The page is out of date. Reload it and try again."), error=True))


@require_safe
def mine(request):
    """What rings for this person, and which of the cards they see are being talked about."""
    going = Call.objects.visible_to(request.user).open().select_related("by", "card__company", "card__contact")
    ringing, talking = [], []
    for call in going.prefetch_related("participants__user").order_by("pk"):
        people = call.participants.all()
        if any(one.user_id == request.user.pk and one.state == State.RINGING for one in people):
            ringing.append(call)
        if inside := [one.user.first_name for one in people if one.state == State.JOINED]:
            talking.append((call, inside))
    context = {"ringing": ringing, "going": talking}
    return page(request, "calls/_mine.html", context)


def dock(request, call, session):
    """The panel of a call, with all its page needs to find the others."""
    context = {
        "call": call, "card": call.card.as_kind(), "people": people_in(call), "session": session, "meeting": meeting(call.card),
        "ice": [] if meeting(call.card) else servers(request.user),
    }  # fmt: skip
    return page(request, "calls/_dock.html", context)


def people_in(call):
    """Everybody the call concerns: those who talk, in the order they came, then the others."""
    people = list(call.participants.select_related("user"))
    return sorted(people, key=lambda one: (one.state != State.JOINED, one.joined_at or one.at, one.pk))


def enter(request, act):
    session = session_of(request)
    if session is None:
        return nonsense()
    try:
        return dock(request, act(session), session)
    except verbs.Refused as refused:
        return nothing(409, toast=toast(str(refused), error=True))


@require_POST
@visible(Card)
def start(request, card):
    """Call those who see the card, or come into the call that goes on about it."""
    kind = request.POST.get("kind", "")
    if kind not in Call.Kind:
        return nonsense()
    return enter(request, lambda session: verbs.start(card, request.user, kind, session))


@require_POST
@visible(Call)
def joins(request, call):
    """Answer, or come back after a page has changed."""
    return enter(request, lambda session: verbs.join(call, request.user, session))


@require_POST
@visible(Call)
def refusals(request, call):
    """Decline."""
    verbs.decline(call, request.user)
    return nothing()


@require_POST
@visible(Call)
def departures(request, call):
    """Leave."""
    verbs.leave(call, request.user, session=session_of(request))
    return nothing()


@require_POST
@visible(Call)
def beats(request, call):
    """The page is still there; the answer is who else is. 410 when it is not in the call any more."""
    session = session_of(request)
    if session is None:
        return nonsense()
    if not verbs.beat(call, request.user, session):
        call.refresh_from_db()
        here = call.ended_at is None and call.participants.filter(user=request.user, state=State.JOINED).exists()
        why = _("You are in this call on another page.") if here else _("The call is over.")
        return HttpResponse(why, status=410, content_type="text/plain; charset=utf-8")
    return page(request, "calls/_people.html", {"call": call, "people": people_in(call)})


@require_POST
@visible(Call)
def words(request, call):
    """Pass a signal on to another page of the same call."""
    session, to, said = session_of(request), session_of(request, "to"), request.POST.get("words", "")
    if session is None or to is None or not 0 < len(said) <= signals.LONGEST:
        return nonsense()
    signals.send(call, request.user, session, to, said)
    return nothing()

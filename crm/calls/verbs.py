"""What people do with a call: start it, answer or decline it, leave it; who is lost or may see no more is let go.

Rows say who is in; a socket only tells that they changed. Every verb that may run late takes ``now``, an aware moment.
"""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.cards.access import on_access, viewers
from crm.cards.models import Card, Event
from crm.cards.verbs import lock, record
from crm.notifications.notices import notify
from crm.sockets import hint, hint_card

from .models import Call, Participant
from .ringing import ring

State = Participant.State
STAYS = (State.JOINED, State.RINGING)
MOST = 6  # in one mesh each page sends its picture to every other
LOST = timedelta(seconds=12)  # a page that has said nothing for so long is gone; it says so every three seconds
MOST_IN_A_MINUTE = 6  # calls that one person begins: each rings for everybody
ALONE = timedelta(minutes=2)  # nobody talks to themselves for longer


class Refused(Exception):
    """The call cannot be entered; the words say why."""


def _hold(call):
    """The call's row, locked until the transaction ends."""
    return Call.objects.select_for_update(no_key=True, of=("self",)).select_related("card").get(pk=call.pk)


def start(card, user, kind, session, now=None):
    """Call everybody who sees the card, or enter the call that is already going on about it (R-120).

    ``session`` (uuid) names the page that will talk. Whoever talks elsewhere is noted as busy. Raises Refused.
    """
    now = now or timezone.now()
    _go_out(user, now, card=card.pk)
    with transaction.atomic():
        lock(card)
        call = Call.objects.open().filter(card_id=card.pk).first()
        if call is None:
            if Call.objects.filter(by=user, started_at__gt=now - timedelta(minutes=1)).count() >= MOST_IN_A_MINUTE:
                raise Refused(_("Too many calls in a minute. Wait a little."))
            call = Call.objects.create(card_id=card.pk, by=user, kind=kind, started_at=now)
            _ring(call, now)
        return _enter(call, user, session, now)


def _ring(call, now):
    people = [pk for pk in viewers(call.card) if pk != call.by_id]
    talking = set(Participant.objects.filter(user__in=people, state=State.JOINED).values_list("user_id", flat=True))
    Participant.objects.bulk_create(
        [
            Participant(call=call, user_id=pk, at=now, state=State.BUSY if pk in talking else State.RINGING)
            for pk in people
        ]
    )
    ring(call, [pk for pk in people if pk not in talking])
    _missed(call, talking)


def join(call, user, session, now=None):
    """Come in, from the page named ``session``; another page of the same person goes out. Raises Refused."""
    now = now or timezone.now()
    _go_out(user, now, card=call.card_id)
    with transaction.atomic():
        return _enter(call, user, session, now)


def _go_out(user, now, card):
    """Out of every call but this card's, each in a transaction of its own: two calls are never locked at once."""
    elsewhere = Call.objects.open().exclude(card_id=card)
    for call in elsewhere.filter(participants__user=user, participants__state=State.JOINED):
        leave(call, user, now)


def _enter(call, user, session, now):
    call = _hold(call)
    if call.ended_at:
        raise Refused(_("The call is over."))
    mine = call.participants.filter(user=user).first() or Participant(call=call, user=user)
    if mine.state != State.JOINED:
        if call.participants.filter(state=State.JOINED).count() >= MOST:
            raise Refused(_("The call is full: no more than %(most)s people fit.") % {"most": MOST})
        mine.state, mine.at = State.JOINED, now
    mine.joined_at, mine.left_at, mine.session, mine.seen_at = mine.joined_at or now, None, session, now
    try:
        with transaction.atomic():
            mine.save()
    except IntegrityError:  # another page of theirs came into another call at this very moment
        raise Refused(_("You are in another call.")) from None
    tell(call)
    return call


@transaction.atomic
def decline(call, user, now=None):
    """Do not answer: it stops ringing on all of the person's pages, and those in the call see it."""
    call = _hold(call)
    if _change(call, State.DECLINED, now or timezone.now(), user=user, state=State.RINGING):
        tell(call)
    return call


@transaction.atomic
def leave(call, user, now=None, session=None):
    """Go out; whoever goes last ends the call. A page that talks no more (another ``session``) ends nothing."""
    call, now = _hold(call), now or timezone.now()
    mine = {"session": session} if session else {}
    if _change(call, State.LEFT, now, user=user, state=State.JOINED, **mine):
        _settle(call, now)
        tell(call)
    return call


@transaction.atomic
def keep(call, now=None):
    """Look at an open call once more: who is lost, who may not see the card any more, who has not answered in time."""
    call, now = _hold(call), now or timezone.now()
    if call.ended_at:
        return call
    seen = viewers(call.card)
    gone = _change(call, State.LEFT, now, state=State.JOINED, seen_at__lt=now - LOST)
    shut = list(call.participants.filter(state__in=STAYS).exclude(user__in=seen).values_list("user_id", flat=True))
    gone += _shut(call, shut, now)
    late = now - timedelta(seconds=settings.CALL_RING_SECONDS)
    gone += _give_up(call, now, at__lte=late)
    gone += _settle(call, now)
    if gone:
        tell(call, *shut)
    return call


def keep_calls(now=None):
    """Look at every open call; beat does, in case no page is left that would (B20)."""
    for call in Call.objects.open():
        keep(call, now)


def beat(call, user, session, now=None):
    """The page named ``session`` is still in the call; says whether it may stay. Looks at the others too."""
    now = now or timezone.now()
    mine = Participant.objects.filter(call=call, user=user, state=State.JOINED, session=session)
    return bool(mine.update(seen_at=now)) and keep(call, now).ended_at is None


def _change(call, becomes, now, /, **which):
    return call.participants.filter(**which).update(state=becomes, at=now, left_at=now)


def _shut(call, people, now):
    """Who may see the card no more is out, and is told nothing of it."""
    called = _change(call, State.MISSED, now, state=State.RINGING, user__in=people)
    return called + _change(call, State.LEFT, now, state=State.JOINED, user__in=people)


def _give_up(call, now, **which):
    """Who was called and did not come has missed it, and hears what it was about (R-121)."""
    missed = list(call.participants.filter(state=State.RINGING, **which).values_list("user_id", flat=True))
    _change(call, State.MISSED, now, state=State.RINGING, user__in=missed)
    _missed(call, missed)
    return len(missed)


def _missed(call, people):
    if people:
        notify(sorted(people), call.card, "missed-call", wait=False, slot=f"call:{call.pk}", who=str(call.by))


def _settle(call, now):
    """End the call when nobody is in it, or one person has waited alone for too long; says whether it did."""
    states = list(call.participants.values_list("state", "at"))
    inside = sum(state == State.JOINED for state, _at in states)
    ringing = any(state == State.RINGING for state, _at in states)
    waits = inside and (inside > 1 or ringing or max(at for _state, at in states) > now - ALONE)
    if waits:
        return 0
    _give_up(call, now)
    _change(call, State.LEFT, now, state=State.JOINED)
    call.ended_at = now
    call.save(update_fields=["ended_at"])
    _remember(call)
    return 1


def _remember(call):
    """What stands in the card's feed: who talked for how long; of the client it is no contact (R-216)."""
    came = list(call.participants.exclude(joined_at=None).select_related("user").order_by("joined_at", "pk"))
    names = [one.user.name for one in came]
    together = _together(came)
    record(call.card, Event.Kind.CALL, call.by, kind=call.kind, people=names, seconds=together, call=call.pk)
    hint_card(call.card, viewers(call.card), anew=True)


def _together(came):
    """Whole seconds from the moment the second person came to the moment the last but one left; 0 of one alone."""
    if len(came) < 2:
        return 0
    begun = sorted(one.joined_at for one in came)[1]
    ended = sorted(one.left_at for one in came)[-2]
    return max(0, round((ended - begun).total_seconds()))


def tell(call, *also):
    """Hint to all who see the card, and to ``also`` (ids), that the call changed; each asks what it is to them."""
    hint({*viewers(call.card), *also}, {"type": "call", "call": call.pk, "card": call.card_id})


@on_access
@transaction.atomic
def _follow(card, user, sees, works):
    """Whose access is taken back is out of the call at once (B20)."""
    call = None if sees else Call.objects.open().filter(card_id=card.pk).first()
    if call is None or Card.objects.visible_to(user).filter(pk=card.pk).exists():
        return
    call, now = _hold(call), timezone.now()
    if call.ended_at is None and _shut(call, [user.pk], now):
        _settle(call, now)
        tell(call, user.pk)

"""Who hears of what: a notice is a row written with the change, worded when it is read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.cards.models import Card, Event
from crm.cards.verbs import on_change
from crm.office.models import office
from crm.pipelines.declare import of
from crm.pipelines.robots import on_leave
from crm.pipelines.undo import on_undo, undo_until
from crm.sockets import hint

from . import outbox
from .models import Notice
from .wishes import OUTSIDE, Channel, Group, wants

# Several notices of one person within this time are told outside as one.
TOGETHER = timedelta(minutes=2)


@dataclass(frozen=True)
class Kind:
    """How notices of one kind are worded and shown, and what can be decided right from them."""

    word: Callable
    icon: str
    group: str
    # Names of the steps that the notice asks for.
    steps: tuple[str, ...]
    # ``func(user) -> address`` for notices without a card.
    leads: Callable | None
    # Whether it is about its card; if not, the card is only where it leads to.
    names_card: bool


KINDS: dict[str, Kind] = {}


def notice(kind, icon="bell", group=Group.ASSIGNED, steps=(), leads=None, names_card=True):
    """Register ``func(notice) -> text`` that words notices of this kind in the reader's language."""

    def register(func):
        KINDS[kind] = Kind(func, icon, group, steps, leads, names_card)
        return func

    return register


def word(row):
    """The notice as its reader sees it; words that do not hold their card's title are followed by it (R-005)."""
    kind = KINDS[row.kind]
    text = kind.word(row)
    if not row.card_id or not kind.names_card or row.card.title in text:
        return text
    return f"{text} · {row.card.title}, {row.card.number}"


def address(row, user):
    """The page that the notice leads to, or an empty text."""
    if url := row.data.get("url"):
        return url
    if row.card_id:
        return row.card.get_absolute_url()
    leads = KINDS[row.kind].leads
    return leads(user) if leads else ""


def deals_of(rows, user):
    """{id: card} of the deals that the notices name beside their own card, those alone that this person sees (R-315)."""
    return Card.objects.visible_to(user).in_bulk({pk for row in rows if (pk := row.data.get("deal"))})


@dataclass(frozen=True)
class Telling:
    """One thing to be told to these people (ids): about the card if there is one, with the words' ``data``.

    The same ``slot`` is told to each person once, however often and late the clock asks.
    """

    people: tuple
    card: Card | None = None
    data: dict = field(default_factory=dict)
    slot: str | None = None


def notify(people, card, kind, by=None, wait=True, slot=None, at=None, **data):
    """Tell these people (ids) of something, about the card if there is one, never the one who did it.

    With ``wait`` the notice appears once the move can no longer be undone (C-6). ``at`` is the aware moment it is
    about, now by default. Outside the CRM it is told a little later, together with what came meanwhile, from a row of
    the same transaction.
    """
    at = (at or timezone.now()) + timedelta(seconds=office().undo_seconds if wait and by is not None else 0)
    people = tuple(pk for pk in people if by is None or pk != by.pk)
    return notify_all(kind, [Telling(people, card, data, slot)], at)


@transaction.atomic(savepoint=False)
def notify_all(kind, tellings, at):
    """Tell many things of one kind, each to its own people, in as many statements as one takes."""
    keys = [f"{one.slot}:{pk}" for one in tellings if one.slot for pk in one.people]
    known = set(Notice.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()
    group, outside = KINDS[kind].group, {}
    rows = []
    for one in tellings:
        subject = {"card_id": one.card.pk, "entry": one.card.entry} if one.card is not None else {}
        for pk in dict.fromkeys(one.people):
            key = f"{one.slot}:{pk}" if one.slot else ""
            if key in known:
                continue
            outside.setdefault(pk, any(wants(pk, group, channel) for channel in OUTSIDE))
            rows.append(Notice(
                user_id=pk, kind=kind, data=one.data, at=at, key=key, in_app=wants(pk, group, Channel.APP),
                untold=outside[pk], **subject,
            ))  # fmt: skip
    rows = Notice.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=bool(keys))
    if rows:
        about = {row.user_id: row.key or row.pk for row in rows}
        card = tellings[0].card if len(tellings) == 1 else None
        ring = ("notice", f"notice:{rows[0].key or rows[0].pk}", {"people": [*about], "card": card and card.pk}, at)
        later = max(at, timezone.now()) + TOGETHER
        outbox.put_all([ring, *(("bundle", f"bundle:{about[pk]}", {"user": pk}, later) for pk in about if outside[pk])])
    return rows


@outbox.courier("notice")
def ring(payload, key):
    """Tell open pages that there is something new in the bell."""
    hint(payload["people"], {"type": "notice"})


@on_undo
def take_notices_back(card, event):
    """What the move told waited for the undo to be over; what people told meanwhile stands."""
    Notice.objects.filter(card_id=card.pk, entry=event.entry, at__gte=undo_until(event)).delete()
    Notice.objects.filter(pk__in=event.data.get("settled", [])).update(read_at=None)


@on_leave("*")
def settle(card, event):
    """Once the card has left the stage that asked several people, they need not look any more; undo asks them again."""
    asked = {step.name for step in of(card).steps_from(event.data.get("from"))}
    kinds = [name for name, kind in KINDS.items() if asked & set(kind.steps)]
    if kinds:
        people = dict(Notice.objects.filter(card_id=card.pk, kind__in=kinds).unread().values_list("pk", "user_id"))
        event.data["settled"] = list(people)
        Notice.objects.filter(pk__in=people).update(read_at=timezone.now())
        hint(people.values(), {"type": "notice"})


def newest(user, start=0, most=30):
    """The bell's notices, the newest first."""
    rows = Notice.objects.of(user).filter(kind__in=KINDS).select_related("card")
    return list(rows.order_by("-at", "-id")[start : start + most])


def read(user, **which):
    """Mark this person's notices as read: all, or those that ``which`` names; returns how many. Other tabs hear of it."""
    count = Notice.objects.filter(user=user, at__lte=timezone.now(), **which).unread().update(read_at=timezone.now())
    if count:
        hint([user.pk], {"type": "notice"})
    return count


@on_change
def tell_new_owner(card, event):
    """The new responsible person hears of it at once (R-015, R-104)."""
    if event.kind == Event.Kind.OWNER and card.owner_id:
        notify([card.owner_id], card, "assigned", by=event.actor, wait=False)


@notice("assigned", "user-check", Group.ASSIGNED)
def _assigned(row):
    return _("You are now responsible: %(title)s") % {"title": row.card.title}


@notice("task", "checkbox", Group.ASSIGNED)
def _task(row):
    return _("New task: %(title)s") % {"title": row.data["title"]}

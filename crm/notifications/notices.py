"""Who hears of what: a notice is a row written with the change, worded when it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.cards.models import Event
from crm.cards.verbs import on_change
from crm.office.models import office
from crm.pipelines.declare import of
from crm.pipelines.moves import on_undo
from crm.pipelines.robots import on_leave
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


KINDS: dict[str, Kind] = {}


def notice(kind, icon="bell", group=Group.ASSIGNED, steps=(), leads=None):
    """Register ``func(notice) -> text`` that words notices of this kind in the reader's language."""

    def register(func):
        KINDS[kind] = Kind(func, icon, group, steps, leads)
        return func

    return register


def word(row):
    """The notice as its reader sees it."""
    return KINDS[row.kind].word(row)


def address(row, user):
    """The page that the notice leads to, or an empty text."""
    if url := row.data.get("url"):
        return url
    if row.card_id:
        return row.card.get_absolute_url()
    leads = KINDS[row.kind].leads
    return leads(user) if leads else ""


@transaction.atomic(savepoint=False)
def notify(people, card, kind, by=None, wait=True, slot=None, at=None, **data):
    """Tell these people (ids) of something, about the card if there is one, never the one who did it.

    With ``wait`` the notice appears once the move can no longer be undone (C-6). ``at`` is the aware moment it is
    about, now by default. The same ``slot`` is told to each person once, however often and late the clock asks.
    Outside the CRM it is told a little later, together with what came meanwhile, from a row of the same transaction.
    """
    at = (at or timezone.now()) + timedelta(seconds=office().undo_seconds if wait and by is not None else 0)
    people = [pk for pk in dict.fromkeys(people) if by is None or pk != by.pk]
    if slot is not None:
        known = Notice.objects.filter(key__in=[f"{slot}:{pk}" for pk in people]).values_list("user_id", flat=True)
        people = [pk for pk in people if pk not in set(known)]
    subject = {"card_id": card.pk, "entry": card.entry} if card is not None else {}
    group = KINDS[kind].group
    outside = {pk for pk in people if any(wants(pk, group, channel) for channel in OUTSIDE)}
    rows = Notice.objects.bulk_create(
        [
            Notice(
                user_id=pk, kind=kind, data=data, at=at, key=f"{slot}:{pk}" if slot else "",
                in_app=wants(pk, group, Channel.APP), untold=pk in outside, **subject,
            )
            for pk in people
        ],
        ignore_conflicts=slot is not None,
    )  # fmt: skip
    if rows:
        about = {row.user_id: row.key or row.pk for row in rows}
        ring = ("notice", f"notice:{about[people[0]]}", {"people": people, "card": card and card.pk}, at)
        later = max(at, timezone.now()) + TOGETHER
        outbox.put_all(
            [ring, *(("bundle", f"bundle:{about[pk]}", {"user": pk}, later) for pk in people if pk in outside)]
        )
    return rows


@outbox.courier("notice")
def ring(payload, key):
    """Tell open pages that there is something new in the bell."""
    hint(payload["people"], {"type": "notice"})


@on_undo
def take_notices_back(card, event):
    Notice.objects.filter(card_id=card.pk, entry=event.entry, at__gte=event.at).delete()
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

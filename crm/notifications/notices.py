"""Who hears of what: a notice is a row written with the change, worded when it is read."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.cards.models import Card
from crm.office.models import office
from crm.pipelines.moves import on_undo
from crm.sockets import hint

from . import outbox
from .models import Notice

_words = {}


def notice(kind, icon="bell"):
    """Register ``func(notice) -> text`` that words notices of this kind in the reader's language."""

    def register(func):
        _words[kind] = (func, icon)
        return func

    return register


def word(row):
    """The notice as its reader sees it."""
    func, _icon = _words[row.kind]
    return func(row)


def icon_of(row):
    return _words[row.kind][1]


def notify(people, card, kind, by=None, wait=True, **data):
    """Tell these people (ids) of something about the card, never the one who did it.

    With ``wait`` the notice appears once the move can no longer be undone (C-6).
    """
    at = timezone.now() + timedelta(seconds=office().undo_seconds if wait and by is not None else 0)
    people = [pk for pk in dict.fromkeys(people) if by is None or pk != by.pk]
    rows = Notice.objects.bulk_create(
        [Notice(user_id=pk, card_id=card.pk, kind=kind, data=data, entry=card.entry, at=at) for pk in people]
    )
    if rows:
        outbox.put("notice", f"notice:{rows[0].pk}", {"people": people, "card": card.pk}, at)
    return rows


@outbox.courier("notice")
def ring(payload, key):
    """Tell open pages that there is something new in the bell."""
    hint(payload["people"], {"type": "notice"})


@on_undo
def take_notices_back(card, event):
    Notice.objects.filter(card_id=card.pk, entry=event.entry, at__gte=event.at).delete()


def bell(user, most=30):
    """The newest notices with their words, for the bell's panel."""
    rows = Notice.objects.of(user).select_related("card").order_by("-at", "-id")[:most]
    return [(row, word(row), icon_of(row)) for row in rows]


def read(user, card=None):
    """Mark notices as read: those of one card, or all."""
    rows = Notice.objects.filter(user=user, at__lte=timezone.now()).unread()
    if isinstance(card, Card):
        rows = rows.filter(card_id=card.pk)
    return rows.update(read_at=timezone.now())


@notice("assigned", "user-check")
def _assigned(row):
    return _("You are now responsible: %(title)s") % {"title": row.card.title}


@notice("task", "checkbox")
def _task(row):
    return _("New task: %(title)s") % {"title": row.data["title"]}

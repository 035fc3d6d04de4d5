"""What happens in a chat: people and the system say something, mend or take back their words, mark others', read."""

import re

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.cards.access import viewers, who_sees
from crm.cards.models import Card, CardGrant
from crm.notifications.notices import notify
from crm.sockets import hint, hint_card

from .attaching import taken
from .models import Message, Reaction, Reading, Room, Wording

_posted = []


def on_post(func):
    """Register ``func(room, message)``, run inside the transaction when something was said."""
    _posted.append(func)
    return func


# The message's number, the counters that follow from it and the author's mark of reading, in one statement.
NUMBERED = """
WITH room AS (
    UPDATE chats_room SET last_seq = last_seq + 1, last_change = last_change + 1, said_at = %(now)s
    WHERE id = %(room)s RETURNING id, card_id, last_seq, last_change
), card AS (
    UPDATE cards_card SET message_count = room.last_seq FROM room WHERE cards_card.id = room.card_id
    RETURNING cards_card.pipeline, cards_card.owner_id, cards_card.version
), mine AS (
    UPDATE chats_reading SET seq = room.last_seq FROM room
    WHERE room_id = room.id AND user_id = %(author)s AND seq < room.last_seq RETURNING 1
)
SELECT last_seq, last_change, pipeline, owner_id, version, EXISTS (SELECT FROM mine) FROM room, card
"""


def hold(card):
    """Lock the row that ``lock`` takes first, and fetch nothing of it: many write into one chat at once (E9)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM cards_card WHERE id = %s FOR NO KEY UPDATE", [card.pk])
        if not cursor.rowcount:
            raise Card.DoesNotExist


def post(room, text, author=None, key=None, reply=None, mentions=(), files=(), **data):
    """Say something in the room; the message takes its number under the room's row lock, the same ``key`` once.

    ``reply`` is the number of the message it answers, ``mentions`` ids of people it calls, ``files`` of files it
    shows; raises ValidationError when one of them does not see the card, or lies elsewhere than in its folders.
    """
    try:
        with transaction.atomic():
            return _say(room, text, author, key, reply, mentions, files, data)
    except IntegrityError:  # the same form once more
        if key and (before := Message.objects.filter(room=room, author=author, key=key).first()):
            return before
        raise


def _say(room, text, author, key, reply, mentions, files, data):
    hold(room.card)  # before its chat's row, as whoever asks a question does: an answer closes the card's task
    was_read = number(room, author)
    seen = viewers(room.card)
    if author is not None and author.pk not in seen:  # access ended while the author waited
        raise PermissionDenied
    called = called_by(room.card, text, mentions)
    if files:
        data["files"] = taken(room.card, files)
    if called:
        data["mentions"] = {str(user.pk): user.name for user in called}
    message = Message.objects.create(
        room=room, seq=room.last_seq, change=room.last_change, author=author, text=text, key=key, data=data,
        at=room.said_at, reply=Message.objects.filter(room=room, seq=reply).first() if reply else None,
    )  # fmt: skip
    if author is not None and not was_read:
        read(room, author, room.last_seq)
    call(message, called, author)
    if message.reply and message.reply.author_id in {*seen} - {user.pk for user in called}:
        _notify([message.reply.author_id], message, "reply", author)
    for follow in _posted:
        follow(room, message)
    tell(room, seen)
    return message


def number(room, author):
    """Give the room the number of its next message, under its lock; says whether the author's mark of reading went on."""
    now, card = timezone.now(), room.card
    with connection.cursor() as cursor:
        cursor.execute(NUMBERED, {"room": room.pk, "now": now, "author": author and author.pk})
        found = cursor.fetchone()
    if found is None:
        raise Room.DoesNotExist
    room.last_seq, room.last_change, card.pipeline, card.owner_id, card.version, was_read = found
    room.said_at = now
    return was_read


def tell(room, seen=()):
    """After commit, hint how far the chat has come: to those ``seen`` under the card's lock, or whoever sees it then."""
    told = {"room": room.pk, "seq": room.last_seq, "change": room.last_change}
    about = "room", room.pk
    transaction.on_commit(lambda: hint_card(room.card, seen or viewers(room.card), about, **told), robust=True)


def called_by(card, text, mentions=()):
    """People whom the text calls by «@Name»: those it was sent with, and those who see the card and are named in full."""
    if "@" not in text:
        return []
    people = list(who_sees(card))
    if set(mentions) - {user.pk for user in people}:
        raise ValidationError(_("Whom you mention does not see this card."))
    return [user for user in people if re.search(rf"@{re.escape(user.name)}(?!\w)", text)]


def call(message, people, by):
    """Tell those whom the message mentions; the chat is theirs from now on (R-119)."""
    if not people:
        return
    readings = [Reading(room=message.room, user=user, seq=0) for user in people]
    Reading.objects.bulk_create(readings, ignore_conflicts=True)
    _notify([user.pk for user in people], message, "mention", by)


def _notify(people, message, kind, by):
    about = {"room": message.room_id, "seq": message.seq, "url": address(message), "who": str(by or "")}
    notify(people, message.room.card, kind, by=by, wait=False, **about)


def address(message):
    """Where the message is read among its neighbours."""
    return f"{reverse('chats:room', args=[message.room_id])}?at={message.seq}#message-{message.seq}"


def _hold(message, by, own=True):
    """The message and its room, both locked; raises PermissionDenied unless ``by`` sees the card, and said it if ``own``."""
    hold(message.room.card)
    room = Room.objects.select_for_update(of=("self",)).select_related("card").get(pk=message.room_id)
    message = Message.objects.select_related("author").get(pk=message.pk)
    if by.pk not in viewers(room.card) or (own and message.author_id != by.pk):
        raise PermissionDenied
    message.room = room
    return room, message


def _changed(room, message, *fields):
    room.last_change += 1
    room.save(update_fields=["last_change"])
    message.change = room.last_change
    message.save(update_fields=["change", *fields])
    tell(room)


@transaction.atomic
def edit(message, text, by, mentions=()):
    """Say it in other words; the former are kept, and who is mentioned only now hears of it."""
    room, message = _hold(message, by)
    if message.deleted_at:
        raise PermissionDenied
    if text == message.text:
        return message
    Wording.objects.create(message=message, text=message.text)
    called, before = called_by(room.card, text, mentions), message.data.get("mentions", {})
    message.data = message.data | {"mentions": {str(user.pk): user.name for user in called}}
    message.text, message.edited_at = text, timezone.now()
    call(message, [user for user in called if str(user.pk) not in before], by)
    _changed(room, message, "text", "edited_at", "data")
    return message


@transaction.atomic
def delete(message, by):
    """Take one's words back: the place and the number stay, the words are kept for executives."""
    room, message = _hold(message, by)
    if not message.deleted_at:
        Wording.objects.create(message=message, text=message.text)
        message.text, message.deleted_at = "", timezone.now()
        _changed(room, message, "text", "deleted_at")
    return message


@transaction.atomic
def restore(message, by):
    """Undo the deletion."""
    room, message = _hold(message, by)
    last = message.wordings.order_by("-pk").first()
    if message.deleted_at and last is not None:
        message.text, message.deleted_at = last.text, None
        last.delete()
        _changed(room, message, "text", "deleted_at")
    return message


@transaction.atomic
def react(message, by, mark, on=True):
    """Put a mark on a message, or take one's own off."""
    room, message = _hold(message, by, own=False)
    if message.deleted_at:
        raise PermissionDenied
    if on:
        Reaction.objects.bulk_create([Reaction(message=message, user=by, mark=mark)], ignore_conflicts=True)
    else:
        Reaction.objects.filter(message=message, user=by, mark=mark).delete()
    _changed(room, message)
    return message


def read(room, user, seq):
    """Remember that the person has read the room up to this number; never goes back. Says whether it went on."""
    behind = Reading.objects.filter(room=room, user=user, seq__lt=seq)
    if done := behind.update(seq=seq):
        return done
    Reading.objects.bulk_create([Reading(room=room, user=user, seq=0)], ignore_conflicts=True)
    return behind.update(seq=seq)


@transaction.atomic
def mark_read(room, user, seq):
    """The person has the message of this number in view: others see that it was read, the person's pages count anew."""
    if read(room, user, min(seq, room.last_seq)):
        told = {"type": "read", "room": room.pk, "by": user.pk}
        hint(viewers(room.card), told, about=("read", room.pk, user.pk))


def type_in(room, user):
    """Others see for a few seconds that the person is writing; nothing is kept."""
    others = [pk for pk in viewers(room.card) if pk != user.pk]
    hint(others, {"type": "typing", "room": room.pk, "who": user.first_name})


def unread(user):
    """How many messages of a card's chat this person has not read, as an expression over the card's row.

    The system's first message does not count. Cards, boards, lists, «Чаты» and the menu all count by this (R-509).
    """
    seen = Reading.objects.filter(room__card=OuterRef("pk"), user=user).values("seq")[:1]
    return Greatest(F("message_count") - Greatest(Coalesce(Subquery(seen), 1), 1), 0)


def mine(user):
    """Cards whose chats are this person's: responsible for, invited to, mentioned in, read or written once."""
    owned = Card.objects.filter(owner=user).order_by().values("pk")
    invited = CardGrant.objects.filter(user_id=user.pk).order_by().values("content_object_id")
    read_once = Reading.objects.filter(user=user).order_by().values("room__card_id")
    cards = Card.objects.visible_to(user).filter(pk__in=owned.union(invited, read_once))
    return cards.filter(message_count__gt=0)


def unread_chats(user):
    """Cards of ``mine`` with something to read."""
    return mine(user).filter(message_count__gt=1).annotate(unread=unread(user)).filter(unread__gt=0)

"""What happens in a chat: it opens with its card, people and the system say something, people read."""

from django.db import transaction

from crm.cards.access import viewers
from crm.cards.models import Card
from crm.sockets import hint_card

from .models import Message, Reading, Room


@transaction.atomic
def post(room, text, author=None, key=None, **data):
    """Say something in the room; the message takes its number under the room's row lock, the same ``key`` once."""
    room = Room.objects.select_for_update().select_related("card").get(pk=room.pk)
    if key and (before := Message.objects.filter(room=room, author=author, key=key).first()):
        return before
    room.last_seq += 1
    room.save(update_fields=["last_seq"])
    message = Message.objects.create(room=room, seq=room.last_seq, author=author, text=text, key=key, data=data)
    Card.objects.filter(pk=room.card_id).update(message_count=room.last_seq)
    if author is not None:
        read(room, author, room.last_seq)
    hint_card(room.card, viewers(room.card), room=room.pk, seq=room.last_seq)
    return message


def read(room, user, seq):
    """Remember that the person has read the room up to this number; never goes back."""
    Reading.objects.bulk_create([Reading(room=room, user=user, seq=0)], ignore_conflicts=True)
    Reading.objects.filter(room=room, user=user, seq__lt=seq).update(seq=seq)


def unread(user, cards):
    """Unread messages per card id, for the cards given, in one query; the system's first message does not count."""
    rows = Room.objects.filter(card_id__in=cards, last_seq__gt=1).values_list("card_id", "last_seq", "pk")
    rooms = list(rows)
    seen = dict(
        Reading.objects.filter(user=user, room_id__in=[pk for _c, _s, pk in rooms]).values_list("room_id", "seq")
    )
    return {card: max(0, last - max(1, seen.get(pk, 1))) for card, last, pk in rooms}

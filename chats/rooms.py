"""«Чаты»: a person's rooms by the last message, and the words found in any of the messages the person may see (R-509)."""

from django.db.models import F, OuterRef, Subquery
from django.views.decorators.http import require_safe

from crm.cards.models import kind_of
from crm.pipelines.declare import of
from crm.web import number, page

from .body import gist
from .models import Message, Room
from .verbs import mine, unread

PAGE = 50
LONGEST = 200


def mine_by_last(user, offset=0):
    """The person's rooms as dicts, the one spoken in last on top, a page and one more; three statements."""
    cards = mine(user).annotate(unread=unread(user))
    count = Subquery(cards.filter(pk=OuterRef("card")).values("unread"))
    rooms = Room.objects.filter(card__in=mine(user)).annotate(unread=count).select_related("card__owner")
    rooms = list(
        rooms.select_related("card__company", "card__contact").order_by("-said_at", "-pk")[offset : offset + PAGE + 1]
    )
    last = Message.objects.filter(room__in=rooms, seq=F("room__last_seq")).select_related("author")
    said = {message.room_id: message for message in last}
    return [row(room, said.get(room.pk)) for room in rooms]


def row(room, message):
    card = room.card
    return {
        "room": room, "card": card, "stage": of(card).stages[card.stage].label, "unread": room.unread,
        "who": message.author if message else None, "gist": gist(message) if message else "",
        "icon": {"leads": "inbox", "deals": "briefcase"}.get(kind_of(card.pipeline)._meta.app_label, "receipt-2"),
    }  # fmt: skip


def found(user, text):
    """Newest messages with these words that the person may see."""
    rows = Message.objects.visible_to(user).filter(deleted_at=None).matching(text)
    return list(rows.select_related("author", "room__card").order_by("-at")[:PAGE])


@require_safe
def rooms(request):
    """The person's chats, or what was found in them."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    offset = number(request.GET.get("from"), 0)
    rows = [] if text else mine_by_last(request.user, offset)
    context = {
        "q": text, "rows": rows[:PAGE], "next": offset + PAGE if len(rows) > PAGE else None,
        "found": [(m, gist(m)) for m in found(request.user, text)] if text else [],
    }  # fmt: skip
    return page(request, "chats/rooms.html", context)

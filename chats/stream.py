"""What stands in a chat: messages in their order, and between them what happened to the card, told from its events.

Nothing is stored twice: the lines between messages are the card's own ``Event`` rows (R-508).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, Q, Subquery, Value
from django.db.models.functions import Cast, Concat

from crm.activities.feed import day_by_day, line, spoken_by
from crm.cards.models import Event

from .body import dress

PAGE = 100
# A page that was away asks for what it lacks in larger pieces: asking costs as much as a hundred lines.
MISSED = 500
# Events of a transaction that ended late carry an earlier time than what was already shown.
LATE = timedelta(minutes=2)
# Between messages only what changes the course; fields, notes and new tasks stand in the card's feed.
TOLD = [
    Event.Kind.MOVED, Event.Kind.UNDONE, Event.Kind.TRANSFERRED, Event.Kind.OWNER, Event.Kind.TASK_DONE, Event.Kind.PAID,
    Event.Kind.STORNO, Event.Kind.SPLIT, Event.Kind.RULE, Event.Kind.CALL,
]  # fmt: skip


@dataclass
class Window:
    """A piece of a chat, and what its page needs to go on in both directions.

    ``more`` says whether there are messages after it, ``read`` how far this person has read, ``seen`` how far
    anybody else has; ``since`` is the last change that this piece knows of.
    """

    room: object
    lines: list = field(default_factory=list)
    last: int = 0
    since: int = 0
    read: int = 1
    seen: int = 0
    readers: str = ""
    more: bool = False
    # The card's feed tells everything that happened, the chat its turns.
    whole: bool = False

    @property
    def unread(self):
        return max(0, self.last - self.read)


def rows(room):
    """The room's messages with all that is shown of them, in one statement."""
    mark = Concat("reactions__mark", Value(":"), Cast("reactions__user_id", CharField()))
    marks = ArrayAgg(mark, filter=Q(reactions__isnull=False), order_by="reactions__id", default=Value([]))
    return room.messages.select_related("author", "reply__author").annotate(marks=marks)


def window(room, user, whole=False):
    """An empty window that knows how far people have read."""
    found = Window(room, last=room.last_seq, since=room.last_change, whole=whole)
    author = room.messages.filter(seq=room.last_seq).values("author")
    readings = list(room.readings.select_related("user").annotate(wrote=Subquery(author)))
    found.read = max([1, *(r.seq for r in readings if r.user_id == user.pk)])
    others = [r for r in readings if r.user_id != user.pk]
    found.seen = max([0, *(r.seq for r in others)])
    found.readers = ", ".join(r.user.first_name for r in others if r.seq >= room.last_seq and r.user_id != r.wrote)
    return found


def said(room, messages, user):
    return [{"at": message.at, "message": message} for message in dress(messages, user, room)]


def happened(room, whole, since=None, until=None):
    """Lines of the card's newest events between two aware moments, either of which may be open."""
    events = room.card.events.select_related("actor").order_by("-at", "-id")
    events = events if whole else events.filter(kind__in=TOLD)
    if since is not None:
        events = events.filter(at__gte=since)
    if until is not None:
        events = events.filter(at__lte=until)
    card = room.card.as_kind()
    return [line(card, event) for event in events[:PAGE]]


def merged(lines):
    """Lines in the order of time, messages among themselves by their numbers; each with its day."""
    lines.sort(key=lambda line: line["at"])
    return day_by_day(lines)


@spoken_by
def latest(room, user, most=PAGE):
    """The end of the chat, for the card's feed, which has the card's events itself."""
    found = window(room, user, whole=True)
    found.lines = said(room, list(rows(room).order_by("-seq")[:most])[::-1], user)
    return found


def end_of(room, user, whole=False):
    """The newest lines of the chat."""
    return before(room, user, room.last_seq + 1, None, whole)


def before(room, user, seq, until, whole=False):
    """Lines before the message ``seq`` and not later than ``until``: the newest of them, none left out between."""
    found = window(room, user, whole)
    messages = list(rows(room).filter(seq__lt=seq).order_by("-seq")[:PAGE])[::-1]
    first = messages[0].at if messages and messages[0].seq > 1 else None
    lines = said(room, messages, user) + happened(room, whole, first, until)
    found.lines = merged(lines)[-PAGE:]
    return found


def after(room, user, seq, since, changed, whole=False):
    """Messages after the number ``seq``, those changed after ``changed``, and events from ``since`` on."""
    found = window(room, user, whole)
    fresh = list(rows(room).filter(seq__gt=seq).order_by("seq")[: MISSED + 1])
    found.more, fresh = len(fresh) > MISSED, fresh[:MISSED]
    if changed is not None:
        other = list(rows(room).filter(seq__lte=seq, change__gt=changed).order_by("change")[:PAGE])
        if len(other) == PAGE:
            found.since = other[-1].change
        fresh += other
    until = max(m.at for m in fresh) if found.more else None
    events = happened(room, whole, since - LATE if since else None, until)
    found.lines = merged(said(room, fresh, user) + events)
    return found


def around(room, user, seq, whole=False):
    """A piece of the chat with the message ``seq`` in its middle."""
    found = window(room, user, whole)
    messages = list(rows(room).filter(seq__gt=seq - PAGE // 2).order_by("seq")[: PAGE + 1])
    found.more, messages = len(messages) > PAGE, messages[:PAGE]
    if messages:
        until = messages[-1].at if found.more else None
        first = messages[0].at if messages[0].seq > 1 else None
        found.lines = merged(said(room, messages, user) + happened(room, whole, first, until))
    return found


def first_of_day(room, start):
    """The number of the first message from this aware moment on, or of the last one."""
    return room.messages.filter(at__gte=start).order_by("seq").values_list("seq", flat=True).first() or room.last_seq


def moment(text):
    """The moment that a line's mark names (microseconds since 1970), or None."""
    try:
        return datetime.fromtimestamp(max(0, int(text)) / 1e6, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None

"""What stands in a chat: messages in their order, and between them what happened to the card, told from its events.

Nothing is stored twice: the lines between messages are the card's own ``Event`` rows (R-508).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Concat

from crm.activities.feed import day_by_day, line, spoken_by
from crm.cards.models import Event
from crm.cards.prepared import answered
from crm.drawn import keep, recall, surroundings
from crm.people.models import User

from .body import dress
from .models import Message, Reading

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


def _rows(room):
    """The room's messages with all that is shown of them."""
    mark = Concat("reactions__mark", Value(":"), Cast("reactions__user_id", CharField()))
    marks = ArrayAgg(mark, filter=Q(reactions__isnull=False), order_by="reactions__id", default=Value([]))
    return room.messages.select_related("author", "reply__author").annotate(marks=marks)


def window(room, user, whole=False):
    """An empty window that knows how far people have read."""
    found = Window(room, last=room.last_seq, since=room.last_change, whole=whole)
    rows = answered("readings", room, readings)
    found.read = max([1, *(seq for pk, _name, seq, _wrote in rows if pk == user.pk)])
    others = [row for row in rows if row[0] != user.pk]
    found.seen = max([0, *(seq for _pk, _name, seq, _wrote in others)])
    names = (User(name=name).first_name for pk, name, seq, wrote in others if seq >= room.last_seq and pk != wrote)
    found.readers = ", ".join(names)
    return found


def readings(room):
    """Who has read how far, and who said the last thing."""
    last = Message.objects.filter(room=OuterRef("room"), seq=OuterRef("room__last_seq")).values("author")
    rows = Reading.objects.filter(room_id=room.pk).order_by("pk")
    return rows.values_list("user_id", "user__name", "seq", Subquery(last))


def looks(messages):
    """What tells how each of these messages looks when nothing is special about it."""
    return messages.values_list("pk", "seq", "change", "author", "author__name")


def said(messages, user, room, whole=False):
    """Lines of these messages (``looks``) in their order; those drawn before are not read again (``body.dress``)."""
    # The card's title: a message that links to its own card shows it, as the first one of each chat does.
    me, here = user.pk, ("message", whole, room.card.title, *surroundings())
    rows = [(*row, (*row, row[3] == me, *here)) for row in messages]
    drawn = recall([look for *_row, look in rows])
    missing = [row[0] for row, kept in zip(rows, drawn, strict=True) if kept is None]
    read = {}
    if missing:
        read = {message.pk: message for message in dress(list(_rows(room).filter(pk__in=missing)), user, room)}
    lines = []
    for (pk, seq, change, author, _name, look), kept in zip(rows, drawn, strict=True):
        line = {"seq": seq, "change": change, "own": author == me, "drawn": None}
        if kept is not None:
            line["drawn"], line["at"], line["date"] = kept
        elif pk in read:  # else it was removed between the two questions
            line |= {"message": read[pk], "at": read[pk].at, "keep": partial(_keep, line, look)}
        else:
            continue
        lines.append(line)
    return lines


def _keep(line, look, caller):
    """What ``caller`` draws of the line, for all to whom it looks the same."""
    markup = caller()
    keep(look, (markup, line["at"], line["date"]))
    return markup


def events_of(card, whole, **between):
    """The card's events of which a feed, or the chat, tells."""
    events = Event.objects.filter(card_id=card.pk, **between)
    return events if whole else events.filter(kind__in=TOLD)


def happened(room, whole, since=None, until=None):
    """Lines of the card's newest events between two aware moments, either of which may be open."""
    events = events_of(room.card, whole).select_related("actor").order_by("-at", "-id")
    if since is not None:
        events = events.filter(at__gte=since)
    if until is not None:
        events = events.filter(at__lte=until)
    events = list(events[:PAGE])
    card = room.card.as_kind() if events else None
    return [line(card, event) for event in events]


def merged(lines):
    """Lines in the order of time, messages among themselves by their numbers; each with its day."""
    lines.sort(key=lambda line: line["at"])
    return day_by_day(lines)


@spoken_by
def latest(room, user, most=PAGE):
    """The end of the chat, for the card's feed, which has the card's events itself."""
    found = window(room, user, whole=True)
    found.lines = said(looks(room.messages.order_by("-seq")[:most]), user, room, whole=True)[::-1]
    return found


def end_of(room, user, whole=False):
    """The newest lines of the chat."""
    return before(room, user, room.last_seq + 1, None, whole)


def before(room, user, seq, until, whole=False):
    """Lines before the message ``seq`` and not later than ``until``: the newest of them, none left out between."""
    found = window(room, user, whole)
    lines = said(looks(room.messages.filter(seq__lt=seq).order_by("-seq")[:PAGE]), user, room, whole)[::-1]
    first = lines[0]["at"] if lines and lines[0]["seq"] > 1 else None
    found.lines = merged(lines + happened(room, whole, first, until))[-PAGE:]
    return found


def looks_after(room, seq):
    return looks(room.messages.filter(seq__gt=seq).order_by("seq")[: MISSED + 1])


def quiet(room, whole, since):
    """Whether nothing happened to the card from this aware moment on: so it is nearly always when a page asks."""
    return not answered(
        ("quiet", whole),
        room.card,
        lambda card, since: events_of(card, whole, at__gte=since).values("pk")[:1],
        since=since,
    )


def after(room, user, seq, since, changed, whole=False, still=False):
    """Messages after the number ``seq``, those changed after ``changed``, and events from ``since`` on.

    A page that stands ``still`` in the middle of the chat is told only what has changed of what it has.
    """
    found = window(room, user, whole)
    fresh = [] if still else said(answered("fresh", room, looks_after, seq=seq), user, room, whole)
    found.more, fresh = len(fresh) > MISSED, fresh[:MISSED]
    # Each message took one of the changes; where there were more, older ones were changed.
    taken = sum((changed or 0) < line["change"] <= room.last_change for line in fresh)
    if changed is not None and room.last_change - changed > taken:
        rest = room.messages.filter(seq__lte=seq, change__gt=changed).order_by("change")[:PAGE]
        other = said(looks(rest), user, room, whole)
        if len(other) == PAGE:
            found.since = other[-1]["change"]
        fresh += other
    until = max(line["at"] for line in fresh) if found.more else None
    since = since and since - LATE
    nothing = still or (since and quiet(room, whole, since))
    found.lines = merged(fresh + ([] if nothing else happened(room, whole, since, until)))
    return found


def around(room, user, seq, whole=False):
    """A piece of the chat with the message ``seq`` in its middle."""
    found = window(room, user, whole)
    middle = room.messages.filter(seq__gt=seq - PAGE // 2).order_by("seq")[: PAGE + 1]
    lines = said(looks(middle), user, room, whole)
    found.more, lines = len(lines) > PAGE, lines[:PAGE]
    if lines:
        until = lines[-1]["at"] if found.more else None
        first = lines[0]["at"] if lines[0]["seq"] > 1 else None
        found.lines = merged(lines + happened(room, whole, first, until))
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

"""What people do to a card besides moving it: change its fields, hand it over, share it, note something."""

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.sockets import hint_card

from .access import admit, dismiss, may_share, viewers
from .models import Card, CardLink, Event, kind_of
from .words import fold

_changed = []


def on_change(func):
    """Register ``func(card, event)``, run inside the transaction after fields of a card changed.

    Of a change of fields ``event.before`` holds what they were, as values.
    """
    _changed.append(func)
    return func


class Stale(Exception):
    """Somebody else changed the card while this person was editing it."""


def hold(ids, pipelines=()):
    """Lock these cards, in the one order in which everybody does, until the transaction ends; returns {id: pipeline}.

    With those of these ``pipelines`` what they are held with is locked too (``Card.held_with``). The row of
    ``cards_card`` stands for the whole card. Not its key: who holds another row and writes one that points here would
    wait for us, and we for that row.
    """
    ids = {*ids}.union(*(kind.held_with(ids) for kind in {kind_of(pipeline) for pipeline in pipelines}))
    rows = Card.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return dict(rows.values_list("pk", "pipeline"))


def lock(card, by=None, key=None, beside=()):
    """The card's row, locked until the transaction ends, as its own kind; always taken before its chat's.

    ``beside`` are ids of cards that are going to be changed with it. ``card.works`` says whether ``by`` may work on it
    at this very moment, ``card.sent_before`` whether the form with this ``key`` was already acted on. Raises the
    model's DoesNotExist when the card is gone.
    """
    # Read after the wait: a statement that waited sees all but the locked row as of the moment when it began.
    pipeline = hold([card.pk, *beside], [card.pipeline]).get(card.pk, card.pipeline)
    works = Exists(Card.objects.workable_by(by).filter(pk=OuterRef("pk"))) if by is not None else Value(True)
    rows = kind_of(pipeline).objects.select_related("owner", "company", "contact")
    found = rows.annotate(works=works).get(pk=card.pk)
    found.sent_before = bool(key) and Event.objects.filter(key=key).exists()
    return found


def one_at_a_time(*words):
    """Wait for whoever does the same about one of these words: rows that are not there yet cannot be locked."""
    with connection.cursor() as cursor:
        for word in sorted({*words}):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [word])


def record(card, kind, by=None, key=None, /, **data):
    """Write what happened, in the transaction of what happened (DOOR 3)."""
    return Event.objects.create(card_id=card.pk, kind=kind, actor=by, entry=card.entry, key=key, data=data)


def once(key):
    """The event that the same form already caused, if it was sent before."""
    return Event.objects.filter(key=key).first() if key else None


def shown(card, name):
    """A field's value as the feed shows it: the words people see; of another card its number, for not all see its title."""
    value = getattr(card, name)
    display = getattr(card, f"get_{name}_display", None)
    if value in (None, ""):
        return ""
    if isinstance(value, Card):
        return value.number
    if display is not None:
        return str(display())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def assign(card, values):
    """Set fields on the card in memory; returns what changed as {field: [from, to]} in shown words."""
    changes = {}
    for name, value in values.items():
        before = getattr(card, name)
        old = shown(card, name)
        setattr(card, name, value)
        if before != value:
            changes[name] = [old, shown(card, name)]
    return changes


def store(card, fields):
    """Save the named fields under a new version, and with them the words people search by."""
    card.version += 1
    fields = [*fields, "version"]
    if card.FOUND_BY & set(fields):
        card.words = fold(card.build_words())
        fields.append("words")
    card.save(update_fields=fields)


@transaction.atomic
def change(card, values, by=None, version=None, key=None):
    """Change fields of a card and remember who changed what from what to what.

    Returns the event, or None when nothing differs. Raises Stale when ``version`` is no longer the card's and
    PermissionDenied when the person may not work on it.
    """
    card = lock(card, by, key, [value.pk for value in values.values() if isinstance(value, Card)])
    if card.sent_before:
        return once(key)
    if not card.works:
        raise PermissionDenied
    if version is not None and version != card.version:
        raise Stale
    before = {name: getattr(card, name) for name in values}
    changes = assign(card, values)
    if not changes:
        return None
    store(card, list(changes))
    event = record(card, Event.Kind.CHANGED, by, key, fields=changes)
    event.before = before
    for follow in _changed:
        follow(card, event)
    hint_card(card, viewers(card))
    return event


@transaction.atomic
def hand_over(card, to, by=None, key=None, of=None):
    """Give the card to another person: the new one sees all of it, the old one nothing from now on (R-015).

    ``of`` is whose it must still be: what somebody has given to a third person meanwhile stays theirs.
    """
    card = lock(card, by, key)
    if card.sent_before:
        return once(key)
    if not card.works:
        raise PermissionDenied
    old = card.owner
    if old == to or of not in (None, old):
        return None
    seen_before = viewers(card)
    card.owner = to
    store(card, ["owner"])
    if old is not None:
        dismiss(card, old)
    admit(card, to)
    event = record(card, Event.Kind.OWNER, by, key, fields={"owner": [str(old or ""), str(to)]})
    for follow in _changed:
        follow(card, event)
    hint_card(card, {*seen_before, *viewers(card)})
    return event


@transaction.atomic
def share(card, user, by, work=False):
    """Invite a colleague to one card, to see it or to work on it (R-502). Raises PermissionDenied."""
    card = lock(card, by)
    if not (card.works and may_share(by, card)):
        raise PermissionDenied
    admit(card, user, work)
    return record(card, Event.Kind.SHARED, by, person=str(user), work=work)


@transaction.atomic
def unshare(card, user, by):
    """Take an invitation back; the responsible person keeps theirs. Raises PermissionDenied."""
    card = lock(card, by)
    if not (card.works and may_share(by, card)):
        raise PermissionDenied
    if card.owner_id == user.pk:
        raise PermissionDenied(_("The responsible person cannot be removed."))
    dismiss(card, user)
    event = record(card, Event.Kind.UNSHARED, by, person=str(user))
    hint_card(card, [user.pk], anew=True)
    return event


@transaction.atomic
def note(card, text, by, key=None):
    """Keep a note on the card; the same ``key`` keeps it once."""
    card = lock(card, by, key)
    if card.sent_before:
        return once(key)
    if not card.works:
        raise PermissionDenied
    return record(card, Event.Kind.NOTE, by, key, text=text)


_touched = []


def on_touch(func):
    """Register ``func(card, event)``, run inside the transaction when a contact with the client was logged."""
    _touched.append(func)
    return func


@transaction.atomic
def touch(card, kind, by=None, outbound=True, text="", key=None, at=None, allowed=False):
    """Log a contact with the client that really happened: call, letter, meeting or message (R-216, R-251).

    Raises PermissionDenied when the person may not work on the card, unless they were ``allowed`` to as one who carries out
    an activity of it.
    """
    card = lock(card, by, key)
    if card.sent_before:
        return once(key)
    if not (card.works or allowed):
        raise PermissionDenied
    at = at or timezone.now()
    if card.last_touch_at is None or at > card.last_touch_at:
        card.last_touch_at = at
        card.save(update_fields=["last_touch_at"])
    event = record(card, Event.Kind.TOUCH, by, key, kind=kind, outbound=outbound, text=text)
    for follow in _touched:
        follow(card, event)
    hint_card(card, viewers(card), anew=True)
    return event


def link(source, target, rule="", event=None):
    """Link the card that caused another to that other, once; undo of the move ``event`` takes a new link away."""
    made, new = CardLink.objects.get_or_create(source_id=source.pk, target_id=target.pk, defaults={"rule": rule})
    if new and event is not None:
        event.data.setdefault("links", []).append(made.pk)
    return made


def related(card, user):
    """Linked cards in both directions as (card, visible) pairs; an unseen one keeps its title to itself (R-220)."""
    ends = CardLink.objects.filter(source_id=card.pk).values("target_id")
    ends = ends.union(CardLink.objects.filter(target_id=card.pk).values("source_id"))
    seen = Exists(Card.objects.visible_to(user).filter(pk=OuterRef("pk")))
    rows = Card.objects.filter(pk__in=ends).annotate(seen=seen).select_related("owner").order_by("pk")
    return [(row if row.seen else None, row.seen) for row in rows]

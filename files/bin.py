"""The bin of a card: what was put away stands there for thirty days and comes back with all that lay in it (R-515)."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from crm.cards.models import Card

from . import names, verbs
from .models import File, Folder
from .tree import Tree

KEPT = timedelta(days=30)


def count(card):
    """Write down anew how many files the card has."""
    n = File.objects.there().filter(folder__card_id=card.pk, folder__trashed_at=None).count()
    Card.objects.filter(pk=card.pk).update(file_count=n)


def inside(things):
    """Querysets of the files and the folders that these things of one card are and hold."""
    folders = [thing for thing in things if isinstance(thing, Folder)]
    tree = Tree(folders[0].card_id) if folders else None
    under = {one.pk for folder in folders for one in tree.under(folder)}
    alone = [thing.pk for thing in things if isinstance(thing, File)]
    return File.objects.filter(Q(pk__in=alone) | Q(folder__in=under)), Folder.objects.filter(pk__in=under)


def put_away(thing, by):
    """Put a file, or a subfolder with all in it, into the bin; a card's own folder stays."""
    put_all_away([thing], by)
    thing.refresh_from_db()
    return thing


@transaction.atomic
def put_all_away(things, by):
    """Put several things of one card into its bin; returns the moment, by which they come back together."""
    card, now = verbs.hold(things[0].card, by), timezone.now()
    things = [thing for thing in things if isinstance(thing, File) or thing.parent_id]
    for rows in inside(things):
        rows.filter(trashed_at=None).update(trashed_at=now, trashed_by=by)
    gone = {(kind, pk) for kind in (File, Folder) for pk in kind.objects.filter(
        pk__in=[thing.pk for thing in things if isinstance(thing, kind)], trashed_at=now
    ).values_list("pk", flat=True)}  # fmt: skip
    if gone:
        count(card)
        verbs.tell(card, "binned", by, *(thing for thing in things if (type(thing), thing.pk) in gone))
    return now


def restore(thing, by):
    """Take it out of the bin with all that was put away with it; beside what has its name by now."""
    restore_all([thing], by)
    thing.refresh_from_db()
    return thing


@transaction.atomic
def restore_all(things, by):
    """Take several things of one card out of its bin, each into its place, or into the card's folder where that is gone."""
    card, back, there = verbs.hold(things[0].card, by), [], {}
    for thing in things:
        thing.refresh_from_db()
        when = thing.trashed_at
        if when is None:
            continue
        parent = thing.folder if isinstance(thing, File) else thing.parent
        home = parent if parent.trashed_at is None else verbs.card_folder(card)
        taken = there.setdefault(home.pk, verbs.taken(home))
        thing.name = names.free(thing.name, taken)
        taken.add(thing.name.lower())
        place = {"folder": home} if isinstance(thing, File) else {"parent": home}
        type(thing).objects.filter(pk=thing.pk).update(name=thing.name, **place)
        for some in inside([thing]):
            some.filter(trashed_at=when).update(trashed_at=None, trashed_by=None)
        back.append(thing)
    if back:
        count(card)
        verbs.tell(card, "restored", by, *back)


def put_away_at(card, moment):
    """What was put into the card's bin at that very moment, together."""
    return [thing for thing in contents(card) if thing.trashed_at == moment]


def contents(card):
    """What stands in the card's bin, the latest first: things put away by themselves, not those that went with a folder."""
    alone = ~Q(trashed_at=None)
    with_its = Q(folder__trashed_at=F("trashed_at"))
    files = File.objects.filter(alone, folder__card_id=card.pk).exclude(with_its)
    folders = Folder.objects.filter(alone, card_id=card.pk).exclude(parent__trashed_at=F("trashed_at"))
    found = [*files.select_related("blob", "folder", "trashed_by"), *folders.select_related("trashed_by")]
    return sorted(found, key=lambda thing: thing.trashed_at, reverse=True)


def empty(now=None):
    """Forget what has stood in a bin for thirty days; its bytes go with the next sweep. Returns how many rows."""
    old = (now or timezone.now()) - KEPT
    gone = File.objects.filter(trashed_at__lt=old).delete()[0]
    return gone + Folder.objects.filter(trashed_at__lt=old).delete()[0]

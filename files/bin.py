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


def inside(thing):
    """Querysets of the files and the folders that a file or a folder is and holds."""
    if isinstance(thing, File):
        return File.objects.filter(pk=thing.pk), Folder.objects.none()
    under = [folder.pk for folder in Tree(thing.card_id).under(thing)]
    return File.objects.filter(folder__in=under), Folder.objects.filter(pk__in=under)


@transaction.atomic
def put_away(thing, by):
    """Put a file, or a subfolder with all in it, into the bin; a card's own folder stays."""
    card = verbs.hold(thing.card, by)
    if isinstance(thing, Folder) and thing.parent_id is None:
        return thing
    now = timezone.now()
    for rows in inside(thing):
        rows.filter(trashed_at=None).update(trashed_at=now, trashed_by=by)
    thing.refresh_from_db()
    if thing.trashed_at == now:
        count(card)
        verbs.tell(card, "binned", by, thing)
    return thing


@transaction.atomic
def restore(thing, by):
    """Take it out of the bin with all that was put away with it; beside what has its name by now."""
    card = verbs.hold(thing.card, by)
    thing.refresh_from_db()
    if thing.trashed_at is None:
        return thing
    parent = thing.folder if isinstance(thing, File) else thing.parent
    home = parent if parent.trashed_at is None else verbs.card_folder(card)
    name = names.free(thing.name, verbs.taken(home))
    rows, when = inside(thing), thing.trashed_at
    type(thing).objects.filter(pk=thing.pk).update(
        name=name, **({"folder": home} if isinstance(thing, File) else {"parent": home})
    )
    for some in rows:
        some.filter(trashed_at=when).update(trashed_at=None, trashed_by=None)
    thing.refresh_from_db()
    count(card)
    verbs.tell(card, "restored", by, thing)
    return thing


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

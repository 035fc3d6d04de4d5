"""A lead's folder goes on to its deal, and comes back when the move is taken back (R-262)."""

from django.db import transaction

from crm.cards.models import Card

from . import bin, names, verbs
from .models import File, Folder
from .tree import Tree


@transaction.atomic
def hand_on(source, target, event):
    """Move everything in one card's folder into another card's, and remember in the event what was moved."""
    home = Folder.objects.filter(card_id=source.pk, parent=None).first()
    if home is None:
        return
    things = [*home.children.all(), *home.files.all()]
    if not things:
        return
    to, moved = verbs.card_folder(target), []
    for thing in things:
        put_under(thing, to, moved)
    event.data["files"] = {"to": target.pk, "moved": moved}
    for card in (source, target):
        bin.count(card)
    told = File.objects.there().filter(pk__in=[pk for name, pk, _was in moved if name == "file"])
    if told:
        verbs.tell(Card.objects.get(pk=target.pk), "handed", None, *told)


def take_back(card, event):
    """What was handed on in this move lies where it lay before."""
    handed = event.data.get("files")
    if not handed:
        return
    for name, pk, was in reversed(handed["moved"]):
        thing = {"file": File, "folder": Folder}[name].objects.filter(pk=pk).first()
        home = Folder.objects.filter(pk=was).first() or verbs.card_folder(card)
        if thing is not None:
            put_under(thing, home, [])
    for one in (card, Card(pk=handed["to"])):
        bin.count(one)


def put_under(thing, folder, moved):
    """Put it into the folder under a name that is free there; a subfolder of the same name takes what lies in it.

    ``moved`` gets [kind, id, the folder it lay in] of all that changed its place.
    """
    if isinstance(thing, Folder):
        same = Folder.objects.there().filter(parent=folder, name__iexact=thing.name).first()
        if thing.trashed_at is None and same is not None:
            for inner in [*thing.children.all(), *thing.files.all()]:
                put_under(inner, same, moved)
            return
        under = [one.pk for one in Tree(thing.card_id).under(thing)]
        Folder.objects.filter(pk__in=under).update(card_id=folder.card_id)
        moved.append(["folder", thing.pk, thing.parent_id])
        place = {"parent": folder}
    else:
        moved.append(["file", thing.pk, thing.folder_id])
        place = {"folder": folder}
    name = thing.name if thing.trashed_at else names.free(thing.name, verbs.taken(folder))
    type(thing).objects.filter(pk=thing.pk).update(name=name, **place)

"""Putting a card's files in order: subfolders, names, moves, copies; nothing leaves its card this way."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from . import names, store, verbs
from .models import File, Folder
from .tree import Tree


class Inside(store.Refusal):
    def __init__(self):
        super().__init__(_("A folder cannot be moved into itself."))


def check_free(folder, name, but=None):
    """Raises Clash when the folder has a file or a folder of that name, ``but`` the thing itself."""
    if (but is None or but.name.lower() != name.lower()) and name.lower() in verbs.taken(folder):
        raise verbs.Clash(name)


@transaction.atomic
def make_folder(parent, name, by):
    """A new subfolder. Raises Clash and TooMany."""
    card = verbs.hold(parent.card, by)
    name = names.clean(name)
    check_free(parent, name)
    folder = verbs.new_folder(card, parent, name)
    verbs.tell(card, "folder", by, folder)
    return folder


@transaction.atomic
def rename(thing, name, by):
    """Give a file or a subfolder another name; a card's own folder is called as the card is. Raises Clash."""
    card, name, was = verbs.hold(thing.card, by), names.clean(name), thing.name
    parent = thing.folder if isinstance(thing, File) else thing.parent
    if parent is None or name == was:
        return thing
    check_free(parent, name, but=thing)
    thing.name = name
    thing.save(update_fields=["name", "words"] if isinstance(thing, File) else ["name"])
    verbs.tell(card, "renamed", by, thing, was=was)
    return thing


@transaction.atomic
def move(thing, to, by):
    """Put a file or a subfolder into another folder of the same card. Raises Clash, and Inside."""
    card = verbs.hold(thing.card, by)
    here = thing.folder_id if isinstance(thing, File) else thing.parent_id
    to = Folder.objects.there().filter(card_id=card.pk).get(pk=to.pk)
    if here is None or here == to.pk:
        return thing
    if isinstance(thing, Folder) and to.pk in {inner.pk for inner in Tree(card.pk).under(thing)}:
        raise Inside
    check_free(to, thing.name)
    if isinstance(thing, File):
        thing.folder = to
        thing.save(update_fields=["folder", "words"])
    else:
        thing.parent = to
        thing.save(update_fields=["parent"])
    verbs.tell(card, "moved", by, thing, to=to.name)
    return thing


@transaction.atomic
def bring(thing, to, name, by):
    """Move and rename at once, as file managers do. Raises Clash, and Inside."""
    here = thing.folder_id if isinstance(thing, File) else thing.parent_id
    if here != to.pk and thing.name.lower() in verbs.taken(to):
        thing = rename(thing, name, by)
    return rename(move(thing, to, by), name, by)


@transaction.atomic
def copy(file, to, by, key=None):
    """A file of its own with the newest bytes, in a folder of the same card; the same ``key`` copies once."""
    card = verbs.hold(file.card, by)
    done = file.blob.versions.filter(key=key).select_related("file").first() if key else None
    if done is not None:
        return done.file
    to = Folder.objects.there().select_related("card").filter(card_id=card.pk).get(pk=to.pk)
    there = verbs.taken(to)
    name = file.name if file.name.lower() not in there else names.copy_of(file.name)
    return verbs.add(to, names.free(name, there), file.blob, by, key)

"""Putting a card's files in order: subfolders, names, moves, copies; nothing leaves its card this way."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from . import names, store, verbs
from .models import File, Folder
from .tree import MOST_DEPTH, MOST_FOLDERS, Tree


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


def move(thing, to, by):
    """Put a file or a subfolder into another folder of the same card. Raises Clash, and Inside."""
    move_all([thing], to, by)
    thing.refresh_from_db()
    return thing


@transaction.atomic
def move_all(things, to, by):
    """Put files and subfolders of one card into another folder of it: all of them, or none. Raises Clash, and Inside."""
    card = verbs.hold(things[0].card, by)
    to = Folder.objects.there().filter(card_id=card.pk).get(pk=to.pk)
    things = [thing for thing in things if place_of(thing) not in (None, to.pk)]
    check_outside(things, to)
    there = verbs.taken(to)
    for thing in things:
        if thing.name.lower() in there:
            raise verbs.Clash(thing.name)
        there.add(thing.name.lower())
    File.objects.filter(pk__in=[thing.pk for thing in things if isinstance(thing, File)]).update(folder=to)
    Folder.objects.filter(pk__in=[thing.pk for thing in things if isinstance(thing, Folder)]).update(parent=to)
    if things:
        verbs.tell(card, "moved", by, *things, to=to.name)


def place_of(thing):
    """Id of the folder that a file or a subfolder lies in; None for the card's own folder."""
    return thing.folder_id if isinstance(thing, File) else thing.parent_id


def check_outside(things, to):
    """Raises Inside when the folder is one of these things, or lies in one."""
    if {step.pk for step in Tree(to.card_id).way(to)} & {thing.pk for thing in things if isinstance(thing, Folder)}:
        raise Inside


@transaction.atomic
def bring(thing, to, name, by):
    """Move and rename at once, as file managers do. Raises Clash, and Inside."""
    if place_of(thing) != to.pk and thing.name.lower() in verbs.taken(to):
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
    return verbs.add(to, name_of_copy(file.name, verbs.taken(to)), file.blob, by, key)


def name_of_copy(name, there):
    """What a copy is called beside these names: «name», «name (copy)», «name (copy) (2)»."""
    return names.free(name if name.lower() not in there else names.copy_of(name), there)


@transaction.atomic
def copy_all(things, to, by, key=None):
    """Make files, and subfolders with all in them, once more in a folder of their card; the same ``key`` copies once.

    Only the newest version goes into a copy. Raises Inside, and TooMany.
    """
    card = verbs.hold(things[0].card, by, key)
    if card.sent_before:
        return
    to = Folder.objects.there().filter(card_id=card.pk).get(pk=to.pk)
    check_outside(things, to)
    tree, there, files = Tree(card.pk), verbs.taken(to), []
    made = len(tree.folders)
    for thing in things:
        name = name_of_copy(thing.name, there)
        there.add(name.lower())
        if isinstance(thing, File):
            files.append((to, name, thing))
            continue
        copies = {thing.parent_id: to}
        for one in tree.under(thing, there=True):
            made += 1
            if made > MOST_FOLDERS or len(tree.way(to)) + len(tree.way(one)) - len(tree.way(thing)) >= MOST_DEPTH:
                raise verbs.TooMany
            home = copies[one.parent_id]
            copies[one.pk] = Folder.objects.create(
                card_id=card.pk, parent=home, name=name if one.pk == thing.pk else one.name
            )
        inside = File.objects.there().filter(folder__in=set(copies) - {thing.parent_id})
        files += [(copies[file.folder_id], file.name, file) for file in inside]
    verbs.add_all(card, files, by)
    verbs.tell(card, "copied", by, *things, to=to.name, key=key)

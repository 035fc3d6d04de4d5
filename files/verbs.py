"""What happens to a card's files: something is put in, becomes a new version, or goes back to an older one.

Every act locks the card first, as everything about a card does; the bytes are stored before the lock is asked for.
"""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.access import may_work, viewers
from crm.cards.models import Card, Event
from crm.cards.verbs import lock, record
from crm.cards.words import fold
from crm.sockets import hint_card

from . import names, scanning, store
from .kinds import HEAD, sniff
from .models import Blob, File, Folder, Version
from .tree import MOST_DEPTH, MOST_FOLDERS, Tree

# Files put by one person within this time, with nothing in between, are one line of the feed.
TOGETHER = timedelta(minutes=10)
NAMED = 20


class TooMany(store.Refusal):
    def __init__(self):
        super().__init__(_("There are as many files or folders here as a card can hold."))


class Clash(store.Refusal):
    """A folder, or a file, of that name is already there."""

    status = 409

    def __init__(self, name):
        super().__init__(_("«%(name)s» is already there.") % {"name": name})


def folder_name(card):
    """«{№} {название}», as every file system takes it (R-262)."""
    return names.safe_name(f"{card.number} {card.title}")


def card_folder(card):
    """The card's own folder, made if it has none yet (R-262); call inside a transaction that holds the card."""
    folder = Folder.objects.filter(card_id=card.pk, parent=None).first()
    return folder or Folder.objects.create(card_id=card.pk, name=folder_name(card))


def hold(card, by=None, key=None):
    """The card, locked for a change of its files. Raises PermissionDenied when the person may not work on it."""
    card = lock(card, by, key)
    if not card.works:
        raise PermissionDenied
    return card


def check_work(card, user):
    """Raises PermissionDenied when the person may not work on the card, before any byte is taken."""
    if not may_work(user, card):
        raise PermissionDenied


def put(folder, name, stream, by=None, key=None, beside=False):
    """Put a file with these bytes (anything with ``read``) into the folder; returns the File.

    A file of that name gets a new version, unless ``beside`` makes it «name (2)». The same ``key`` (uuid) puts once.
    Raises store.Refusal (its ``text`` and ``status`` say why) and PermissionDenied.
    """
    store.check_room()
    part = store.Part()
    try:
        with part.held() as file:
            part.take(file, stream, settings.FILES_MOST_BYTES + 1)
        return put_part(folder.card, part, name, by, key, folder=folder, beside=beside)
    finally:
        part.drop()


def put_sent(card, sent, by=None, key=None, **where):
    """Put a file that came with a form into the card, where ``put_part`` says."""
    store.check_room(sent.size)
    part = store.Part()
    try:
        with part.held() as held:
            part.take(held, sent, sent.size)
        return put_part(card, part, sent.name, by, key, **where)
    finally:
        part.drop()


def put_part(card, part, name, by=None, key=None, folder=None, way=(), file=None, beside=False):
    """Put what has arrived whole into the card: by ``way`` of subfolders, or as the next version of ``file``."""
    if part.size > settings.FILES_MOST_BYTES:
        raise store.TooLarge
    done = Version.objects.filter(key=key).select_related("file").first() if key else None
    if done is not None:
        return done.file
    blob = stored(part)
    with transaction.atomic():
        card = hold(card, by)
        done = Version.objects.filter(key=key).select_related("file").first() if key else None
        if done is not None:
            return done.file
        blob = enter(blob)
        if file is not None:
            return add_version(File.objects.select_related("folder").get(pk=file.pk), blob, by, key)
        folder = within(card, folder, way)
        name = names.clean(name)
        there = find(folder, name)
        if there is not None and not beside:
            return add_version(there, blob, by, key)
        return add(folder, names.free(name, taken(folder)), blob, by, key)


def stored(part):
    """The bytes of the part, stored; an unsaved Blob, or the saved one that has the same bytes already.

    Raises Infected when the scanner finds something in them.
    """
    size, digest = part.size, part.digest()
    # Touched, so that it is not swept away as nobody's before a version points to it.
    if Blob.objects.filter(sha256=digest).update(created_at=timezone.now()):
        known = Blob.objects.get(sha256=digest)
        if store.storage().exists(known.place):
            part.drop()
        else:  # its bytes were lost, and here they are again
            store.keep(part, known.place)
            Blob.objects.filter(pk=known.pk).update(missing_at=None)
        return known
    blob = Blob(sha256=digest, size=size, mime=sniff(part.head(HEAD))[:100], scan=scanning.scan(part.path))
    store.keep(part, blob.place)
    return blob


def enter(blob):
    """The row of the stored bytes: this one, or that of somebody who stored the same a moment before."""
    if blob._state.adding:
        Blob.objects.bulk_create([blob], ignore_conflicts=True)
    return Blob.objects.get(sha256=blob.sha256)


def within(card, folder, way):
    """The folder to put into: the card's own by default, then one subfolder after another, made where missing."""
    folder = Folder.objects.there().filter(pk=folder.pk, card_id=card.pk).first() if folder else None
    folder = folder or card_folder(card)
    for step in way:
        name = names.clean(step)
        inner = Folder.objects.there().filter(parent=folder, name__iexact=name).first()
        if inner is None:
            inner = new_folder(card, folder, names.free(name, taken(folder)))
        folder = inner
    return folder


def new_folder(card, parent, name):
    """A subfolder of a name that is free; the card is held. Raises TooMany."""
    tree = Tree(card.pk)
    if len(tree.folders) >= MOST_FOLDERS or len(tree.way(parent)) > MOST_DEPTH:
        raise TooMany
    return Folder.objects.create(card_id=card.pk, parent=parent, name=name)


def find(folder, name):
    """The file of that name in the folder, whatever the case, or None."""
    return File.objects.there().filter(folder=folder, name__iexact=name).select_related("folder").first()


def taken(folder):
    """Names in the folder, lower-cased: of files and of folders, which share one space."""
    names_there = [File.objects.there().filter(folder=folder), Folder.objects.there().filter(parent=folder)]
    return {name.lower() for rows in names_there for name in rows.values_list("name", flat=True)}


def add(folder, name, blob, by=None, key=None):
    """A new file in the folder, of a name that is free; the card is held."""
    if folder.card.file_count >= settings.FILES_MOST_IN_CARD:
        raise TooMany
    now = timezone.now()
    file = File.objects.create(folder=folder, name=name, blob=blob, author=by, at=now, created_at=now)
    Version.objects.create(file=file, n=1, blob=blob, author=by, at=now, key=key)
    Card.objects.filter(pk=folder.card_id).update(file_count=F("file_count") + 1)
    tell(folder.card, "added", by, file)
    return file


def add_all(card, copies, by):
    """New files from (folder, free name, the file whose newest bytes it gets); the card is held. Raises TooMany."""
    if card.file_count + len(copies) > settings.FILES_MOST_IN_CARD:
        raise TooMany
    now = timezone.now()
    files = File.objects.bulk_create(
        File(folder=folder, name=name, words=fold(name), blob_id=file.blob_id, author=by, at=now, created_at=now)
        for folder, name, file in copies
    )
    Version.objects.bulk_create(Version(file=file, blob_id=file.blob_id, author=by, at=now) for file in files)
    Card.objects.filter(pk=card.pk).update(file_count=F("file_count") + len(files))


def add_version(file, blob, by=None, key=None, back_to=None):
    """The file's next version; the same bytes as the newest are none. The card is held."""
    file = File.objects.select_related("blob", "folder__card").get(pk=file.pk)
    if file.blob_id == blob.pk and back_to is None and file.trashed_at is None:
        return file
    file.n, file.blob, file.author, file.at = file.n + 1, blob, by, timezone.now()
    file.save(update_fields=["n", "blob", "author", "at"])
    Version.objects.create(file=file, n=file.n, blob=blob, author=by, at=file.at, key=key, back_to=back_to)
    tell(file.folder.card, "version" if back_to is None else "back", by, file)
    return file


@transaction.atomic
def go_back(version, by):
    """Make an older version the newest again, as a version of its own: nothing that came after it is lost."""
    hold(version.file.folder.card, by)
    file = File.objects.select_related("blob").get(pk=version.file_id)
    return file if file.n == version.n else add_version(file, version.blob, by, back_to=version.n)


def tell(card, act, by, *things, **more):
    """Write into the card's feed what happened to its files, and hint it to open pages."""
    said = [thing.name for thing in things]
    last = card.events.order_by("-at", "-id").first() if act == "added" else None
    together = last is not None and last.kind == Event.Kind.FILE and last.data.get("act") == act
    if together and last.actor_id == (by and by.pk) and last.at > timezone.now() - TOGETHER and not last.key:
        last.data["count"] += len(said)
        last.data["names"] = [*last.data["names"], *said][:NAMED]
        Event.objects.filter(pk=last.pk).update(data=last.data, at=timezone.now())
    else:
        record(card, Event.Kind.FILE, by, more.pop("key", None), act=act, names=said[:NAMED], count=len(said), **more)
    hint_card(card, viewers(card), files=True)

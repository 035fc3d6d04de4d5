"""A card's folder and its subfolders, and the pages of files; who sees the card sees them (R-261, R-262, R-263)."""

from django.http import Http404
from django.urls import reverse
from django.views.decorators.http import require_safe

from crm.cards.access import may_work
from crm.cards.models import Card
from crm.web import page, visible

from . import bin, downloads, finding, kinds, looking
from .models import File, Folder, Version
from .tree import Tree

LONGEST_TEXT = 200_000


@require_safe
@visible(Card)
def of_card(request, card):
    """The card's own folder, by the card: boards and lists link to it without looking it up (R-261)."""
    folder = Folder.objects.visible_to(request.user).filter(card=card, parent=None).first()
    return show(request, card, folder)


@require_safe
@visible(Folder)
def folder(request, folder):
    """One folder, the way to it, and what lies in it."""
    return show(request, folder.card, folder)


def show(request, card, folder):
    """What lies in the folder, or is called or reads as asked anywhere in the card; a card may have no folder yet."""
    tree, asked = Tree(card.pk), request.GET.get("q", "").replace("\0", "").strip()[:200]
    files = File.objects.there().select_related("blob", "author", "folder")
    if asked:
        files = finding.matching(files.filter(folder__card_id=card.pk), asked)[:200]
    else:
        files = files.filter(folder=folder) if folder else []
    path = tree.way(folder) if folder else []
    home = folder is None or folder.parent_id is None
    context = {
        **base(card), "folder": folder, "path": path, "q": asked,
        "children": tree.children(folder) if folder and not asked else [],
        "counts": looking.counts(tree, folder) if folder else {},
        "files": list(files), "works": may_work(request.user, card),
        "here": reverse("files:of_card", args=[card.pk]) if home else folder.get_absolute_url(),
        "upload_url": reverse("files:of_card_uploads", args=[card.pk]) if home
        else reverse("files:uploads", args=[folder.pk]),
        "binned": folder is not None and any(step.trashed_at for step in path),
    }  # fmt: skip
    return page(request, "files/folder.html", context, "files/_folder.html")


def base(card):
    """What every page of files knows: the card, and how a file of a name is drawn."""
    return {"card": card.as_kind(), "icon_of": kinds.icon}


@require_safe
@visible(File)
def file(request, file):
    """A file: how it looks, who put its versions there and when, what can be done with it."""
    kind = kinds.shown_as(file.name, file.blob.mime)
    versions = file.versions.select_related("author", "blob")
    path = Tree(file.folder.card_id).way(file.folder)
    context = {
        **base(file.card), "file": file, "kind": kind, "versions": versions, "path": path,
        "works": may_work(request.user, file.card), "neighbours": neighbours(file),
        "text": file.blob.text[:LONGEST_TEXT] if kind in ("text", "office") else "",
        "pages": range(1, file.blob.pages + 1), "office_there": looking.office() is not None,
    }  # fmt: skip
    return page(request, "files/file.html", context)


def neighbours(file):
    """The file before and the file after it in its folder, as it lists them."""
    pks = list(File.objects.there().filter(folder=file.folder_id).values_list("pk", flat=True))
    at = pks.index(file.pk) if file.pk in pks else None
    if at is None:
        return None, None
    return (pks[at - 1] if at else None), (pks[at + 1] if at + 1 < len(pks) else None)


@require_safe
@visible(File)
def download(request, file):
    """The bytes of its newest version; ``play`` lets the page play what it plays, everything else is saved."""
    mime = kinds.let_out_as(file.name, file.blob.mime) if "play" in request.GET else ""
    return downloads.let_out(request, file.blob, file.name, mime)


@require_safe
@visible(File)
def thumb(request, file):
    """Its small picture, drawn anew from it."""
    return drawn(request, file, "thumb", file.blob.thumb)


@require_safe
@visible(File)
def leaf(request, file, n):
    """One page of it as a picture."""
    return drawn(request, file, f"page-{n}", 1 <= n <= file.blob.pages)


def drawn(request, file, what, there):
    if not there:
        raise Http404
    return downloads.let_out(request, file.blob, f"{what}.webp", "image/webp", place=file.blob.drawn(what))


@require_safe
@visible(Version)
def version(request, version):
    """The bytes of any version."""
    return downloads.let_out(request, version.blob, version.name)


@require_safe
@visible(Card)
def contents_of_bin(request, card):
    """What stands in the card's bin, and until when (R-515)."""
    things = [(thing, isinstance(thing, Folder), thing.trashed_at + bin.KEPT) for thing in bin.contents(card)]
    context = {**base(card), "things": things, "works": may_work(request.user, card)}
    return page(request, "files/bin.html", context, "files/_bin.html")

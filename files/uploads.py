"""Uploads that survive a lost line: the tus protocol 1.0 (core, creation, creation with upload, termination) and plain forms.

The truth of how far an upload has come is the size of the file its bytes are collected in.
"""

import base64

from django.http import HttpResponse, UnreadablePostError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crm.cards.models import Card
from crm.web import form_key, go, nothing, toast, visible

from . import store, verbs
from .models import File, Folder, Upload
from .tree import MOST_DEPTH

VERSION = "1.0.0"
PATCH_TYPE = "application/offset+octet-stream"
# Unfinished ones of one person.
MOST_AT_ONCE = 5000


def answer(status, upload=None, **headers):
    """An answer of the protocol; with an upload it says how far it has come."""
    response = HttpResponse(status=status, headers={"Tus-Resumable": VERSION, "Cache-Control": "no-store", **headers})
    if upload is not None:
        response.headers["Upload-Offset"] = arrived(upload)
        if upload.made_id:  # ours, beside the protocol: whether it became a file or the next version of one
            response.headers["Upload-Version"] = upload.made.n
    return response


def refusal(request, error):
    """Why it is not taken: words for the person, the number for the program."""
    if "Tus-Resumable" in request.headers:
        return HttpResponse(str(error.text), status=error.status, content_type="text/plain; charset=utf-8")
    return nothing(error.status, toast=toast(error.text, error=True))


def part_of(upload):
    return store.Part(upload.code.hex)


def arrived(upload):
    """How many bytes have come."""
    return upload.size if upload.made_id else part_of(upload).size


@require_POST
@visible(Card, work=True)
def of_card(request, card):
    """Begin an upload into the card's own folder, made if it has none yet (R-261, R-262)."""
    return begin(request, card)


@require_POST
@visible(Folder, work=True)
def of_folder(request, folder):
    """Begin an upload into a folder."""
    return begin(request, folder.card, folder=folder)


@require_POST
@visible(File, work=True)
def of_file(request, file):
    """Begin an upload that becomes the file's next version."""
    return begin(request, file.folder.card, file=file)


def begin(request, card, **where):
    """A new upload by the protocol, or all files of an ordinary form at once."""
    try:
        if "Upload-Length" in request.headers:
            return create(request, card, **where)
        return take_form(request, card, **where)
    except store.Refusal as error:
        return refusal(request, error)


def create(request, card, folder=None, file=None):
    size, said = number_of(request.headers["Upload-Length"]), metadata(request)
    if size is None or said is None:
        return answer(400)
    store.check_room(size)
    if Upload.objects.filter(by=request.user, made=None).count() >= MOST_AT_ONCE:
        return answer(429)
    upload = Upload.objects.create(
        card_id=card.pk, folder=folder, file=file, by=request.user, size=size,
        name=(said.get("filename") or "-")[:255], way=way_of(said.get("relativePath", "")),
    )  # fmt: skip
    if request.content_type == PATCH_TYPE or not size:
        append(request, upload)
    return answer(201, upload, Location=reverse("files:upload", args=[upload.pk]))


def number_of(text):
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def metadata(request):
    """What the upload says of itself, or None when that cannot be read."""
    said = {}
    try:
        for pair in filter(None, request.headers.get("Upload-Metadata", "").split(",")):
            name, _space, value = pair.strip().partition(" ")
            said[name] = base64.b64decode(value, validate=True).decode()
    except ValueError:
        return None
    return said


def way_of(path):
    """The subfolders that a file of a dragged folder lies in."""
    steps = [step[:255] for step in path.replace("\\", "/").split("/")[:-1] if step.strip(" .")]
    return steps[:MOST_DEPTH]


@require_http_methods(["GET", "HEAD", "POST"])
@visible(Upload)
def upload(request, upload):
    """How far one's own upload has come; more of it; an end to it: the protocol's other methods in a header of its POST."""
    method = request.headers.get("X-HTTP-Method-Override", request.method).upper()
    if method in ("GET", "HEAD"):
        return answer(204, upload, **{"Upload-Length": upload.size})
    if method == "DELETE":
        part_of(upload).drop()
        upload.delete()
        return answer(204)
    if method != "PATCH" or request.content_type != PATCH_TYPE:
        return answer(415)
    try:
        if upload.made_id is None and number_of(request.headers.get("Upload-Offset", "")) != part_of(upload).size:
            return answer(409, upload)
        append(request, upload)
    except BlockingIOError:
        return answer(423)
    except store.Refusal as error:
        if not isinstance(error, store.NoSpace):
            upload.delete()
        part_of(upload).drop()
        return refusal(request, error)
    return answer(204, upload)


def append(request, upload):
    """Take what this request brings; when that was the last of it, put the file into the card."""
    if upload.made_id is not None:
        return
    part = part_of(upload)
    with part.held() as held:
        store.check_room(upload.size - part.size)
        try:
            part.take(held, request, upload.size - part.size)
        except UnreadablePostError:  # the line broke: what has come stays, and the upload goes on from there
            part.take(held, request, upload.size - part.size)
        if part.size < upload.size:
            Upload.objects.filter(pk=upload.pk).update(touched_at=timezone.now())
            return
        upload.made = verbs.put_part(
            upload.card,
            part,
            upload.name,
            upload.by,
            upload.code,
            folder=upload.folder,
            way=upload.way,
            file=upload.file,
        )
    Upload.objects.filter(pk=upload.pk).update(made=upload.made, touched_at=timezone.now())


def told(files):
    """What became of what was sent: how many new files, how many new versions of known ones."""
    newer = sum(file.n > 1 for file in files)
    counts = (_("Files added: %(n)s"), len(files) - newer), (_("New versions: %(n)s"), newer)
    return ". ".join(words % {"n": n} for words, n in counts if n)


class NoFile(store.Refusal):
    def __init__(self):
        super().__init__(gettext_lazy("Choose a file."))


def take_form(request, card, folder=None, file=None):
    """The files of an ordinary form, for a browser without scripts; the same form sent twice puts them once."""
    files = request.FILES.getlist("file")
    if not files:
        raise NoFile
    put = [
        verbs.put_sent(card, one, request.user, None if place else form_key(request), folder=folder, file=file)
        for place, one in enumerate(files)
    ]
    if request.headers.get("HX-Request"):
        return nothing(**{"files-changed": {"card": card.pk}, "toast": toast(told(put))})
    return go(request, file.get_absolute_url() if file else reverse("files:of_card", args=[card.pk]))

"""A folder as one ZIP, made while it is being sent: neither memory nor disk holds it (R-511)."""

from collections import defaultdict

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_safe
from zipstream import ZipStream

from crm.web import visible

from . import downloads, store
from .models import File, Folder
from .names import fit
from .tree import Tree


def members(folder):
    """(path inside the archive, Blob) of all that lies in the folder, and (path, None) of folders without files."""
    tree, files = Tree(folder.card_id), defaultdict(list)
    folders, outer = tree.under(folder, there=True), len(tree.way(folder))
    for file in File.objects.there().filter(folder__in=[one.pk for one in folders]).select_related("blob"):
        files[file.folder_id].append(file)
    for one in folders:
        way = [step.name for step in tree.way(one)[outer - 1 :]]
        if not files[one.pk]:
            yield "/".join(way), None
        for file in files[one.pk]:
            yield "/".join([*way, file.name]), file.blob


def content(blob):
    """The bytes of one member; those that are gone leave it empty, and the alarm was sounded."""
    try:
        file = store.opened(blob)
    except store.Missing:
        return
    with file:
        yield from downloads.pieces(file, 0, blob.size)


def zipped(found, name):
    """The answer that sends these members. Stored, not packed: pictures and office files are packed already."""
    stream = ZipStream()
    for path, blob in found:
        if blob is None:
            stream.mkdir(path)
        else:
            stream.add(content(blob), path)
    return downloads.guarded(StreamingHttpResponse(stream), fit(f"{name}.zip"))


@require_safe
@visible(Folder)
def archive(request, folder):
    """The folder with all in it."""
    return zipped(members(folder), folder.name)

"""Folders and files as WsgiDAV asks for them: every look goes through ``visible_to``, every change through a verb."""

import re
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from wsgidav.dav_error import HTTP_FORBIDDEN, DAVError
from wsgidav.dav_provider import DAVCollection, DAVNonCollection, DAVProvider

from .. import arranging, bin, names, store, verbs
from ..models import File, Folder

# The newest open cards that the first page of folders names; every other one opens by its name.
MOST_CARDS = 500
NUMBER = re.compile(r"^[^\W\d_]+-(\d{1,18})(?= |$)")


@contextmanager
def told():
    """What our verbs refuse, in the protocol's words."""
    try:
        yield
    except store.Refusal as refusal:
        status = {507: 507, 413: 413, 409: 409}.get(refusal.status, HTTP_FORBIDDEN)
        raise DAVError(status, str(refusal.text)) from refusal
    except PermissionDenied as denied:
        raise DAVError(HTTP_FORBIDDEN) from denied


def user_of(environ):
    return environ["crm.user"]


class Home(DAVCollection):
    """The folders of the cards that the person sees."""

    def get_member_names(self):
        rows = Folder.objects.visible_to(user_of(self.environ)).filter(parent=None, card__closed_at=None)
        return list(rows.order_by("-card_id").values_list("name", flat=True)[:MOST_CARDS])

    def get_member(self, name):
        number = NUMBER.match(name)
        rows = Folder.objects.visible_to(user_of(self.environ)).filter(parent=None, name=name)
        folder = rows.filter(card_id=int(number[1])).first() if number else None
        return folder and Place(self.path.rstrip("/") + "/" + name, self.environ, folder)

    def create_empty_resource(self, name):
        raise DAVError(HTTP_FORBIDDEN)

    def create_collection(self, name):
        raise DAVError(HTTP_FORBIDDEN)


class Place(DAVCollection):
    """A card's folder, or a subfolder."""

    def __init__(self, path, environ, folder):
        super().__init__(path, environ)
        self.folder = folder

    def get_creation_date(self):
        return self.folder.created_at.timestamp()

    def get_last_modified(self):
        return self.folder.created_at.timestamp()

    def get_member_names(self):
        inner = Folder.objects.there().filter(parent=self.folder).values_list("name", flat=True)
        return [*inner, *File.objects.there().filter(folder=self.folder).values_list("name", flat=True)]

    def get_member(self, name):
        path = self.path.rstrip("/") + "/" + name
        inner = Folder.objects.there().select_related("card").filter(parent=self.folder, name__iexact=name).first()
        if inner is not None:
            return Place(path, self.environ, inner)
        file = File.objects.there().filter(folder=self.folder, name__iexact=name)
        file = file.select_related("blob", "folder__card").first()
        return file and Paper(path, self.environ, self.folder, name, file)

    def create_empty_resource(self, name):
        paper = Paper(self.path.rstrip("/") + "/" + name, self.environ, self.folder, name)
        if self.environ["REQUEST_METHOD"] != "PUT":  # a lock on what is not there yet
            paper.begin_write()
            paper.end_write(with_errors=False)
        return paper

    def create_collection(self, name):
        with told():
            arranging.make_folder(self.folder, exact(name), user_of(self.environ))

    def support_recursive_delete(self):
        return True

    def delete(self):
        if self.folder.parent_id is None:
            raise DAVError(HTTP_FORBIDDEN)
        with told():
            bin.put_away(self.folder, user_of(self.environ))
        self.remove_all_locks(recursive=True)

    def support_recursive_move(self, dest_path):
        return True

    def move_recursive(self, dest_path):
        if self.folder.parent_id is None:
            raise DAVError(HTTP_FORBIDDEN)
        move(self, self.folder, dest_path)

    def copy_move_single(self, dest_path, *, is_move):
        parent, name = target(self, dest_path)
        with told():
            arranging.make_folder(parent, name, user_of(self.environ))


class Paper(DAVNonCollection):
    """A file, or one that is about to be."""

    def __init__(self, path, environ, folder, name, file=None):
        super().__init__(path, environ)
        self.folder, self.called, self.file, self.part = folder, name, file, None

    def get_content_length(self):
        return self.file.blob.size if self.file else 0

    def get_content_type(self):
        return "application/octet-stream"

    def get_creation_date(self):
        return self.file.created_at.timestamp() if self.file else None

    def get_last_modified(self):
        return self.file.at.timestamp() if self.file else None

    def get_etag(self):
        return f"{self.file.blob.sha256}-{self.file.n}" if self.file else None

    def support_etag(self):
        return True

    def support_ranges(self):
        return True

    def get_content(self):
        try:
            return store.opened(self.file.blob)
        except store.Missing as missing:
            raise DAVError(410) from missing

    def begin_write(self, *, content_type=None):
        with told():
            verbs.check_work(self.folder.card, user_of(self.environ))
            exact(self.called)
            store.check_room(int(self.environ.get("CONTENT_LENGTH") or 0))
        self.part = store.Part()
        return self.part.path.open("wb")

    def end_write(self, *, with_errors):
        if self.part is None:
            return
        try:
            if not with_errors:
                with told():
                    card, by = self.folder.card, user_of(self.environ)
                    file = verbs.put_part(card, self.part, self.called, by, folder=self.folder)
                    self.file = File.objects.select_related("blob", "folder__card").get(pk=file.pk)
        finally:
            self.part.drop()

    def delete(self):
        with told():
            bin.put_away(self.file, user_of(self.environ))
        self.remove_all_locks(recursive=True)

    def support_recursive_move(self, dest_path):
        return True

    def move_recursive(self, dest_path):
        move(self, self.file, dest_path)

    def copy_move_single(self, dest_path, *, is_move):
        if is_move:
            move(self, self.file, dest_path)
            return
        parent, name = target(self, dest_path)
        with told():
            copy = arranging.copy(self.file, parent, user_of(self.environ))
            arranging.rename(copy, name, user_of(self.environ))

    def set_last_modified(self, dest_path, time_stamp, *, dry_run):
        return True  # when it came is when it came; a program that says otherwise is heard politely


def exact(name):
    """A name that is kept as it is. Raises DAVError for one that some file system would not take."""
    if names.clean(name) != name:
        raise DAVError(HTTP_FORBIDDEN, "the name has characters that are not taken")
    return name


def target(resource, dest_path):
    """The folder and the name that a path leads to; both ends lie in one card."""
    way, _slash, name = dest_path.rstrip("/").rpartition("/")
    parent = resource.provider.get_resource_inst(way or "/", resource.environ)
    own = resource.folder.card_id
    if not isinstance(parent, Place) or parent.folder.card_id != own:
        raise DAVError(HTTP_FORBIDDEN, "files do not leave their card")
    return parent.folder, exact(name)


def move(resource, thing, dest_path):
    parent, name = target(resource, dest_path)
    with told():
        arranging.bring(thing, parent, name, user_of(resource.environ))
    resource.remove_all_locks(recursive=True)


class Cards(DAVProvider):
    """Everything under /dav/."""

    def get_resource_inst(self, path, environ):
        at = Home("/", environ)
        for name in filter(None, path.split("/")):
            at = at.get_member(name) if at is not None and at.is_collection else None
        return at

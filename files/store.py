"""Where bytes lie: collected in a part of their own, then stored once under a name nobody chose, never overwritten.

A part and the storage of the file system lie on the same volume, so that a part becomes a stored file by one rename.
"""

import errno
import fcntl
import hashlib
import logging
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.files.base import File as DjangoFile
from django.core.files.storage import storages
from django.utils.translation import gettext_lazy as _

log = logging.getLogger("crm.files")
CHUNK = 1024 * 1024
FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}


class Refusal(Exception):
    """The file cannot be taken; ``text`` says why in the reader's language, ``status`` is the answer's number."""

    status = 422

    def __init__(self, text):
        super().__init__(str(text))
        self.text = text


class NoSpace(Refusal):
    status = 507

    def __init__(self):
        super().__init__(_("The disk of the server is full. Nothing was saved; tell the administrator."))


class TooLarge(Refusal):
    status = 413

    def __init__(self):
        most = settings.FILES_MOST_BYTES // 1024**2
        super().__init__(_("The file is larger than the limit of %(most)s MB.") % {"most": most})


class Missing(Exception):
    """The row says that there are bytes, the storage says that there are none."""


def storage():
    return storages["files"]


def check_room(size=0):
    """Raises NoSpace when these bytes would leave less free than the floor, TooLarge when they are over the limit."""
    if size > settings.FILES_MOST_BYTES:
        raise TooLarge
    parts().mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(parts()).free - size < settings.FILES_FREE_FLOOR:
        raise NoSpace


def parts():
    """The folder of what is still arriving."""
    return Path(settings.MEDIA_ROOT, "parts")


class Part:
    """Bytes that are arriving, in a file of their own; what a killed process left is a beginning to go on from."""

    def __init__(self, name=None):
        self.path = parts() / (name or uuid4().hex)

    @property
    def size(self):
        """How many bytes are there; 0 when there is none yet."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def held(self):
        """The part opened for more, by one process at a time; raises BlockingIOError when another holds it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield file

    def take(self, file, stream, most):
        """Write what the stream gives, at most so many bytes; returns how many. Raises NoSpace when the disk is full."""
        taken = 0
        try:
            while taken < most and (chunk := stream.read(min(CHUNK, most - taken))):
                taken += len(chunk)
                left = memoryview(chunk)
                while left:
                    left = left[file.write(left) :]
        except OSError as error:
            if error.errno not in FULL:
                raise
            raise NoSpace from error
        return taken

    def digest(self):
        """The sha256 of all of it, after the disk has it for good."""
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
            return hashlib.file_digest(file, "sha256").hexdigest()

    def head(self, size):
        with self.path.open("rb") as file:
            return file.read(size)

    def drop(self):
        self.path.unlink(missing_ok=True)


class _Moved(DjangoFile):
    """A part as the storage takes it: renamed by the file system's, read by any other."""

    def temporary_file_path(self):
        return self.name


def keep(part, place):
    """Store the part under this name, for good, before any row speaks of it."""
    try:
        with part.path.open("rb") as file:
            storage().save(place, _Moved(file, str(part.path)))
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise NoSpace from error
    settle(place)
    part.drop()


def settle(place):
    """Make the disk remember the name too, where the storage is a folder."""
    try:
        path = Path(storage().path(place))
    except NotImplementedError:
        return
    for folder in (path.parent, path.parent.parent):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def opened(blob, place=None):
    """The bytes, opened for reading from any place. Raises Missing, having sounded the alarm, when they are gone."""
    where, place = storage(), place or blob.place
    try:
        # A bucket is read from any place on as it comes; its storage would bring the whole file here first.
        return streamed(where, place) if hasattr(where, "bucket") else where.open(place)
    except OSError as error:
        if not isinstance(error, FileNotFoundError) and not hasattr(where, "bucket"):
            raise
        log.error("bytes of blob %s are gone", blob.pk)
        raise Missing from error


def streamed(where, place):
    """A file in a bucket, open for reading and seeking. Raises OSError when it is not there."""
    import smart_open  # and with it all of Amazon's library, which nobody waits for without a bucket

    client = where.connection.meta.client
    return smart_open.open(f"s3://{where.bucket_name}/{place}", "rb", transport_params={"client": client})


@contextmanager
def at_hand(blob):
    """A path where the bytes can be read by another program; a copy where the storage is no folder."""
    try:
        path = Path(storage().path(blob.place))
    except NotImplementedError:
        path = None
    if path is not None:
        yield path
        return
    copy = Part()
    copy.path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with opened(blob) as source, copy.path.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK)
        yield copy.path
    finally:
        copy.drop()

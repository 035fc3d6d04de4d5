"""Rows and bytes agree: what nobody's row speaks of is swept away, what a row speaks of and is not there is an alarm."""

import logging
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.notifications.notices import notice, notify
from crm.notifications.outbox import courier, put
from crm.people.models import User

from . import store
from .models import Blob, Upload
from .uploads import part_of

log = logging.getLogger("crm.files")
# Younger bytes may be waiting for their row, and an upload for its line.
AGE = timedelta(hours=24)
UPLOADS_KEPT = timedelta(days=3)


def sweep(now=None):
    """Everything below, once; may run twice or late without harm."""
    now = now or timezone.now()
    forget_uploads(now)
    forget_blobs(now)
    compare(now)


def forget_uploads(now):
    """Uploads that nobody went on with, and parts that no upload speaks of."""
    for upload in Upload.objects.filter(touched_at__lt=now - UPLOADS_KEPT)[:1000]:
        part_of(upload).drop()
        upload.delete()
    known = {code.hex for code in Upload.objects.values_list("code", flat=True)}
    for path in store.parts().iterdir() if store.parts().is_dir() else ():
        if path.name not in known and now.timestamp() - path.stat().st_mtime > AGE.total_seconds():
            path.unlink(missing_ok=True)


def forget_blobs(now):
    """Blobs that no version points to any more: the row first, its bytes after commit, from a row of the outbox."""
    for pk in Blob.objects.filter(versions=None, created_at__lt=now - AGE).values_list("pk", flat=True)[:1000]:
        with transaction.atomic():
            blob = Blob.objects.select_for_update(skip_locked=True).filter(pk=pk, created_at__lt=now - AGE).first()
            if blob is None or blob.versions.exists():
                continue
            places = [blob.place, blob.drawn("thumb"), *(blob.drawn(f"page-{n + 1}") for n in range(blob.pages))]
            put("file-bytes", f"file-bytes:{blob.code}", {"places": places})
            blob.delete()


@courier("file-bytes", outside=True)
def erase(payload, key):
    """Take bytes out of the storage; what is gone already is gone."""
    for place in payload["places"]:
        store.storage().delete(place)


def compare(now):
    """Bytes without a row are erased after a day; rows without bytes are marked, and administrators are told."""
    storage, old, lost = store.storage(), now - AGE, []
    for prefix in (f"{n:02x}" for n in range(256)):
        try:
            there = set(storage.listdir(f"blobs/{prefix}")[1])
        except FileNotFoundError:
            there = set()
        rows = Blob.objects.filter(code__gte=first(prefix), code__lte=last(prefix))
        known = {code.hex: pk for code, pk in rows.values_list("code", "pk")}
        for name in there - set(known):
            with suppress(FileNotFoundError):  # another clock was faster
                if storage.get_modified_time(f"blobs/{prefix}/{name}") < old:
                    storage.delete(f"blobs/{prefix}/{name}")
        gone = [pk for name, pk in known.items() if name not in there]
        lost += rows.filter(pk__in=gone, missing_at=None, created_at__lt=now - timedelta(hours=1))
    if lost:
        report(lost, now)


def first(prefix):
    return prefix + "0" * 30


def last(prefix):
    return prefix + "f" * 30


@transaction.atomic
def report(lost, now):
    """Say once of each that its bytes are gone."""
    Blob.objects.filter(pk__in=[blob.pk for blob in lost]).update(missing_at=now)
    log.error("bytes of %s stored files are gone from the storage", len(lost))
    admins = User.objects.active().filter(roles__contains=["administrator"]).values_list("pk", flat=True)
    notify(admins, None, "files-gone", count=len(lost), slot=f"files-gone:{now:%Y-%m-%d}")


@notice("files-gone", icon="alert-circle")
def gone(row):
    return _("Bytes of stored files are gone from the storage: %(count)s. Restore them from the backup.") % row.data

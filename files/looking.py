"""Looking into what was stored: thumbnails, pages and the text inside, by a worker, in a child with limits (B25).

Nothing is queued: a blob that nobody has looked at yet is a row that says so, and a worker that dies leaves it one.
"""

import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.contrib.postgres.search import SearchVector
from django.core.files.base import File as DjangoFile
from django.db import transaction
from django.db.models import Q, Value
from django.utils import timezone

from crm.cards.words import RUSSIAN, fold

from . import kinds, names, store
from .models import Blob, File

log = logging.getLogger("crm.files")
HELD = timedelta(minutes=10)
MOST_LOOKS = 2
MOST_BYTES = 100 * 1024**2
SECONDS, OFFICE_SECONDS = 60, 120
CHILD = Path(__file__).with_name("child.py")
# LibreOffice asks whatever server a document names for its pictures, unless its settings say no.
OFFICE_SETTINGS = Path(__file__).with_name("soffice.xcu")
MOST_TEXT = 500_000


@cache
def office():
    """LibreOffice, which draws office files, or None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def counts(tree, folder):
    """How many files lie in each subfolder, by its number."""
    rows = File.objects.there().filter(folder__in=tree.folders).values_list("folder_id", flat=True)
    own: dict[int, int] = {}
    for pk in rows:
        own[pk] = own.get(pk, 0) + 1
    return {
        child.pk: sum(own.get(one.pk, 0) for one in tree.under(child, there=True)) for child in tree.children(folder)
    }


def look(now=None, most=20):
    """Look into a few blobs that nobody has looked into; returns how many. May run in many workers at once."""
    for done in range(most):
        blob = claim(now or timezone.now())
        if blob is None:
            return done
        look_into(blob)
    return most


@transaction.atomic
def claim(now):
    """The oldest blob to look into, taken for ten minutes, or None; one whose looks all died is given up."""
    waiting = Blob.objects.filter(Q(held_until=None) | Q(held_until__lt=now), looked_at=None, missing_at=None)
    blob = waiting.select_for_update(skip_locked=True).order_by("created_at").first()
    if blob is None:
        return None
    blob.held_until, blob.looks = now + HELD, blob.looks + 1
    if blob.looks > MOST_LOOKS:
        blob.looked_at = now
    blob.save(update_fields=["held_until", "looks", "looked_at"])
    return blob


def look_into(blob):
    """Draw and read one blob as the names of its files say, and write down what came of it."""
    if blob.looked_at is not None:
        return
    file = File.objects.filter(blob=blob).first() or File.objects.filter(versions__blob=blob).first()
    kind = kinds.shown_as(file.name, blob.mime) if file else ""
    text, found = "", []
    if kind in ("picture", "pdf", "office", "text") and blob.size <= MOST_BYTES:
        try:
            with store.at_hand(blob) as path, tempfile.TemporaryDirectory(dir=store.parts().parent) as folder:
                made = Path(folder)
                run(kind, names.extension(file.name), path, made)
                text, found = (made / "text").read_text("utf-8") if (made / "text").exists() else "", keep(blob, made)
        except store.Missing:
            return
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("blob %s was not drawn: %s", blob.pk, type(error).__name__)
    text = text.replace("\0", "")[:MOST_TEXT]
    Blob.objects.filter(pk=blob.pk).update(
        looked_at=timezone.now(), held_until=None, text=text, thumb="thumb" in found,
        pages=sum(name.startswith("page-") for name in found),
        vector=SearchVector(Value(fold(text)[:MOST_TEXT]), config=RUSSIAN) if text else None,
    )  # fmt: skip


def run(kind, ending, path, made):
    """Let the child draw and read; office files first become a PDF where LibreOffice is."""
    if kind == "office":
        child("text", ending, path, made)
        path = as_pdf(path, ending, made)
        if path is None:
            return
        kind = "pages"
    child(kind, ending, path, made)


def child(task, ending, path, made):
    """One task in a process of its own, without our environment; raises SubprocessError when it fails or takes long."""
    argv = [sys.executable, "-I", CHILD, task, ending, path, made]
    subprocess.run(argv, env={"LANG": "C.UTF-8"}, timeout=SECONDS, check=task != "text", capture_output=True)


def as_pdf(path, ending, made):
    """The office file as a PDF, or None where nobody can make one of it."""
    if office() is None:
        return None
    argv, env = office_command(path, ending, made)
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(argv, env=env, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        started.wait(OFFICE_SECONDS)
    except subprocess.TimeoutExpired:
        log.warning("an office file was not drawn in %s seconds", OFFICE_SECONDS)
    finally:  # it is three processes, and one that hangs is not the one that was started
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    found = made / "source.pdf"
    return found if found.exists() else None


def office_command(path, ending, made):
    """What starts LibreOffice over a copy of the file: its arguments and its environment, settings of its own included."""
    source, profile = made / f"source.{ending}", made / "profile" / "user"
    shutil.copyfile(path, source)
    profile.mkdir(parents=True)
    shutil.copyfile(OFFICE_SETTINGS, profile / "registrymodifications.xcu")
    argv = [sys.executable, "-I", CHILD, "office", ending, source, made, str(office())]
    return argv, {"LANG": "C.UTF-8", "HOME": str(made), "PATH": "/usr/bin:/bin"}


def keep(blob, made):
    """Store what was drawn; returns the names of it."""
    found = []
    for path in sorted(made.glob("*.webp")):
        place = blob.drawn(path.stem)
        store.storage().delete(place)
        with path.open("rb") as file:
            store.storage().save(place, DjangoFile(file))
        found.append(path.stem)
    return found

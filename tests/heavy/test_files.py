"""Files under stress: killed in the middle, a full disk, two people at one file, gigabytes; rows and bytes agree (B7)."""

import base64
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from threading import Thread
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import psutil
import pytest
import requests
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from crm.cards.models import Event
from crm.launcher.services import database_url
from crm.notifications.outbox import drain
from crm.pipelines.moves import open_card
from deals.models import Project
from files import arranging, bin, store, sweeping, verbs
from files.models import Blob, File, Folder, Version
from tests.doors.world import cookie, signed_in
from tests.server import serving

from .putter import COPIES, GROUPS, content, group, place, put
from .test_kills import wait_for

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True)]
KILLS = int(os.environ.get("CRM_FILES_KILLS", 200))
GIGABYTES = float(os.environ.get("CRM_FILES_GB", 2))
PIECE = 16 * 1024**2
STREAM = "application/offset+octet-stream"


@pytest.fixture
def folders(lasting_cast):
    cast = lasting_cast
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    deals = [open_card(Project, by=cast.anna, owner=cast.anna, title=f"Лобби {n}") for n in range(3)]
    cast.folders = [deal.folders.get(parent=None) for deal in deals]
    return cast


def agree():
    """Every version's bytes are there and are what their sum says; nothing else is."""
    for blob in Blob.objects.all():
        with store.opened(blob) as file:
            assert sha256(file.read()).hexdigest() == blob.sha256
    places = {path.name for path in Path(settings.MEDIA_ROOT, "blobs").rglob("*") if path.is_file()}
    assert places == {code.hex for code in Blob.objects.values_list("code", flat=True)}
    assert not list(store.parts().iterdir())
    for file in File.objects.all():
        numbers = list(file.versions.order_by("n").values_list("n", flat=True))
        assert numbers == list(range(1, file.n + 1)) and file.versions.get(n=file.n).blob_id == file.blob_id
    for folder in Folder.objects.filter(parent=None).select_related("card"):
        assert folder.card.file_count == File.objects.there().filter(folder__card=folder.card_id).count()


@pytest.fixture
def threes(folders):
    """Three files in each of three groups of each card, and a subfolder for copies."""
    for folder in folders.folders:
        arranging.make_folder(folder, COPIES, folders.anna)
        for n in range(GROUPS):
            for one in "абв":
                verbs.put(folder, f"Тройка {n} {one}.txt", io.BytesIO(f"{folder.pk} {n} {one}".encode()), folders.anna)
    return folders


def states(folder):
    """Where each group of the card is: the folder of all its files, or None when they are in the bin together."""
    found = {}
    for n in range(GROUPS):
        files = list(group(folder, UUID(int=n)))
        assert len(files) == 3 and len({(file.folder_id, file.trashed_at) for file in files}) == 1, "torn apart"
        found[n] = None if files[0].trashed_at else files[0].folder_id
    return found


def test_two_hundred_kills_lose_nothing_and_leave_nothing(threes, tmp_path):
    """A kill counts when it strikes in the middle of an act: the journal's last word is that one began."""
    url = urlunsplit(urlsplit(database_url())._replace(path=f"/{connection.settings_dict['NAME']}"))
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.heavy.putter"], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | {"DATABASE_URL": url},
    )  # fmt: skip
    seed, puts, copies, done, struck, cut = Random().randrange(10**9), {}, set(), set(), Counter(), set()
    random = Random(seed)
    print("seed", seed)
    roots = {folder.pk: folder for folder in threes.folders}
    # Of each group where it may be: what was acknowledged last, and what was struck since then.
    may = {(pk, n): [pk] for pk in roots for n in range(GROUPS)}
    runs = 0
    while struck.total() < KILLS:
        journal, runs = tmp_path / str(runs), runs + 1
        print(journal, random.randrange(10**9), threes.anna.pk, *roots, file=server.stdin, flush=True)
        pid = int(server.stdout.readline())
        wait_for(lambda journal=journal: journal.exists() and journal.read_text().count("done") > 0)
        time.sleep(random.uniform(0, 0.3))
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda pid=pid: not psutil.pid_exists(pid))
        lines = [line.split() for line in journal.read_text().splitlines()[1:]]
        for word, act, key, pk in lines:
            what, pk = UUID(key), int(pk)
            if act == "put":
                puts[key] = pk
            elif act == "copy":
                copies.add(key)
            else:
                goal = {"move": lambda p=pk, w=what: place(roots[p], w).pk, "bin": lambda: None}.get(act)
                went = goal() if goal else "back"
                may[pk, what.int % GROUPS] = [went] if word == "done" else [*may[pk, what.int % GROUPS], went]
            if word == "done":
                done.add(key)
        if lines[-1][0] == "start":
            struck[lines[-1][1]] += 1
            cut.add(lines[-1][2])
    server.stdin.close()
    server.wait(10)
    time.sleep(1)  # what was on its way to the database is there or is not
    kept = {str(key) for key in Version.objects.exclude(key=None).values_list("key", flat=True)}
    told = {str(key) for key in Event.objects.exclude(key=None).values_list("key", flat=True)}
    assert done & set(puts) <= kept and done & copies <= told, "acknowledged and lost"
    undone = {key for key in cut if key in puts and key not in kept}
    left = [
        path for name in ("parts", "blobs") for path in Path(settings.MEDIA_ROOT, name).rglob("*") if path.is_file()
    ]
    print(
        f"{runs} runs, {KILLS} kills in the middle of {dict(struck)}; {len(puts)} puts begun, {len(undone)} cut off before "
        f"their row; {len(left) - Blob.objects.count()} files on the disk without a row"
    )
    assert undone, "no kill struck before the work was done"
    for pk, folder in roots.items():
        for n, at in states(folder).items():
            allowed = may[pk, n]
            assert at in allowed or ("back" in allowed and at is not None), (n, at, allowed)
    for key, pk in puts.items():
        put(Folder.objects.select_related("card").get(pk=pk), UUID(key), threes.anna)
    assert Version.objects.exclude(key=None).count() == len(puts)
    for version in Version.objects.exclude(key=None).select_related("blob"):
        assert version.blob.sha256 == sha256(content(version.key)).hexdigest()
    for folder in roots.values():
        made = Event.objects.filter(card_id=folder.card_id, kind="file", data__act="copied").count()
        assert File.objects.filter(folder=folder.children.get(name=COPIES)).count() == 3 * made, "half a copy"
    sweeping.sweep(timezone.now() + timedelta(hours=25))
    agree()


def test_a_full_disk_leaves_no_half_file(folders):
    """The system's limit on the size of a file stands for the full disk: the same error in the same place."""
    folder, random, refused = folders.folders[0], Random(7), 0
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        for n in range(200):
            try:
                verbs.put(folder, f"{n}.bin", io.BytesIO(random.randbytes(random.randrange(2_000_000))), folders.anna)
            except store.NoSpace:
                refused += 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert 50 < refused < 150 and File.objects.count() == 200 - refused
    agree()


@pytest.fixture
def small_disk(folders, tmp_path, settings):
    """Files lie on a disk of eight megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]).returncode:
        pytest.skip("only root mounts a small disk")
    settings.MEDIA_ROOT, settings.FILES_FREE_FLOOR = disk, 0
    options = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": disk}}
    settings.STORAGES = settings.STORAGES | {"files": options}
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_disk_that_is_really_full_is_said_and_nothing_half_written_stays(small_disk, folders):
    """The kernel's own word in the middle of writing; what had come stays, and goes on once there is room again."""
    folder, random, refused = folders.folders[0], Random(7), 0
    for n in range(30):
        try:
            verbs.put(folder, f"{n}.bin", io.BytesIO(random.randbytes(random.randrange(2_000_000))), folders.anna)
        except store.NoSpace:
            refused += 1
    assert refused > 5 and File.objects.count() == 30 - refused > 3
    agree()
    anna, said = signed_in(folders.anna), {"Tus-Resumable": "1.0.0", "Upload-Metadata": "filename YS5iaW4="}
    sent = SimpleUploadedFile("b.bin", random.randbytes(3_000_000))
    for answer in (
        anna.post(f"/files/{folder.pk}/uploads/", {"file": sent}, headers={"HX-Request": "true"}),
        anna.post(
            f"/files/{folder.pk}/uploads/", b"", content_type=STREAM, headers=said | {"Upload-Length": "9000000"}
        ),
    ):
        words = json.loads(answer.headers["HX-Trigger"])["toast"]["text"] if "HX-Trigger" in answer else answer.text
        assert answer.status_code == 507 and "нет места" in words
    agree()
    # It was promised while there was room, and others took the room.
    for file in File.objects.all()[:4]:
        bin.put_away(file, folders.anna)
    bin.empty(timezone.now() + timedelta(days=31))
    sweeping.forget_blobs(timezone.now() + timedelta(days=31))
    drain(kinds={"file-bytes"})
    body = random.randbytes(shutil.disk_usage(small_disk).free - 200_000)
    begun = anna.post(
        f"/files/{folder.pk}/uploads/",
        body[:100_000],
        content_type=STREAM,
        headers=said | {"Upload-Length": str(len(body))},
    )
    assert begun.status_code == 201
    filler = small_disk / "filler"
    filler.write_bytes(bytes(1_000_000))
    more = {"X-HTTP-Method-Override": "PATCH", "Tus-Resumable": "1.0.0", "Upload-Offset": "100000"}
    answer = anna.post(begun.headers["Location"], body[100_000:], content_type=STREAM, headers=more)
    assert answer.status_code == 507 and "нет места" in answer.text
    agree()
    filler.unlink()
    answer = anna.post(begun.headers["Location"], body, content_type=STREAM, headers=more | {"Upload-Offset": "0"})
    assert answer.status_code == 204
    agree()


def test_two_people_at_one_file_lose_no_version(folders):
    folder, failed = folders.folders[0], []

    def replace(user):
        try:
            for n in range(20):
                verbs.put(folder, "Смета.xlsx", io.BytesIO(f"{user.pk} {n}".encode()), user)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=replace, args=(user,)) for user in (folders.anna, folders.irina)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and File.objects.get().n == Version.objects.count() == 40
    agree()


def memory(process):
    return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])


def test_gigabytes_up_and_down_with_memory_flat(folders, tmp_path):
    size, deal = int(GIGABYTES * 1024**3), folders.folders[0].card
    source, digest = tmp_path / "source", sha256()
    with source.open("wb") as file:
        block = os.urandom(PIECE)
        for n in range(size // PIECE):
            piece = n.to_bytes(8) + block[8:]
            digest.update(piece)
            file.write(piece)
    size, began = source.stat().st_size, time.monotonic()
    shutil.copyfile(source, tmp_path / "copy")
    plain = time.monotonic() - began
    with serving() as site:
        web = next(one for one in psutil.Process().children() if "uvicorn" in " ".join(one.cmdline()))
        session = requests.Session()
        session.cookies[settings.SESSION_COOKIE_NAME] = cookie(folders.anna)
        session.get(f"{site}/files/of/{deal.pk}/")
        tus = {"Tus-Resumable": "1.0.0", "X-CSRFToken": session.cookies["csrftoken"], "Referer": site}
        before = peak = memory(web)
        began = time.monotonic()
        made = session.post(
            f"{site}/files/of/{deal.pk}/uploads/", headers=tus | {"Upload-Length": str(size), "Upload-Metadata": "filename YQ=="}
        )  # fmt: skip
        place = site + made.headers["Location"]
        with source.open("rb") as file:
            while piece := file.read(PIECE):
                offset = str(file.tell() - len(piece))
                answer = session.post(place, data=piece, headers=tus | {
                    "X-HTTP-Method-Override": "PATCH", "Upload-Offset": offset, "Content-Type": STREAM,
                })  # fmt: skip
                assert answer.status_code == 204, answer.text[:300]
                peak = max(peak, memory(web))
        up, stored = time.monotonic() - began, File.objects.select_related("blob").get()
        assert stored.blob.sha256 == digest.hexdigest()
        began, came = time.monotonic(), sha256()
        with session.get(site + stored.download_url(), stream=True) as answer:
            for piece in answer.iter_content(1024**2):
                came.update(piece)
                peak = max(peak, memory(web)) if time.monotonic() - began > 1 else peak
        down = time.monotonic() - began
        assert came.hexdigest() == digest.hexdigest()
        small, began = 1000, time.monotonic()
        for n in range(small):
            name, body = base64.b64encode(f"{n}.txt".encode()).decode(), f"{n}".encode()
            said = {"Upload-Length": str(len(body)), "Upload-Metadata": f"filename {name}", "Content-Type": STREAM}
            answer = session.post(f"{site}/files/of/{deal.pk}/uploads/", data=body, headers=tus | said)
            assert answer.status_code == 201, answer.text[:300]
        each = 1000 * (time.monotonic() - began) / small
    rate = size / 1024**2
    print(
        f"{rate:.0f} MB: copied {rate / plain:.0f} MB/s, up {rate / up:.0f} MB/s, down {rate / down:.0f} MB/s; "
        f"memory {before / 1024**2:.0f} → {peak / 1024**2:.0f} MB; {small} small files, {each:.1f} ms each"
    )
    assert peak - before < 120 * 1024**2

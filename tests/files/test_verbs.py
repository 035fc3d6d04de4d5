"""Files are put in, replaced and taken back; rows and bytes agree (R-261, R-511, B7)."""

import uuid
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from crm.cards.models import Event
from files import names, store, verbs
from files.models import Blob, File, Version


def bytes_of(file):
    with store.opened(file.blob) as stream:
        return stream.read()


def test_a_file_is_stored_once_under_a_name_nobody_chose(put, deal, files_apart):
    file = put("Смета.txt", b"1")
    again = put("Копия.txt", b"1")
    assert file.blob == again.blob and Blob.objects.count() == 1
    assert bytes_of(file) == b"1" and file.blob.sha256 == sha256(b"1").hexdigest()
    kept = [path for path in files_apart.rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [file.blob.code.hex] and str(kept[0]).isascii()
    deal.refresh_from_db()
    assert deal.file_count == 2


def test_the_same_name_is_a_new_version_and_an_older_one_comes_back(put, cast):
    file = put("КП.txt", b"first")
    assert put("кп.TXT", b"second") == file
    file.refresh_from_db()
    assert file.n == 2 and bytes_of(file) == b"second"
    verbs.go_back(file.versions.get(n=1), cast.irina)
    file.refresh_from_db()
    assert file.n == 3 and bytes_of(file) == b"first" and file.author == cast.irina
    assert [(v.n, v.back_to) for v in file.versions.all()] == [(3, 1), (2, None), (1, None)]


def test_the_same_key_puts_once(put):
    key = uuid.uuid4()
    assert put("a.txt", b"1", key=key) == put("a.txt", b"2", key=key)
    assert Version.objects.count() == 1


def test_beside_keeps_both(put):
    put("Фото.jpg", b"1")
    assert put("Фото.jpg", b"2", beside=True).name == "Фото (2).jpg"


def test_who_may_not_work_on_the_card_puts_nothing(put, cast, files_apart):
    with pytest.raises(PermissionDenied):
        put(by=cast.pavel)
    assert not File.objects.exists() and not list(Path(files_apart, "parts").iterdir())


def test_the_feed_tells_of_many_in_one_line(put, deal):
    for n in range(5):
        put(f"{n}.txt", str(n).encode())
    event = deal.events.filter(kind=Event.Kind.FILE).get()
    assert event.data["count"] == 5 and event.data["names"][0] == "0.txt"


def test_a_full_disk_and_a_large_file_are_refused_in_words(put, settings, monkeypatch):
    settings.FILES_FREE_FLOOR = 2**60
    with pytest.raises(store.NoSpace) as refusal:
        put()
    assert refusal.value.status == 507
    settings.FILES_FREE_FLOOR, settings.FILES_MOST_BYTES = 0, 3
    with pytest.raises(store.TooLarge):
        put(content=b"1234")
    assert not File.objects.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a/b\\c:d.pdf", "a b c d.pdf"),
        ("../../etc/passwd", ".. .. etc passwd"),
        ("CON.txt", "CON_.txt"),
        ("счёт\u202egpj.exe", "счётgpj.exe"),
        ("  точка. ", "точка"),
        ("и\u0306.txt", "й.txt"),
        ("a\0b\n.txt", "ab .txt"),
        ("\ud800.txt", ".txt"),
        ("", "-"),
        ("...", "-"),
    ],
)
def test_names_that_every_file_system_takes(given, kept):
    assert names.clean(given) == kept


def test_long_names_keep_their_extension():
    name = names.clean("ё" * 300 + ".docx")
    assert name.endswith("ё.docx") and len(name.encode()) <= 255
    assert len(names.free(name, {name.lower()}).encode()) <= 255

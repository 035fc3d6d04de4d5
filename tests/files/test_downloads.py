"""Bytes go out through one door: whole or a range, never to be run, under the right name (R-263, B17, B25)."""

import io
import zipfile

import pytest

from files import names, store
from files.models import Blob
from tests.doors.world import signed_in


@pytest.fixture
def anna(cast):
    return signed_in(cast.anna)


def content(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize(
    ("asked", "status", "got"),
    [
        ("bytes=0-3", 206, b"0123"), ("bytes=5-", 206, b"56789"), ("bytes=-2", 206, b"89"),
        ("bytes=0-99", 200, b"0123456789"), ("bytes=0-1,3-4", 200, b"0123456789"), ("lines=1-2", 200, b"0123456789"),
        ("bytes=-", 200, b"0123456789"), ("bytes=10-", 416, b""), ("bytes=3-1", 416, b""),
        ("bytes=" + "9" * 99 + "-", 416, b""),
    ],
)  # fmt: skip
def test_ranges(put, anna, asked, status, got):
    file = put("a.bin", b"0123456789")
    answer = anna.get(file.download_url(), headers={"Range": asked})
    assert answer.status_code == status and content(answer) == got
    if status == 206:
        assert answer["Content-Range"].endswith("/10") and answer["Content-Length"] == str(len(got))


def test_nothing_is_run_in_our_origin(put, anna):
    for name, body in (
        ("a.html", b"<script>1</script>"),
        ("a.svg", b"<svg onload=1>"),
        ("a.pdf", b"<html>"),
        ("a.mp4", b"<b>"),
    ):
        for query in ("", "?play=1"):
            answer = anna.get(put(name, body).download_url() + query)
            assert answer["Content-Type"] == "application/octet-stream"
            assert answer["Content-Disposition"].startswith("attachment")
            assert "sandbox" in answer["Content-Security-Policy"] and answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Content-Encoding"] == "identity" and "no-store" in answer["Cache-Control"]


def test_the_name_arrives_as_people_wrote_it(put, anna):
    from urllib.parse import quote

    name = 'Счёт «5%» №1; a="b".pdf'
    answer = anna.get(put(name, b"1").download_url())
    assert f"filename*=utf-8''{quote(names.clean(name), safe='')}".lower() in answer["Content-Disposition"].lower()


def test_missing_bytes_are_a_page_and_an_alarm(put, anna, cast, caplog):
    from django.utils import timezone

    from files.sweeping import compare

    file = put()
    store.storage().delete(file.blob.place)
    answer = anna.get(file.download_url())
    assert answer.status_code == 410 and "пропало из хранилища" in answer.content.decode()
    Blob.objects.update(created_at=timezone.now() - timezone.timedelta(hours=2))
    compare(timezone.now())
    assert Blob.objects.get().missing_at and cast.admin.notices.filter(kind="files-gone").count() == 1
    assert "gone" in caplog.text
    put(content=b"words", name="again.txt")
    assert Blob.objects.get().missing_at is None and anna.get(file.download_url()).status_code == 200


def test_an_archive_holds_the_folder_as_it_is(put, anna, folder):
    inner = folder.children.get(name="Фото")
    put("Лобби.txt", b"1", inner)
    put("План.txt", b"2")
    answer = anna.get(f"/files/{folder.pk}/archive/")
    archive = zipfile.ZipFile(io.BytesIO(content(answer)))
    root = folder.name
    assert archive.read(f"{root}/Фото/Лобби.txt") == b"1" and archive.read(f"{root}/План.txt") == b"2"
    assert f"{root}/ТЗ/" in archive.namelist() and archive.testzip() is None

"""Thumbnails, pages and text are taken by a child of few means; what is hostile ends the child alone (B25)."""

import io
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import openpyxl
import psutil
import pytest
from PIL import Image

from crm.bench.hostile import BOMBS, picture, word
from crm.search.views import hits
from files import looking
from files.models import Blob
from tests.doors.world import signed_in


def sheet(text):
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = text
    book.save(out)
    return out.getvalue()


def looked(file):
    looking.look()
    file.refresh_from_db()
    return Blob.objects.get(pk=file.blob_id)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_a_picture_is_drawn_anew(put, kind):
    blob = looked(put(f"a.{ {'JPEG': 'jpg', 'TIFF': 'tif'}.get(kind, kind.lower()) }", picture(kind, (400, 300))))
    assert blob.thumb and blob.pages == 1 and blob.looked_at


def test_a_pdf_has_pages_and_text(put):
    blob = looked(put("a.pdf", picture("PDF")))
    assert blob.thumb and blob.pages == 1


def test_text_inside_is_found_by_those_who_see_the_card(put, cast):
    put("Спецификация.docx", word("Диваны велюровые, двенадцать штук"))
    put("Цены.xlsx", sheet("Светильник потолочный"))
    put("Заметка.txt", "Ёлочные игрушки".encode("cp1251"))
    looking.look()
    for asked, name in (
        ("велюровый диван", "Спецификация.docx"), ("светильники", "Цены.xlsx"), ("елочная", "Заметка.txt"),
        ("специф", "Спецификация.docx"), ("потол", "Цены.xlsx"),
    ):  # fmt: skip
        rows = {str(label): rows for label, rows in hits(cast.anna, asked)}
        assert [row["name"] for row in rows.get("Файлы", [])] == [name], asked
        assert not hits(cast.pavel, asked)


def odt(text, more=""):
    """A document of LibreOffice's own kind; ``more`` is markup after the words."""
    out, uri = io.BytesIO(), "urn:oasis:names:tc:opendocument:xmlns"
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml",
            f'<o:document-content xmlns:o="{uri}:office:1.0" xmlns:t="{uri}:text:1.0" xmlns:d="{uri}:drawing:1.0" '
            f'xmlns:s="{uri}:svg-compatible:1.0" xmlns:x="http://www.w3.org/1999/xlink" o:version="1.3"><o:body><o:text>'
            f"<t:p>{text}</t:p>{more}</o:text></o:body></o:document-content>",
        )
        archive.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{uri}:manifest:1.0"><m:file-entry m:full-path="/" '
            'm:media-type="application/vnd.oasis.opendocument.text"/><m:file-entry m:full-path="content.xml" '
            'm:media-type="text/xml"/></m:manifest>',
        )
    return out.getvalue()


def rtf(text):
    return ("{\\rtf1\\ansi " + "".join(f"\\u{ord(letter)}?" for letter in text) + "}").encode()


OFFICE = {"docx": word, "xlsx": sheet, "odt": odt, "rtf": rtf}
needs_office = pytest.mark.skipif(
    looking.office() is None, reason="LibreOffice is not here: apt-get install libreoffice-writer libreoffice-calc"
)


@needs_office
@pytest.mark.parametrize("ending", OFFICE)
def test_office_files_become_pages_where_libreoffice_is(put, ending):
    blob = looked(put(f"Договор.{ending}", OFFICE[ending]("Светильник потолочный")))
    assert blob.pages == 1 and blob.thumb and "Светильник потолочный" in blob.text


@needs_office
def test_a_document_fetches_nothing_it_links_to(put, tmp_path, files_apart):
    """Neither from a server, our own network's included, nor from the server's disk (B17, B25)."""
    asked = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "secret.png").write_bytes(picture(size=(400, 300)))
    (tmp_path / "secret.txt").write_text("Секретные слова")
    site = f"http://127.0.0.1:{server.server_port}"
    drawn = "".join(
        f'<t:p><d:frame t:anchor-type="as-char" s:width="5cm" s:height="5cm"><d:image x:href="{place}/secret.png" '
        'x:type="simple" x:show="embed" x:actuate="onLoad"/></d:frame></t:p>'
        f'<t:section t:name="S{n}"><t:section-source x:href="{place}/secret.txt" x:type="simple" x:show="embed"/></t:section>'
        for n, place in enumerate((site, tmp_path.as_uri()))
    )
    blob = looked(put("Договор.odt", odt("Своими словами", drawn)))
    server.shutdown()
    assert blob.pages and "Своими словами" in blob.text and "Секретные" not in blob.text
    assert asked == []
    with Image.open(files_apart / blob.drawn("page-1")) as page:
        assert not any(red < 100 < green for _n, (red, green, _blue) in page.convert("RGB").getcolors(10**7))


@pytest.fixture
def sleepy(monkeypatch, tmp_path):
    """An office that starts another process, as LibreOffice does, and hangs with it."""
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\nsleep 99 &\necho $! > {tmp_path}/pid\nwait\n")
    program.chmod(0o755)
    looking.office.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(looking, "OFFICE_SECONDS", 2)
    yield tmp_path / "pid"
    looking.office.cache_clear()


def test_an_office_that_hangs_is_ended_with_all_it_started(put, sleepy):
    blob = looked(put("Договор.docx", word("Светильник")))
    assert blob.looked_at and not blob.pages and blob.text == "Светильник"
    pid = int(sleepy.read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_without_libreoffice_the_text_inside_is_shown(put, cast, monkeypatch):
    looking.office.cache_clear()
    monkeypatch.setenv("PATH", "/nowhere")
    file = put("Договор.docx", word("Светильник потолочный"))
    blob = looked(file)
    page = signed_in(cast.anna).get(file.get_absolute_url()).content.decode()
    looking.office.cache_clear()
    assert not blob.pages and "установлен LibreOffice" in page and "<pre>Светильник потолочный</pre>" in page


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_files_are_left_alone(put, name):
    blob = looked(put(name, BOMBS[name]()))
    assert blob.looked_at and not blob.pages and not blob.thumb


def test_a_worker_that_died_leaves_it_to_the_next_and_then_it_is_given_up(put):
    from datetime import timedelta

    from django.utils import timezone

    put("a.png", picture())
    now = timezone.now()
    assert looking.claim(now) and looking.claim(now) is None
    assert looking.claim(now + timedelta(minutes=11))
    given_up = looking.claim(now + timedelta(minutes=22))
    assert given_up.looked_at and looking.claim(now + timedelta(minutes=33)) is None

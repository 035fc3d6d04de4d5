"""Thumbnails, pages and text are taken by a child of few means; what is hostile ends the child alone (B25)."""

import io
import shutil
import zipfile

import openpyxl
import pytest
from docx import Document
from PIL import Image

from crm.search.views import hits
from files import looking
from files.models import Blob


def picture(kind="PNG", size=(400, 300)):
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def word(text):
    document, out = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


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
    blob = looked(put(f"a.{ {'JPEG': 'jpg', 'TIFF': 'tif'}.get(kind, kind.lower()) }", picture(kind)))
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


def test_office_files_become_pages_where_libreoffice_is(put):
    blob = looked(put("a.docx", word("Договор")))
    assert "Договор" in blob.text
    assert bool(blob.pages) is bool(shutil.which("soffice"))


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", b"<" * 150_000_000)
    return out.getvalue()


def laughs():
    xml = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "{("&" + a + ";") * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    ) + "]><x>&j;</x>"  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word("x"))) as was, zipfile.ZipFile(out, "w") as archive:
        for name in was.namelist():
            archive.writestr(name, xml if name == "word/document.xml" else was.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("42.docx", bomb), ("laughs.docx", laughs), ("flood.png", lambda: picture(size=(60_000, 1000))),
        ("cut.jpg", lambda: picture("JPEG")[:300]), ("html.pdf", lambda: b"%PDF-1.4 <script>"),
        ("svg.png", lambda: b"<svg onload=alert(1)>"), ("rand.xlsx", lambda: b"PK\x03\x04" + bytes(range(256)) * 40),
    ],
)  # fmt: skip
def test_hostile_files_are_left_alone(put, name, content):
    blob = looked(put(name, content()))
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

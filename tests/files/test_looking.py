"""Thumbnails, pages and text are taken by a child of few means; what is hostile ends the child alone (B25)."""

import io
import shutil

import openpyxl
import pytest

from crm.bench.hostile import BOMBS, picture, word
from crm.search.views import hits
from files import looking
from files.models import Blob


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


def test_office_files_become_pages_where_libreoffice_is(put):
    blob = looked(put("a.docx", word("Договор")))
    assert "Договор" in blob.text
    assert bool(blob.pages) is bool(shutil.which("soffice"))


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

"""Several files and folders at once: all of it or none, told in one line, and brought back together (R-511, R-515)."""

import io
import json
import zipfile
from uuid import uuid4

import pytest

from files import arranging, verbs
from files.models import File, Folder, Version
from tests.doors.world import signed_in


@pytest.fixture
def anna(cast):
    return signed_in(cast.anna)


@pytest.fixture
def many(put, folder):
    """Two files and a subfolder with one more, as a page names them."""
    inner = folder.children.get(name="Фото")
    put("Лобби.jpg", b"3", inner)
    many = [put("a.txt", b"1"), put("b.txt", b"2"), inner]
    return many, ",".join(f"{'d' if isinstance(one, Folder) else 'f'}{one.pk}" for one in many)


def test_a_page_counts_what_is_in_its_subfolders(anna, many, folder):
    page = anna.get(folder.get_absolute_url()).content.decode()
    assert page.count("1 файл<") == 1


def test_moved_all_or_none(anna, many, deal, folder, put):
    (a, b, inner), things = many
    offers, url = folder.children.get(name="КП"), f"/files/of/{deal.pk}/moves/"
    asked = anna.post(url, {"things": things}, headers={"HX-Request": "true"}).content.decode()
    assert f'name="things" value="{things}"' in asked and f'value="{offers.pk}"' in asked
    assert f'value="{inner.pk}"' not in asked, "a folder is no place for itself"
    there = put("B.txt", b"x", offers)
    refused = anna.post(url, {"things": things, "folder": offers.pk})
    assert refused.status_code == 422 and "b.txt" in refused.content.decode()
    assert {one.folder for one in File.objects.filter(pk__in=[a.pk, b.pk])} == {folder}
    arranging.rename(there, "c.txt", None)
    before = deal.events.count()
    assert anna.post(url, {"things": things, "folder": offers.pk}).status_code == 204
    inner.refresh_from_db()
    assert {one.folder for one in File.objects.filter(pk__in=[a.pk, b.pk])} == {offers} and inner.parent == offers
    assert deal.events.count() == before + 1
    assert anna.post(url, {"things": f"d{offers.pk}", "folder": inner.pk}).status_code == 422


def test_copied_once_with_all_that_lies_inside(anna, many, deal, folder):
    (_a, _b, inner), things = many
    to, key, url = folder.children.get(name="КП"), str(uuid4()), f"/files/of/{deal.pk}/copies/"
    for _time in range(2):
        assert anna.post(url, {"things": things, "folder": to.pk, "key": key}).status_code == 204
    copied = to.children.get(name="Фото")
    assert {one.name for one in to.files.all()} == {"a.txt", "b.txt"}
    photo, was = copied.files.get(), inner.files.get()
    assert photo.blob_id == was.blob_id and photo.words == was.words and photo.versions.get().n == 1
    deal.refresh_from_db()
    assert deal.file_count == File.objects.count() == 6
    assert anna.post(url, {"things": things, "folder": folder.pk, "key": str(uuid4())}).status_code == 204
    assert {"a (копия).txt", "b (копия).txt"} <= {one.name for one in folder.files.all()}
    assert folder.children.filter(name="Фото (копия)").exists()
    with pytest.raises(arranging.Inside):
        arranging.copy_all([inner], inner, None)


def test_no_more_copies_than_a_card_holds(many, folder, deal, settings):
    settings.FILES_MOST_IN_CARD = 5
    with pytest.raises(verbs.TooMany):
        arranging.copy_all(many[0], folder, None)
    deal.refresh_from_db()
    assert deal.file_count == Version.objects.count() == 3 and folder.children.count() == 6


def test_binned_and_brought_back_together(anna, many, deal, folder, put, cast):
    things = many[1]
    away = anna.post(f"/files/of/{deal.pk}/removals/", {"things": things})
    undo = json.loads(away.headers["HX-Trigger"])["toast"]["undo"]
    assert away.status_code == 204 and not File.objects.there().exists()
    assert not folder.children.there().filter(name="Фото").exists()
    put("A.TXT", b"new")
    assert anna.post(undo).status_code == 204
    assert sorted(File.objects.there().values_list("name", flat=True)) == ["A.TXT", "a (2).txt", "b.txt", "Лобби.jpg"]
    deal.refresh_from_db()
    assert deal.file_count == 4
    events = deal.events.count()
    assert anna.post(undo).status_code == 204 and deal.events.count() == events, "there is nothing more to bring back"


def test_an_archive_of_the_chosen(anna, many, deal, folder, put):
    things = many[1]
    twin = put("a.txt", b"twin", folder.children.get(name="КП"))
    answer = anna.post(f"/files/of/{deal.pk}/archives/", {"things": f"{things},f{twin.pk}"})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert {name: archive.read(name) for name in archive.namelist()} == {
        "a.txt": b"1", "b.txt": b"2", "Фото/Лобби.jpg": b"3", "a (2).txt": b"twin",
    }  # fmt: skip


@pytest.mark.parametrize("things", ["", "f0", "x1", "f" + "9" * 30, "f1,,d", "\0", "f١", "d{root}", "f{other}"])
def test_nothing_to_act_on_is_said(anna, deal, folder, things, cast):
    from crm.pipelines.moves import open_card
    from deals.models import Project

    theirs = open_card(Project, by=cast.pavel, owner=cast.pavel, title="Чужая").folders.get(parent=None)
    other = verbs.put(theirs, "a.txt", io.BytesIO(b"1"), cast.pavel)
    things = things.format(root=folder.pk, other=other.pk)
    for act in ("archives", "moves", "copies", "removals"):
        answer = anna.post(f"/files/of/{deal.pk}/{act}/", {"things": things, "folder": folder.pk})
        assert answer.status_code == 422, act
    other.refresh_from_db()
    assert other.folder == theirs and other.trashed_at is None
    for at in ("", "x", "20260101T000000.000000"):
        assert anna.post(f"/files/of/{deal.pk}/restorations/?at={at}").status_code == 204

"""Names, places, copies, the bin: within a card, by those who may work on it, with a way back (R-511, R-515)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.pipelines.moves import take
from crm.pipelines.undo import undo
from files import arranging, bin, store, sweeping, verbs
from files.models import Blob, File, Folder
from leads.intake import receive
from tests.doors.world import signed_in


def test_rename_and_move_keep_the_bytes(put, folder, cast):
    file, to = put("a.txt"), folder.children.get(name="КП")
    put("b.txt")
    with pytest.raises(verbs.Clash):
        arranging.rename(file, "B.TXT", cast.anna)
    arranging.rename(file, "A.txt", cast.anna)
    arranging.move(file, to, cast.anna)
    file.refresh_from_db()
    assert (file.name, file.folder, file.words) == ("A.txt", to, "A.txt")
    copy = arranging.copy(file, to, cast.anna)
    assert copy.name == "A (copy).txt" or copy.name == "A (копия).txt"
    assert copy.blob == file.blob and copy.versions.count() == 1


def test_a_folder_does_not_go_into_itself(folder, cast):
    outer = folder.children.first()
    inner = arranging.make_folder(outer, "Внутри", cast.anna)
    with pytest.raises(arranging.Inside):
        arranging.move(outer, inner, cast.anna)
    arranging.move(inner, folder, cast.anna)
    inner.refresh_from_db()
    assert inner.parent == folder


def test_a_folder_and_a_file_share_one_space_of_names(put, folder, cast):
    with pytest.raises(verbs.Clash):
        arranging.make_folder(folder, "тз", cast.anna)
    assert put("ТЗ").name == "ТЗ (2)"


def test_what_went_to_the_bin_comes_back_with_all_that_lay_in_it(put, folder, deal, cast):
    inner = folder.children.get(name="Фото")
    first, second = put("1.jpg", b"1", inner), put("2.jpg", b"2", inner)
    bin.put_away(first, cast.anna)
    bin.put_away(inner, cast.anna)
    deal.refresh_from_db()
    assert deal.file_count == 0 and bin.contents(deal) == [inner, first]
    verbs.put(folder, "Фото", __import__("io").BytesIO(b"x"), cast.anna)
    inner = bin.restore(inner, cast.anna)
    second.refresh_from_db()
    first.refresh_from_db()
    assert inner.name == "Фото (2)" and second.trashed_at is None and first.trashed_at is not None
    bin.restore(first, cast.anna)
    deal.refresh_from_db()
    assert deal.file_count == 3


def test_after_thirty_days_nothing_is_left_of_it(put, cast, files_apart):
    kept, gone = put("a.txt", b"kept"), put("b.txt", b"gone")
    bin.put_away(gone, cast.anna)
    later = timezone.now() + timedelta(days=31)
    assert bin.empty(timezone.now() + timedelta(days=29)) == 0
    assert bin.empty(later) and list(File.objects.all()) == [kept]
    sweeping.forget_blobs(later)
    assert Blob.objects.get() == kept.blob
    from crm.notifications.outbox import drain

    drain(kinds={"file-bytes"})
    assert [path.name for path in (files_apart / "blobs").rglob("*") if path.is_file()] == [kept.blob.code.hex]


def test_bytes_without_a_row_are_swept_after_a_day(put, files_apart):
    import os
    import time

    file = put()
    orphans = [files_apart / "blobs" / "ab" / ("ab" + "0" * 30), files_apart / "parts" / "ab"]
    for path in orphans:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    sweeping.sweep()
    assert all(path.exists() for path in orphans)
    for path in orphans:
        os.utime(path, (time.time() - 90_000,) * 2)
    sweeping.sweep()
    assert not any(path.exists() for path in orphans) and store.storage().exists(file.blob.place)


def test_a_leads_folder_goes_on_to_its_deal_and_back(cast):
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Кухня", source="call", may_refer=True)
    home = verbs.card_folder(lead)
    import io

    file = verbs.put(home, "ТЗ.txt", io.BytesIO(b"1"), cast.anna)
    verbs.put(arranging.make_folder(home, "КП", cast.anna), "КП.txt", io.BytesIO(b"2"), cast.anna)
    take(lead, "discuss", cast.anna)
    event = take(lead, "convert", cast.anna, {"has_brief": "yes"})
    deal = lead.links.get().target
    assert {(f.folder.card_id, f.folder.name) for f in File.objects.all()} == {
        (deal.pk, deal.folders.get(parent=None).name), (deal.pk, "КП"),
    }  # fmt: skip
    lead.refresh_from_db()
    deal.refresh_from_db()
    assert (lead.file_count, deal.file_count) == (0, 2)
    undo(event, cast.anna)
    file.refresh_from_db()
    lead.refresh_from_db()
    assert file.folder.card_id == lead.pk and lead.file_count == 2 and File.objects.count() == 2


def test_acts_over_http(put, folder, cast):
    anna = signed_in(cast.anna)
    file = put("a.txt", b"1")
    put("a.txt", b"2")
    assert anna.post(f"/files/file/{file.pk}/removals/").status_code == 204
    assert "a.txt" not in anna.get(f"/files/{folder.pk}/").content.decode()
    assert "a.txt" in anna.get(f"/files/of/{folder.card_id}/bin/").content.decode()
    assert anna.post(f"/files/file/{file.pk}/restorations/").status_code == 204
    old = file.versions.get(n=1)
    assert anna.post(f"/files/version/{old.pk}/returns/").status_code == 204
    assert File.objects.get(pk=file.pk).n == 3
    assert anna.post(f"/files/{folder.pk}/folders/", {"name": "КП"}).status_code == 422
    assert anna.post(f"/files/{folder.pk}/names/", {"name": "x"}).status_code == 404
    assert Folder.objects.filter(parent=folder).count() == 6

"""Uploads by the tus protocol: in pieces, taken up again after a break, whole in the end (R-511)."""

import base64
import json
import os
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from files.models import File, Upload
from tests.doors.world import signed_in

PATCH = {"X-HTTP-Method-Override": "PATCH", "Tus-Resumable": "1.0.0"}
STREAM = "application/offset+octet-stream"


def said(**values):
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


@pytest.fixture
def anna(cast):
    return signed_in(cast.anna)


def create(client, deal, size, name="Видео.mp4", path="", body=b""):
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size)}
    headers["Upload-Metadata"] = said(filename=name, relativePath=path or name)
    return client.post(f"/files/of/{deal.pk}/uploads/", body, content_type=STREAM, headers=headers)


def more(client, place, offset, body):
    return client.post(place, body, content_type=STREAM, headers={**PATCH, "Upload-Offset": str(offset)})


def test_a_broken_upload_goes_on_and_its_sum_is_equal(anna, deal):
    content = os.urandom(300_000)
    begun = create(anna, deal, len(content), body=content[:100_000])
    place = begun.headers["Location"]
    assert begun.status_code == 201 and begun.headers["Upload-Offset"] == "100000"
    assert anna.head(place).headers["Upload-Offset"] == "100000"
    assert more(anna, place, 50_000, content[50_000:]).status_code == 409
    assert more(anna, place, 100_000, content[100_000:200_000]).headers["Upload-Offset"] == "200000"
    assert more(anna, place, 200_000, content[200_000:]).headers["Upload-Offset"] == "300000"
    file = File.objects.get()
    assert file.blob.sha256 == sha256(content).hexdigest() and file.name == "Видео.mp4"
    # The last answer was lost: the same piece again, and the question how far it has come.
    assert more(anna, place, 200_000, content[200_000:]).status_code == 204
    assert anna.head(place).headers["Upload-Offset"] == "300000" and File.objects.count() == 1


def test_a_file_of_a_known_name_is_told_as_its_new_version(anna, deal):
    """To the page that sent it in pieces, and to a form (R-511)."""
    assert create(anna, deal, 5, "План.txt", body=b"first").headers["Upload-Version"] == "1"
    begun = create(anna, deal, 6, "План.txt", body=b"sec")
    assert "Upload-Version" not in begun.headers
    assert more(anna, begun.headers["Location"], 3, b"ond").headers["Upload-Version"] == "2"
    sent = {"file": [SimpleUploadedFile("План.txt", b"third"), SimpleUploadedFile("Смета.txt", b"new")]}
    answer = anna.post(f"/files/of/{deal.pk}/uploads/", sent, headers={"HX-Request": "true"})
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "Добавлено файлов: 1. Новых версий: 1"
    assert File.objects.get(name="План.txt").n == 3


def test_a_dragged_folder_keeps_its_subfolders(anna, deal):
    for path in ("Фото/1.jpg", "Фото/Старые/1.jpg", "../../1.jpg", "a.txt"):
        assert create(anna, deal, 1, path.rsplit("/")[-1], path, b"x").status_code == 201
    ways = {f"{file.folder.name}/{file.name}" for file in File.objects.all()}
    assert {"Фото/1.jpg", "Старые/1.jpg"} < ways and len(ways) == 4
    assert deal.folders.filter(name="Фото").count() == 1


def test_an_upload_is_its_persons_own(anna, deal, cast):
    place = create(anna, deal, 5).headers["Location"]
    for user in (cast.pavel, cast.irina):
        client = signed_in(user)
        assert client.head(place).status_code == more(client, place, 0, b"12345").status_code == 404
    assert Client().head(place).status_code == 302


def test_access_that_ended_ends_the_upload(anna, deal, cast):
    from crm.cards.verbs import hand_over

    place = create(anna, deal, 5).headers["Location"]
    hand_over(deal, cast.pavel, cast.irina)
    assert more(anna, place, 0, b"12345").status_code == 404 and not File.objects.exists()


def test_what_is_too_much_is_refused_before_a_byte_is_taken(anna, deal, settings):
    settings.FILES_MOST_BYTES = 10
    answer = create(anna, deal, 11)
    assert answer.status_code == 413 and "больше допустимых" in answer.content.decode()
    settings.FILES_FREE_FLOOR = 2**60
    answer = create(anna, deal, 1)
    assert answer.status_code == 507 and "нет места" in answer.content.decode()
    assert not Upload.objects.exists()


def test_no_bytes_are_a_file_too(anna, deal):
    assert create(anna, deal, 0, "Пусто.txt").status_code == 201
    assert File.objects.get().size == 0


@pytest.mark.parametrize("headers", [{"Upload-Length": "x"}, {"Upload-Length": "-1"}, {"Upload-Length": "9" * 30},
                                     {"Upload-Length": "1", "Upload-Metadata": "filename &"}])  # fmt: skip
def test_nonsense_is_answered_politely(anna, deal, headers):
    assert anna.post(f"/files/of/{deal.pk}/uploads/", b"", content_type=STREAM, headers=headers).status_code == 400


def test_an_upload_called_off_leaves_nothing(anna, deal, files_apart):
    place = create(anna, deal, 9, body=b"123").headers["Location"]
    assert anna.post(place, headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert anna.head(place).status_code == 404 and not any((files_apart / "parts").iterdir())


def test_a_leads_and_an_expenses_folder_come_with_their_first_file(anna, cast):
    from expenses.verbs import register
    from leads.intake import receive

    for card in (receive("phone", by=cast.anna, owner=cast.anna, title="Лид"), register(cast.anna, title="Стулья")):
        assert anna.get(f"/files/of/{card.pk}/").status_code == 200 and not card.folders.exists()
        assert create(anna, card, 1, body=b"1").status_code == 201
        assert card.folders.get().files.count() == 1

"""Sixty hostile files and every nasty name: nothing is let out to be run, names come back as they went in (B25, D 24-26)."""

import io
import zipfile

import pytest

from crm.bench.hostile import sixty
from files import names
from files.kinds import let_out_as, shown_as
from tests.doors.world import signed_in

NASTY = [
    "Счёт «№ 7» (копия).pdf", "a b  c.txt", "50%.txt", "%2e%2e%2f.txt", "a+b&c=d;e.txt", "#1?.txt", "'кавычки'.txt", "~.txt",
    "-rf.txt", "$(id).txt", "`id`.txt", "${x}.txt", "{{7*7}}.txt", "emoji 🛋️👩‍👩‍👧.txt", "ё" * 125 + ".txt", "日本語.txt",
    "עברית.txt", "é composed.txt", "İ.txt", "ß.txt", "нет расширения", "много.точек.tar.gz", "[скобки].txt", "a,b.txt",
    "@.txt", "!.txt", "^.txt",
]  # fmt: skip


def test_sixty_hostile_files_are_only_ever_saved(put, cast):
    anna, corpus = signed_in(cast.anna), list(sixty())
    assert len(corpus) == 60
    for n, (name, body) in enumerate(corpus):
        file = put(f"{n} {name}", body + bytes([n]))
        for query in ("", "?play=1"):
            answer = anna.get(file.download_url() + query)
            assert answer["Content-Type"] == "application/octet-stream", name
            assert answer["Content-Disposition"].startswith("attachment"), name
            assert "sandbox" in answer["Content-Security-Policy"]
        assert shown_as(file.name, file.blob.mime) in ("", "picture", "pdf"), (name, file.blob.mime)
        assert not let_out_as(file.name, file.blob.mime)
        assert anna.get(f"/files/file/{file.pk}/thumb/").status_code == 404
        assert b"<script>alert" not in anna.get(file.get_absolute_url()).content


@pytest.mark.django_db(transaction=True)
def test_nasty_names_come_back_from_everywhere(lasting_cast):
    from urllib.parse import quote

    import requests

    from crm.pipelines.moves import open_card
    from deals.models import Project
    from files.dav.keys import new_secret
    from files.models import File
    from tests.doors.world import cookie
    from tests.server import serving

    cast = lasting_cast
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    folder, secret = deal.folders.get(parent=None), new_secret(cast.anna)
    kept = [names.clean(name) for name in NASTY]
    with serving() as site:
        session = requests.Session()
        session.cookies["sessionid"] = cookie(cast.anna)
        session.get(f"{site}/files/{folder.pk}/")
        token = {"X-CSRFToken": session.cookies["csrftoken"], "Referer": site}
        for name in NASTY[:13]:
            sent = session.post(
                f"{site}/files/{folder.pk}/uploads/", files={"file": (name, name.encode())}, headers=token
            )
            assert sent.status_code == 200, sent.status_code
        for name in kept[13:]:
            url = f"{site}/dav/{quote(folder.name)}/{quote(name)}"
            sent = requests.put(url, data=name.encode(), auth=(cast.anna.email, secret))
            assert sent.status_code == 201, (name, sent.status_code)
        assert set(File.objects.values_list("name", flat=True)) == set(kept)
        archive = zipfile.ZipFile(io.BytesIO(session.get(f"{site}/files/{folder.pk}/archive/").content))
        there = {name.partition("/")[2] for name in archive.namelist() if not name.endswith("/")}
        assert there == set(kept)
        for name, was in zip(kept, [*NASTY[:13], *kept[13:]], strict=True):
            got = requests.get(f"{site}/dav/{quote(folder.name)}/{quote(name)}", auth=(cast.anna.email, secret))
            assert got.content == was.encode(), name

"""A card's folder over WebDAV, by a real server and a real client: the same rights, the same names (R-263, R-511)."""

import shutil
import subprocess
from base64 import b64encode
from io import BytesIO
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import pytest
import requests

from crm.pipelines.moves import open_card
from deals.models import Project
from files.dav import app
from files.dav.keys import new_secret
from files.models import DavKey, File
from tests.server import serving

pytestmark = pytest.mark.django_db(transaction=True)
LOCK = ('<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
        "<D:locktype><D:write/></D:locktype><D:owner>anna</D:owner></D:lockinfo>")  # fmt: skip


@pytest.fixture
def dav(lasting_cast):
    cast = lasting_cast
    cast.deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    cast.other = open_card(Project, by=cast.pavel, owner=cast.pavel, title="Чужая")
    cast.root = cast.deal.folders.get(parent=None).name
    with serving() as site:
        cast.site = f"{site}/dav/"

        def ask(method, path, user=cast.anna, secret=None, **more):
            url = cast.site + quote(path)
            return requests.request(method, url, auth=(user.email.encode(), secret or cast.secrets[user.pk]), **more)

        cast.secrets = {user.pk: new_secret(user) for user in (cast.anna, cast.pavel, cast.irina)}
        cast.ask = ask
        yield cast


def test_a_folder_is_read_written_and_put_in_order(dav):
    root, ask = dav.root, dav.ask
    listed = ask("PROPFIND", "", headers={"Depth": "1"})
    assert listed.status_code == 207 and quote(root) in listed.text and "Чужая" not in listed.text
    assert ask("PUT", f"{root}/Смета №1 & «5%».txt", data=b"first").status_code == 201
    assert ask("PUT", f"{root}/Смета №1 & «5%».txt", data=b"second").status_code == 204
    got = ask("GET", f"{root}/Смета №1 & «5%».txt", headers={"Range": "bytes=0-2"})
    assert got.content == b"sec" and got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    file = File.objects.get()
    assert file.n == 2 and file.author == dav.anna
    to = dav.site + quote(f"{root}/ТЗ/Смета.txt")
    assert ask("MOVE", f"{root}/Смета №1 & «5%».txt", headers={"Destination": to}).status_code == 201
    file.refresh_from_db()
    assert (file.name, file.folder.name) == ("Смета.txt", "ТЗ")
    assert ask("MKCOL", f"{root}/Новая").status_code == 201
    to = dav.site + quote(f"{root}/Новая/Копия.txt")
    assert ask("COPY", f"{root}/ТЗ/Смета.txt", headers={"Destination": to}).status_code == 201
    assert ask("DELETE", f"{root}/ТЗ/Смета.txt").status_code == 204
    file.refresh_from_db()
    assert file.trashed_at and ask("GET", f"{root}/ТЗ/Смета.txt").status_code == 404
    assert ask("DELETE", root).status_code == 403
    assert ask("GET", f"{root}/Новая/Копия.txt").content == b"second"


def test_what_is_not_ones_own_is_not_there(dav):
    theirs = dav.other.folders.get(parent=None).name
    for method in ("PROPFIND", "GET", "PUT", "DELETE", "MKCOL", "LOCK", "PROPPATCH"):
        answers = [dav.ask(method, path, data=b"") for path in (f"{theirs}/ТЗ/a.txt", "С-999 Нет/ТЗ/a.txt")]
        assert answers[0].status_code == answers[1].status_code >= 400, method
    assert dav.ask("PROPFIND", theirs, headers={"Depth": "1"}).status_code == 404
    assert dav.ask("PUT", f"{dav.root}/a.txt", data=b"1").status_code == 201
    to = dav.site + quote(f"{theirs}/a.txt")
    assert dav.ask("MOVE", f"{dav.root}/a.txt", headers={"Destination": to}).status_code >= 400
    assert File.objects.get().folder.card_id == dav.deal.pk


def test_only_ones_own_password_opens_and_only_while_it_lives(dav):
    assert requests.request("PROPFIND", dav.site).status_code == 401
    for user, secret in ((dav.anna, "drafting-table"), (dav.anna, dav.secrets[dav.pavel.pk]), (dav.pavel, "")):
        assert dav.ask("PROPFIND", "", user, secret or "x").status_code == 401
    assert dav.ask("PROPFIND", "", headers={"Depth": "1"}).status_code == 207
    dav.irina.is_active = False
    dav.irina.save()
    assert dav.ask("PROPFIND", "", dav.irina).status_code == 401
    DavKey.objects.filter(user=dav.anna).delete()
    assert dav.ask("PROPFIND", "").status_code == 401


def test_a_lock_is_everybodys(dav):
    path = f"{dav.root}/Договор.txt"
    dav.ask("PUT", path, data=b"1")
    lock = dav.ask("LOCK", path, data=LOCK.encode(), headers={"Timeout": "Second-60"})
    assert lock.status_code == 200
    assert dav.ask("PUT", path, dav.irina, data=b"2").status_code == 423
    assert dav.ask("PUT", path, data=b"3", headers={"If": f"({lock.headers['Lock-Token']})"}).status_code == 204


def test_rclone_from_debian(dav, tmp_path):
    rclone = shutil.which("rclone")
    assert rclone, "the WebDAV test needs rclone: apt-get install rclone"

    def run(*arguments, user=dav.anna):
        hidden = subprocess.run(
            [rclone, "obscure", "--", dav.secrets[user.pk]], capture_output=True, text=True, check=True
        )
        options = ["--webdav-url", dav.site, "--webdav-user", user.email, "--webdav-pass", hidden.stdout.strip()]
        plain = ["--config", "/dev/null", "--retries", "1"]
        return subprocess.run([rclone, *arguments, *options, *plain], capture_output=True, text=True)

    (tmp_path / "Счёт №7.txt").write_text("words")
    assert dav.root in run("lsf", ":webdav:").stdout
    assert "Чужая" not in run("lsf", "-R", ":webdav:").stdout
    up = run("copy", str(tmp_path), f":webdav:{dav.root}/Счета")
    assert up.returncode == 0, up.stderr
    assert File.objects.get().name == "Счёт №7.txt" and File.objects.get().folder.name == "Счета"
    assert run("moveto", f":webdav:{dav.root}/Счета/Счёт №7.txt", f":webdav:{dav.root}/Счёт.txt").returncode == 0
    assert run("cat", f":webdav:{dav.root}/Счёт.txt").stdout == "words"
    assert run("lsf", f":webdav:{dav.root}", user=dav.pavel).returncode != 0
    assert run("copyto", str(tmp_path / "Счёт №7.txt"), f":webdav:{dav.root}/x.txt", user=dav.pavel).returncode != 0
    assert File.objects.count() == 1


def test_without_redis_folders_are_read_and_written_and_nothing_is_locked(lasting_cast, monkeypatch):
    """Locks are a courtesy among editors: what is written over one another stands as versions."""
    cast = lasting_cast
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    root, secret = deal.folders.get(parent=None).name, new_secret(cast.anna)
    monkeypatch.setattr(app, "redis_url", lambda _number: "redis://127.0.0.1:1/0")
    serve, basic = app.application(), b64encode(f"{cast.anna.email}:{secret}".encode()).decode()

    def ask(method, path, body=b"", depth="0"):
        environ, status = {"REQUEST_METHOD": method, "PATH_INFO": f"/dav/{path}".encode().decode("latin-1")}, []
        environ |= {"HTTP_AUTHORIZATION": f"Basic {basic}", "HTTP_DEPTH": depth, "wsgi.input": BytesIO(body)}
        environ |= {"CONTENT_LENGTH": str(len(body)), "REMOTE_ADDR": "127.0.0.1"}
        setup_testing_defaults(environ)
        list(serve(environ, lambda line, headers, exc_info=None: status.append(int(line[:3]))))
        return status[0]

    assert ask("PUT", f"{root}/a.txt", b"1") == 201
    assert ask("PROPFIND", root, depth="1") == 207
    assert ask("GET", f"{root}/a.txt") == 200
    assert ask("LOCK", f"{root}/a.txt", LOCK.encode()) == 503

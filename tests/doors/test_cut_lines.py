"""A line that breaks in the middle of what is sent: nothing is taken for whole that is not, and an upload goes on (R-511)."""

import socket
from base64 import b64encode
from contextlib import ExitStack
from io import BytesIO
from time import monotonic, sleep
from urllib.parse import quote, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse

from chats.models import Message
from crm.pipelines.moves import open_card
from deals.models import Project
from files.dav.keys import new_secret
from files.models import File, Upload
from files.verbs import put
from tests.server import serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cut(lasting_cast):
    """``cut(method, path, body, *headers)``: send this much of a longer body as Anna, and break the line."""
    cast, browser = lasting_cast, Client()
    cast.deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    cast.root = cast.deal.folders.get(parent=None)
    browser.force_login(cast.anna)
    with serving() as site:
        cookies = {"sessionid": browser.cookies["sessionid"].value}
        token = requests.get(f"{site}/profile/", cookies=cookies).cookies["csrftoken"]
        cookie = f"Cookie: sessionid={cookies['sessionid']}; csrftoken={token}"
        host = urlsplit(site)

        def begin(method, path, body, *headers):
            length = max(1000, len(body) + 1)
            head = [f"{method} {path} HTTP/1.1", f"Host: {host.netloc}", f"Content-Length: {length}", *headers]
            if not any(line.startswith("Authorization") for line in headers):
                head += [cookie, f"X-CSRFToken: {token}", f"Origin: {site}"]
            line = socket.create_connection((host.hostname, host.port))
            line.sendall("\r\n".join([*head, "", ""]).encode() + body)
            return line

        def send(*request):
            with begin(*request):
                sleep(0.3)  # the server is reading by now

        send.slowly = begin
        cast.ask = lambda path: requests.get(f"{site}{path}", cookies=cookies, timeout=20)
        yield cast, send


def never(happens, seconds=2):
    """Whether it does not happen for so long."""
    until = monotonic() + seconds
    while monotonic() < until:
        if happens():
            return False
        sleep(0.1)
    return True


def test_half_a_message_is_not_said(cut):
    cast, send = cut
    kind = "Content-Type: application/x-www-form-urlencoded"
    send("POST", reverse("chats:messages", args=[cast.deal.room.pk]), b"text=Do+not+pay", kind)
    assert never(Message.objects.filter(author=cast.anna).exists)


def test_however_many_send_slowly_pages_are_drawn(cut):
    """Forms and files whose end does not come hold no thread that draws a page."""
    cast, send = cut
    chat, form = (
        reverse("chats:attachments", args=[cast.deal.room.pk]),
        "Content-Type: application/x-www-form-urlencoded",
    )
    file = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n' + b"a" * 100_000
    with ExitStack() as open_lines:
        for _again in range(6):
            open_lines.enter_context(send.slowly("POST", reverse("people:sign_in"), b"username=a", form))
            open_lines.enter_context(send.slowly("POST", chat, file, "Content-Type: multipart/form-data; boundary=x"))
        sleep(0.5)
        assert cast.ask("/deals/new/project/").status_code == 200


def test_half_a_file_is_no_version(cut):
    cast, send = cut
    put(cast.root, "smeta.txt", BytesIO(b"whole"), cast.anna)
    secret = b64encode(f"{cast.anna.email}:{new_secret(cast.anna)}".encode()).decode()
    send("PUT", "/dav/" + quote(f"{cast.root.name}/smeta.txt"), b"half", f"Authorization: Basic {secret}")
    assert never(File.objects.filter(n__gt=1).exists)


def test_half_an_upload_goes_on_from_where_it_broke(cut):
    cast, send = cut
    upload = Upload.objects.create(card_id=cast.deal.pk, by=cast.anna, size=1000, name="smeta.txt")
    tus = "Tus-Resumable: 1.0.0", "Upload-Offset: 0", "X-HTTP-Method-Override: PATCH"
    at, kind = reverse("files:upload", args=[upload.pk]), "Content-Type: application/offset+octet-stream"
    send("POST", at, b"half", *tus, kind)
    assert not never(lambda: cast.ask(at).headers["Upload-Offset"] == "4")
    assert not File.objects.exists()

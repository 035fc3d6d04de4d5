"""Other services around the files: an S3-compatible storage, and a virus scanner (B25, ASVS 5.4.3)."""

import io
import os
import socketserver
import struct
from hashlib import sha256
from threading import Thread

import boto3
import pytest
from moto.server import ThreadedMotoServer

from files import looking, scanning, store, sweeping
from files.models import Blob, File
from tests.doors.world import signed_in

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def bucket(settings):
    """A bucket behind a real HTTP server that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    _host, port = server.get_host_and_port()
    options = {
        "bucket_name": "crm", "endpoint_url": f"http://127.0.0.1:{port}", "access_key": "a", "secret_key": "b",
        "region_name": "us-east-1", "file_overwrite": False,
    }  # fmt: skip
    client = boto3.client(
        "s3", endpoint_url=options["endpoint_url"], aws_access_key_id="a", aws_secret_access_key="b",
        region_name="us-east-1",
    )  # fmt: skip
    client.create_bucket(Bucket="crm")
    settings.STORAGES = settings.STORAGES | {"files": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}}
    yield client
    server.stop()


def test_files_in_a_bucket_go_in_and_out_the_same_way(bucket, put, cast, files_apart):
    from PIL import Image

    content, picture = os.urandom(9 * 1024**2), io.BytesIO()
    Image.new("RGB", (50, 50)).save(picture, "PNG")
    file, drawn = put("Видео.bin", content), put("a.png", picture.getvalue())
    anna = signed_in(cast.anna)
    whole = b"".join(anna.get(file.download_url()).streaming_content)
    assert sha256(whole).hexdigest() == file.blob.sha256
    piece = anna.get(file.download_url(), headers={"Range": "bytes=9000000-9000009"})
    assert piece.status_code == 206 and b"".join(piece.streaming_content) == content[9_000_000:9_000_010]
    assert not any((files_apart / "parts").iterdir())
    looking.look()
    assert anna.get(f"/files/file/{drawn.pk}/thumb/").status_code == 200
    bucket.delete_object(Bucket="crm", Key=file.blob.place)
    assert anna.get(file.download_url()).status_code == 410
    Blob.objects.update(created_at="2026-01-01T00:00Z")
    sweeping.sweep()
    assert list(Blob.objects.exclude(missing_at=None)) == [file.blob]
    put("again.bin", content)
    assert anna.get(file.download_url()).status_code == 200


class Clamd(socketserver.StreamRequestHandler):
    """The scanner's own protocol: INSTREAM, pieces with their lengths, one line of answer."""

    def handle(self):
        command = b""
        while not command.endswith((b"\0", b"\n")):
            command += self.rfile.read(1)
        content = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        said = b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"
        self.wfile.write(said + command[-1:])


@pytest.fixture
def clamd(settings):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.CLAMD = f"127.0.0.1:{server.server_address[1]}"
    yield server
    server.shutdown()
    server.server_close()


def test_what_the_scanner_finds_is_not_taken(clamd, put, files_apart):
    assert put("clean.txt", b"words").blob.scan == "clean"
    with pytest.raises(scanning.Infected) as refusal:
        put("eicar.com", EICAR)
    assert "Eicar-Test-Signature" in str(refusal.value.text)
    assert File.objects.count() == 1 and not any((files_apart / "parts").iterdir())


def test_a_scanner_that_is_away_lets_nothing_through(settings, put):
    settings.CLAMD = "127.0.0.1:1"
    with pytest.raises(store.Refusal) as refusal:
        put("a.txt", b"words")
    assert refusal.value.status == 503 and not File.objects.exists()

"""Stand-ins on loopback for what is not ours: browsers' push services and Telegram, both over real HTTP."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@contextmanager
def serving(answer):
    """A server whose ``answer(path, headers, body)`` gives (status, body); yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, said = answer(self.path, self.headers, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Browser:
    """A browser's side of RFC 8291: its keys, and opening what was sealed for it."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.secret = b"sixteen secrets!"

    def subscription(self, endpoint):
        encoded = {"p256dh": self.point, "auth": self.secret}
        return {"endpoint": endpoint, **{k: urlsafe_b64encode(v).rstrip(b"=").decode() for k, v in encoded.items()}}

    def open(self, sealed):
        salt, size = sealed[:16], sealed[20]
        theirs = sealed[21 : 21 + size]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))

        def derive(length, salt, info, secret):
            return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)

        secret = derive(32, self.secret, b"WebPush: info\0" + self.point + theirs, shared)
        key = derive(16, salt, b"Content-Encoding: aes128gcm\0", secret)
        nonce = derive(12, salt, b"Content-Encoding: nonce\0", secret)
        return json.loads(AESGCM(key).decrypt(nonce, sealed[21 + size :], None).rstrip(b"\0")[:-1])


class PushService:
    """Answers by ``status`` and keeps (path, headers, body)."""

    def __init__(self):
        self.status, self.taken = 201, []

    def __call__(self, path, headers, body):
        self.taken.append((path, headers, body))
        return self.status, b""

    def claims(self, n=0):
        """What the sender says of itself."""
        token = self.taken[n][1]["Authorization"].split("t=")[1].split(",")[0].split(".")[1]
        return json.loads(urlsafe_b64decode(token + "=="))


class Bot:
    """The two methods of the Bot API that we use; updates stay until they are confirmed by a higher offset."""

    def __init__(self, token):
        self.token, self.updates, self.sent, self.status, self.asked = token, [], [], 200, 0

    def hear(self, chat, text, kind="private"):
        number = 1000 + len(self.updates)
        message = {"message_id": number, "text": text, "chat": {"id": chat, "type": kind}}
        self.updates.append({"update_id": number, "message": message})

    def __call__(self, path, headers, body):
        asked = json.loads(body)
        _empty, token, method = path.split("/")
        if token != f"bot{self.token}":
            return 401, b'{"ok": false}'
        if method == "getUpdates":
            self.asked += 1
            self.updates = [u for u in self.updates if u["update_id"] >= asked.get("offset", 0)]
            return 200, json.dumps({"ok": True, "result": self.updates}).encode()
        if self.status == 200:
            self.sent.append((asked["chat_id"], asked["text"]))
        return self.status, json.dumps({"ok": self.status == 200, "parameters": {"retry_after": 7}}).encode()

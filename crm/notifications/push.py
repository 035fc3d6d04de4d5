"""Messages to browsers that asked for them: sealed for the device, handed to its maker's push service (R-514)."""

import json
from email.utils import parseaddr
from fnmatch import fnmatchcase
from functools import cache
from hashlib import blake2b
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.dispatch import receiver
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from webpush import WebPush, WebPushSubscription
from webpush.types import WebPushKeys
from webpush.vapid import VAPID

from crm.launcher.services import kept
from crm.people.models import shut_out

from . import outbox
from .bundles import channel, place, still_to_tell, summary
from .models import PushDevice
from .wishes import Channel

# Seconds for which a push service keeps a message for a device that is off.
KEPT_FOR = 24 * 3600
TIMEOUT = (5, 10)


@cache
def _keys() -> dict[str, str]:
    """This installation's own pair, by which push services know it; a new one would end every subscription."""

    def make():
        private, public, application = VAPID.generate_keys()
        return json.dumps({"private": private.decode(), "public": public.decode(), "application": application})

    return json.loads(kept("push.json", make))


def public_key() -> str:
    """What a browser needs to subscribe, as base64url."""
    return _keys()["application"]


@receiver(shut_out)
def forget_devices(sender, user, **rest):
    """A device of whoever is shut out is told nothing more (R-501)."""
    PushDevice.objects.filter(user=user).delete()


def is_service(endpoint: str) -> bool:
    """Whether the address belongs to a push service that this installation may reach."""
    parts = urlsplit(endpoint)
    if set(parts.netloc) & set("\\@"):  # clients do not agree on which host such an address names
        return False
    here = f"{parts.scheme}://{parts.netloc}"
    return any(fnmatchcase(here, known) for known in settings.PUSH_SERVICES if ":" not in parts.netloc or here == known)


@channel(Channel.PUSH)
def queue(user, ids, key):
    """One row for each device: one that is lost delays no other."""
    outbox.put_all([
        ("push", f"{key}:{device}", {"user": user.pk, "device": device, "notices": ids}, None)
        for device in PushDevice.objects.filter(user=user).values_list("pk", flat=True)
    ])  # fmt: skip


@outbox.courier("push", outside=True, label=lazy("Message to a browser"))
def deliver(payload, key):
    """Hand one message to the device's push service; a device that is gone is forgotten."""
    user, rows = still_to_tell(payload, Channel.PUSH)
    device = PushDevice.objects.filter(pk=payload["device"], user=user).first()
    if not rows or device is None:
        return
    topic = blake2b(key.encode(), digest_size=12).hexdigest()
    with translation.override(user.language):
        told = {
            "title": _("CRM"),
            "body": summary(rows)[:300],
            "url": place(rows, user),
            "tag": topic,
            "lang": user.language,
        }
    send(device, told, topic)


def send(device, told, topic, kept_for=KEPT_FOR):
    """Hand ``told`` to the device's push service, which keeps it ``kept_for`` seconds; a device that is gone is forgotten.

    The same ``topic`` again takes the place of a message that was not shown yet. Raises Undeliverable when it will never
    be taken, and other errors when it is worth another try.
    """
    status = _post(device, told, topic, kept_for)
    if status in (404, 410):
        device.delete()
    elif 400 <= status < 500 and status != 429:
        raise outbox.Undeliverable(f"push {status}")
    elif not 200 <= status < 300:
        raise requests.HTTPError


def _post(device, told, topic, kept_for):
    keys = {name: value.encode() for name, value in _keys().items()}
    seal = WebPush(keys["private"], keys["public"], parseaddr(settings.DEFAULT_FROM_EMAIL)[1], kept_for)
    device_keys = WebPushKeys(auth=device.auth, p256dh=device.p256dh)
    message = seal.get(told, WebPushSubscription(endpoint=device.endpoint, keys=device_keys))
    headers = {**message.headers, "topic": topic, "urgency": "high", "content-type": "application/octet-stream"}
    try:
        answer = requests.post(
            device.endpoint, data=message.encrypted, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as error:  # its words hold the device's address
        raise ConnectionError(type(error).__name__) from None
    return answer.status_code

"""Where pages look for a way to each other: the company's STUN and TURN servers, and its own meeting server if it has one."""

import hmac
from base64 import b64encode
from hashlib import sha1

from django.conf import settings
from django.utils import timezone


def servers(user, now=None):
    """ICE servers for this person's page; TURN with a name and a password good for ``TURN_TTL`` seconds (coturn's REST way).

    coturn knows the same secret (``use-auth-secret``) and needs no list of people.
    """
    found = [{"urls": settings.STUN_URLS}] if settings.STUN_URLS else []
    if settings.TURN_URLS and settings.TURN_SECRET:
        name = f"{int((now or timezone.now()).timestamp()) + settings.TURN_TTL}:{user.pk}"
        # SHA-1 is what coturn speaks; an HMAC does not rest on its resistance to collisions.
        mac = hmac.new(settings.TURN_SECRET.encode(), name.encode(), sha1).digest()
        found.append({"urls": settings.TURN_URLS, "username": name, "credential": b64encode(mac).decode()})
    return found


def meeting(card):
    """The address of the card's room on the company's own meeting server, or an empty text.

    The room's name cannot be guessed: who is in the CRM learns it by seeing the card.
    """
    if not settings.MEETING_URL:
        return ""
    mac = hmac.new(settings.SECRET_KEY.encode(), f"crm.calls.meeting:{card.pk}".encode(), "sha256").hexdigest()
    return settings.MEETING_URL.format(room=f"{card.pk}-{mac[:20]}")

"""Letters of the CRM itself, sent from outbox rows; the Message-ID comes from the row's key, so a repeat is recognised."""

from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from . import outbox


def send(key, to, subject, text):
    """Queue a plain letter in the current transaction; ``key`` makes it unique."""
    outbox.put("letter", key, {"to": to, "subject": subject, "text": text})


@outbox.courier("letter")
def deliver(payload, key):
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    EmailMessage(
        payload["subject"],
        payload["text"],
        to=[payload["to"]],
        headers={"Message-ID": f"<{key.replace(':', '.')}@{domain}>", "Auto-Submitted": "auto-generated"},
    ).send()

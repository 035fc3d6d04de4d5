"""Letters of the CRM itself, sent from outbox rows; the Message-ID comes from the row's key, so a repeat is recognised."""

from email.utils import parseaddr
from smtplib import SMTPAuthenticationError, SMTPConnectError, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext_lazy as _

from . import outbox


def send(key, to, subject, text):
    """Queue a plain letter in the current transaction; ``key`` makes it unique."""
    outbox.put("letter", key, {"to": to, "subject": subject, "text": text})


def server():
    """Where letters leave, for the log: an operator who sees it refuse has to know what to set."""
    return f"the mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT}, set by EMAIL_URL (README.md, «Mail»)"


@outbox.courier("letter", outside=True, label=_("Letter"), by=server)
def deliver(payload, key):
    """Send a letter; ``key`` names it, so that the same one sent again is recognised by its Message-ID.

    Raises Undeliverable when the server refuses this very letter for good.
    """
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    letter = EmailMessage(
        " ".join(payload["subject"].split()),
        payload["text"],
        to=[payload["to"]],
        headers={"Message-ID": f"<{key.replace(':', '.')}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    try:
        letter.send()
    except (SMTPAuthenticationError, SMTPConnectError):
        raise  # about the server and its password, not about the letter
    except SMTPRecipientsRefused as refused:
        codes = [code for code, _words in refused.recipients.values()]
        raise _refusal(refused, codes) from None
    except SMTPResponseException as refused:
        raise _refusal(refused, [refused.smtp_code]) from None


def _refusal(error, codes):
    if all(code >= 500 for code in codes):
        return outbox.Undeliverable(f"SMTP {codes[0]}")
    return SMTPResponseException(codes[0], b"")

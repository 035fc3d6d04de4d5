"""A virus scanner looks at what arrives, where the company runs one (clamd); what it finds is not taken."""

from errno import EPIPE

from clamav_client import get_scanner
from clamav_client.clamd import BufferTooLongError
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from . import store


class Infected(store.Refusal):
    def __init__(self, name):
        super().__init__(_("The virus scanner found «%(name)s» in the file. It was not saved.") % {"name": name})


class Unscanned(store.Refusal):
    status = 503

    def __init__(self):
        super().__init__(_("The virus scanner does not answer, so the file was not taken. Try again in a few minutes."))


def scanner():
    """The configured clamd, or None."""
    if not settings.CLAMD:
        return None
    config = {"backend": "clamd", "address": settings.CLAMD, "timeout": 120.0, "stream": True}
    return get_scanner(config)


def scan(path):
    """What the scanner says of the file at this path: «clean», or «not» when there is none.

    Raises Infected, and Unscanned when the scanner is configured and does not answer: then nothing is let through.
    """
    clamd = scanner()
    if clamd is None:
        return "not"
    try:
        result = clamd.scan(str(path))
    except Exception as error:
        raise Unscanned from error
    if isinstance(result.err, BufferTooLongError) or getattr(result.err, "errno", None) == EPIPE:
        return "not"  # longer than the scanner is set to take
    if result.state == "FOUND":
        raise Infected(result.details or "?")
    if result.state != "OK":
        raise Unscanned
    return "clean"

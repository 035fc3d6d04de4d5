"""The server's entry: HTTP through WSGI threads (sync views without thread hops), WebSockets through Channels."""

import os
import re

from a2wsgi import WSGIMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator, OriginValidator
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
http = get_wsgi_application()

from django.urls import path  # noqa: E402

from crm.cards.sockets import CardSocket  # noqa: E402
from crm.sockets import PersonalSocket  # noqa: E402
from files.dav.app import application as dav  # noqa: E402

SOCKETS = [
    path("ws/", PersonalSocket.as_asgi(), name="personal"),
    path("ws/cards/<int:pk>/", CardSocket.as_asgi(), name="card"),
]


def same_origin(sockets):
    """Only our own pages open sockets: in production those of the site's exact address, in a trial of its host (B27)."""
    if settings.PRODUCTION:
        return OriginValidator(sockets, settings.CSRF_TRUSTED_ORIGINS)
    return AllowedHostsOriginValidator(sockets)


# Who sends or takes much holds a thread as long as their line takes: such threads are apart from those of pages. What is sent to
# a page has come whole before it takes a thread, so however many send slowly, pages are drawn.
PAGES, FILES = WSGIMiddleware(http, workers=4), WSGIMiddleware(http, workers=8)  # type: ignore[arg-type]
DAV = WSGIMiddleware(dav(), workers=8)
TAKEN = re.compile("/files/|/boards/.*/export/")
FORM = 64 * 1024  # bytes: more is no form that somebody filled in but a file, whatever its address


def to_the_end(receive):
    """What a page sends, to its end: that the line broke is told as an error once, or half a text would be taken for all.

    Whoever can use the half reads on, and gets what had come.
    """
    told = False

    async def taken():
        nonlocal told
        message = await receive()
        if message["type"] == "http.disconnect" and not told:
            told = True
            raise ConnectionResetError
        return message

    return taken


async def begun(receive):
    """What comes of a request before it needs a thread: (its messages, whether more is to come), a form whole."""
    messages, size, more = [], 0, True
    while more and size <= FORM:
        messages.append(message := await receive())
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    return messages, more


def again(messages, receive):
    """Those messages once more, and then what follows them."""
    waiting = iter(messages)

    async def taken():
        return next(waiting, None) or await receive()

    return taken


async def by_path(scope, receive, send):
    """HTTP to the threads that serve such addresses and such bodies."""
    path = scope["path"]
    if f"{path}/".startswith("/dav/"):
        server = DAV
    elif TAKEN.match(path):
        server = FILES
    else:
        messages, more = await begun(receive)
        server, receive = FILES if more else PAGES, again(messages, receive)
    await server(scope, to_the_end(receive), send)


application = ProtocolTypeRouter(
    {
        "http": by_path,
        "websocket": same_origin(CookieMiddleware(URLRouter(SOCKETS))),
    }
)

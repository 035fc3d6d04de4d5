"""The server's entry: HTTP through WSGI threads (sync views without thread hops), WebSockets through Channels."""

import os

from a2wsgi import WSGIMiddleware
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator, OriginValidator
from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
http = get_wsgi_application()

from django.urls import path  # noqa: E402

from crm.cards.sockets import CardSocket  # noqa: E402
from crm.sockets import PersonalSocket  # noqa: E402

SOCKETS = [
    path("ws/", PersonalSocket.as_asgi(), name="personal"),
    path("ws/cards/<int:pk>/", CardSocket.as_asgi(), name="card"),
]


def same_origin(sockets):
    """Only our own pages open sockets: in production those of the site's exact address, in a trial of its host (B27)."""
    if settings.PRODUCTION:
        return OriginValidator(sockets, settings.CSRF_TRUSTED_ORIGINS)
    return AllowedHostsOriginValidator(sockets)


application = ProtocolTypeRouter(
    {
        "http": WSGIMiddleware(http, workers=8),  # type: ignore[arg-type]
        "websocket": same_origin(AuthMiddlewareStack(URLRouter(SOCKETS))),
    }
)

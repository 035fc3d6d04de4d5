"""The door of WebDAV: who knocks, and the library behind it; it stands beside Django, in the same process."""

from contextlib import contextmanager, suppress

import redis
from django.conf import settings
from django.db import close_old_connections
from django.utils import translation
from wsgidav.dav_error import DAVError
from wsgidav.dc.base_dc import BaseDomainController
from wsgidav.error_printer import ErrorPrinter
from wsgidav.http_authenticator import HTTPAuthenticator
from wsgidav.lock_man.lock_storage_redis import LockStorageRedis
from wsgidav.request_resolver import RequestResolver
from wsgidav.wsgidav_app import WsgiDAVApp

from crm.launcher.services import redis_url

from ..downloads import ALONE
from . import keys
from .resources import Cards

GUARDS = [
    ("Content-Security-Policy", ALONE), ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "private, no-store"),
    ("Content-Disposition", "attachment"),
]  # fmt: skip


class People(BaseDomainController):
    """A person's mail address and their own password, never the one they sign in with."""

    def get_domain_realm(self, path_info, environ):
        return "CRM"

    def require_authentication(self, realm, environ):
        return True

    def basic_auth_user(self, realm, user_name, password, environ):
        environ["crm.user"] = keys.person(user_name, password)
        return environ["crm.user"] is not None

    def supports_http_digest_auth(self):
        return False


@contextmanager
def told():
    """That Redis is away, in the protocol's words."""
    try:
        yield
    except redis.RedisError as away:
        raise DAVError(503) from away


class Locks(LockStorageRedis):
    """Locks that all processes know; they live where forms' keys do.

    While Redis is away there are none: folders are read and written all the same, for what is written over stands as a version.
    """

    def open(self):
        self._redis = redis.Redis.from_url(redis_url(1), socket_timeout=2)

    def get_lock_list(self, path, **wanted):
        with suppress(redis.RedisError):
            return super().get_lock_list(path, **wanted)
        return []

    def get(self, token):
        with told():
            return super().get(token)

    def create(self, path, lock):
        with told():
            return super().create(path, lock)


def library():
    """WsgiDAV over the cards' folders."""
    return WsgiDAVApp({
        "provider_mapping": {"/": Cards()},
        "mount_path": "/dav",
        "http_authenticator": {
            "domain_controller": People, "accept_basic": True, "accept_digest": False, "default_to_digest": False,
        },
        "lock_storage": Locks(),
        "middleware_stack": [ErrorPrinter, HTTPAuthenticator, RequestResolver],
        "suppress_version_info": True,
        "hotfixes": {"re_encode_path_info": True, "unquote_path_info": False},
        "verbose": 1,
        "logging": {"enable": False},
    })  # fmt: skip


def application():
    """The WSGI application for everything under /dav."""
    dav = library()

    def answer(environ, start_response):
        path = environ.get("PATH_INFO", "")
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = "/dav", path.removeprefix("/dav") or "/"
        # The whole tree in one answer is not for the asking: clients take it a folder at a time.
        endless = environ.get("HTTP_DEPTH", "infinity").lower() == "infinity"
        if environ["REQUEST_METHOD"] == "PROPFIND" and endless:
            environ["HTTP_DEPTH"] = "1"

        def guarded(status, headers, exc_info=None):
            there = {name.lower() for name, _value in headers}
            more = [(name, value) for name, value in GUARDS if name.lower() not in there]
            return start_response(status, [*headers, *more], exc_info)

        close_old_connections()
        try:
            with translation.override(settings.LANGUAGE_CODE):
                yield from dav(environ, guarded)
        finally:
            close_old_connections()

    return answer

"""A form's own key is good for one body: the same body again meets its first answer, another one is refused in words."""

from contextlib import suppress
from functools import cache
from hashlib import blake2b

from django.shortcuts import render
from django.utils.translation import gettext as _
from redis import Redis, RedisError

from crm.launcher.services import redis_url
from crm.web import form_key, nothing, toast

SECONDS = 24 * 3600
# A form whose answer never came, because its process died, may be sent with another body after so long.
UNANSWERED = 60
APART = {"key", "csrfmiddlewaretoken"}


@cache
def memory():
    """Where keys are remembered; without it a form still acts once, only a changed one is not told apart."""
    return Redis.from_url(redis_url(1), socket_timeout=1, socket_connect_timeout=1)


def said(request):
    """What the form says, whoever sends it and where to, as a short word."""
    fields = sorted((name, values) for name, values in request.POST.lists() if name not in APART)
    files = sorted((name, file.name, file.size) for name, file in request.FILES.items())
    return blake2b(repr((request.user.pk, request.path, fields, files)).encode(), digest_size=16).hexdigest().encode()


class OnceMiddleware:
    """Lets a key act with one body; a form that came back with errors may be sent again with others."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        key = form_key(request) if request.method == "POST" and request.user.is_authenticated else None
        if key is None:
            return self.get_response(request)
        name, words, first = f"form:{key}", said(request), None
        begun = b"?" + words
        with suppress(RedisError):
            first = memory().set(name, begun, nx=True, get=True, ex=UNANSWERED)
        if first not in (None, begun, words):
            return refused(request)
        answer = self.get_response(request)
        with suppress(RedisError):
            if answer.status_code < 400:
                memory().set(name, words, ex=SECONDS)
            elif first != words:
                memory().delete(name)
        return answer


def refused(request):
    """Nothing is lost: an open dialog stays as it is, a page is one step back."""
    if request.headers.get("HX-Request"):
        words = _("This form has already been sent and saved. Open it anew to change something else.")
        return nothing(409, toast=toast(words, error=True))
    return render(request, "errors/409.html", status=409)

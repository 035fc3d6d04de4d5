"""DOOR 4: how a page answers — whole to a browser, a fragment to htmx — and how a record arrives checked."""

import json
import uuid
from functools import wraps
from hashlib import blake2b

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crm.launcher.services import redis_url


def page(request, template, context=None, part=None, status=200, says=None):
    """Answer with the whole page, or with ``part`` to htmx; ``says`` are events for the page's regions."""
    name = part if part and request.headers.get("HX-Request") else template
    response = render(request, name, context, status=status)
    response.headers["Vary"] = "HX-Request, Cookie, Accept-Encoding"
    return say(response, **(says or {}))


def say(response, **events):
    """Tell the page what happened, as HX-Trigger events."""
    if events:
        told = json.loads(response.headers.get("HX-Trigger", "{}"))
        response.headers["HX-Trigger"] = json.dumps({**told, **events})
    return response


def toast(text, undo=None, error=False, seconds=None):
    """The payload of a ``toast`` event: words, and where to POST to take the act back."""
    return {"text": str(text), "undo": undo, "error": error, "seconds": seconds}


def nothing(status=204, **events):
    """An empty answer that only says what happened."""
    return say(HttpResponse(status=status), **events)


def go(request, to, **events):
    """Send the person on: a redirect for a browser, HX-Redirect for htmx."""
    url = to if to.startswith("/") else reverse(to)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = url
        return say(response, **events)
    response = HttpResponse(status=303)
    response.headers["Location"] = url
    return response


def visible(model, work=False, bring=None):
    """Hand the view its record, fetched through ``visible_to``; what is not seen is not there (404).

    ``work=True`` hands it only to those who may change it; ``bring(rows, user)`` brings along what the view shows of it.
    """

    def wrap(view):
        @wraps(view)
        def inner(request, pk, *args, **kwargs):
            rows = model.objects.workable_by(request.user) if work else model.objects.visible_to(request.user)
            if bring is not None:
                rows = bring(rows, request.user)
            record = rows.filter(pk=pk).first() if pk < 2**63 else None
            if record is None:
                raise Http404
            try:
                return view(request, record, *args, **kwargs)
            except ObjectDoesNotExist:
                # Removed while the view waited for its lock: by undo, or with an import that is taken back.
                if model.objects.filter(pk=pk).exists():
                    raise
                raise Http404 from None

        inner.door = (model, work)
        return inner

    return wrap


def form_key(request):
    """The form's own key (uuid) that makes sending it twice harmless, or None."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def number(text, default=None):
    """A whole number from a query or a form, or the default for anything else."""
    try:
        value = int(text)
    except (TypeError, ValueError):
        return default
    return value if 0 <= value < 2**31 else default


def csrf_failure(request, reason=""):
    """A form whose page is out of date: say so, lose nothing."""
    if request.headers.get("HX-Request"):
        return nothing(403, toast=toast(_("The page is out of date. Reload it and try again."), error=True))
    return render(request, "errors/403.html", status=403)


@login_not_required
@require_safe
def healthz(request):
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request):
    """The database answers and its migrations are applied; Redis may be away, then it says degraded."""
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor
    from redis import Redis, RedisError

    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return HttpResponse("the database is away", status=503, content_type="text/plain")
    if behind:
        return HttpResponse("migrations are behind", status=503, content_type="text/plain")
    try:
        with Redis.from_url(redis_url(1), socket_timeout=1, socket_connect_timeout=1) as redis:
            redis.ping()
    except RedisError:
        return HttpResponse("degraded: Redis is away", content_type="text/plain")
    return HttpResponse("ready", content_type="text/plain")


class SeenMixin(forms.ModelForm):
    """A form over a row that keeps no version: it carries a digest of what was shown, and tells when that has changed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    was_changed = _("Somebody has changed this meanwhile. What you typed is kept: look again and save.")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        fields = [(name, field) for name, field in self.fields.items() if not field.widget.is_hidden]
        shown = [str(self.get_initial_for_field(field, name)) for name, field in fields]
        self.stands = blake2b(repr(shown).encode(), digest_size=8).hexdigest() if self.instance.pk else ""
        self.fields["seen"].initial = self.stands

    def clean(self):
        answers = super().clean()
        if answers.get("seen") and answers["seen"] != self.stands:
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = self.stands
            raise forms.ValidationError(self.was_changed)
        return answers

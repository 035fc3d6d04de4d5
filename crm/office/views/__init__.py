"""What every settings page shares: who comes in, how a form is saved, how a page and a dialog answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.web import go, nothing, page, toast

from ..calendar import year_to_enter
from ..changes import settling
from ..models import Area


class Section(NamedTuple):
    area: Area
    icon: str


SECTIONS = (
    Section(Area.LIMITS, icon="adjustments"),
    Section(Area.STAGES, icon="layout-kanban"),
    Section(Area.CATALOGUES, icon="list-details"),
    Section(Area.TASKS, icon="checkbox"),
    Section(Area.CALENDAR, icon="calendar"),
    Section(Area.ACCOUNTS, icon="building-bank"),
)


def for_keepers(view):
    """Let in administrators and executives; for everybody else the page is not there (R-020, R-028)."""

    @wraps(view)
    def inner(request, *args, **kwargs):
        if not (request.user.is_administrator or request.user.is_executive):
            raise Http404
        return view(request, *args, **kwargs)

    return inner


def settings_page(request, part: str, here: str, title: str, status: int = 200, **context):
    """One page of the settings, or the part of it that htmx asked for."""
    sections = [
        {"url": reverse(f"office:{area}"), "label": area.label, "icon": icon, "current": area == here}
        for area, icon in SECTIONS
    ]
    for name, label, icon in (("history", _("History"), "history"), ("exports", _("Exports"), "download")):
        sections.append({"url": reverse(f"office:{name}"), "label": label, "icon": icon, "current": here == name})
    context |= {"part": part, "sections": sections, "title": title, "year_to_enter": year_to_enter()}
    return page(request, "office/page.html", context, part, status)


def saved(request, build: Callable) -> tuple[Any, bool]:
    """The form for this request and whether it was saved; ``build(data, files)`` is called while nobody else settles."""
    if request.method != "POST":
        return build(None, None), False
    with settling():
        form = build(request.POST, request.FILES)
        if not form.is_valid():
            return form, False
        form.change = form.keep(request.user)
        return form, True


def settled(request, change, back: str, text: str = ""):
    """Done: the page under the dialog refreshes itself and offers the way back, a plain browser returns to it."""
    if not request.headers.get("HX-Request"):
        return go(request, back)
    says: dict[str, Any] = {"settings-changed": {}}
    if change is not None:
        says["toast"] = toast(text or _("Saved"), undo=reverse("office:undo", args=[change.pk]))
    return nothing(**says)


def refused(request, words: str, back: str):
    """What was asked cannot be done, and why."""
    if not request.headers.get("HX-Request"):
        return go(request, back)
    return nothing(409, toast=toast(words, error=True))


def dialog(request, form, title: str, subtitle: str = "", part: str = "office/_form.html", **context):
    """A form over the page, or on a page of its own; 422 when it came back with errors."""
    context |= {"form": form, "title": title, "subtitle": subtitle, "part": part, "page_title": title}
    return page(request, "dialog_page.html", context, part, 422 if form.is_bound and form.errors else 200)

"""Several files and folders of one card at once: as an archive, to another folder, copied, into the bin and out of it (R-511).

What is chosen comes as ``things``: «f12,d7», a letter for a file or a folder and its number.
"""

import re
from datetime import datetime
from functools import wraps

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from crm.cards.models import Card
from crm.web import form_key, say, visible

from . import acts, arranging, bin, names, store, verbs
from .archive import members, zipped
from .models import File, Folder
from .tree import Tree

ONE = re.compile(r"^([fd])(\d{1,18})$", re.ASCII)


class NothingChosen(store.Refusal):
    def __init__(self):
        super().__init__(gettext_lazy("Nothing is chosen, or it is gone already."))


def chosen(view):
    """Hand the view what was chosen of the card, folders first; what is not there any more is let fall."""

    @wraps(view)
    def inner(request, card):
        asked = {"f": set(), "d": set()}
        for one in filter(None, map(ONE.match, request.POST.get("things", "").split(","))):
            asked[one[1]].add(int(one[2]))
        folders = Folder.objects.there().filter(card_id=card.pk, pk__in=asked["d"]).exclude(parent=None)
        files = File.objects.there().filter(folder__card_id=card.pk, pk__in=asked["f"]).select_related("blob", "folder")
        things = [*folders.order_by("name", "id"), *files]
        return view(request, card, things) if things else acts.refused(NothingChosen())

    return inner


def many(things):
    return ngettext("%(num)s chosen", "%(num)s chosen", len(things)) % {"num": len(things)}


@require_POST
@visible(Card)
@chosen
def archive(request, card, things):
    """The chosen as one archive."""
    return zipped(inside(things), verbs.folder_name(card))


def inside(things):
    """(path, Blob or None) of all that was chosen; of two files of one name the second is «name (2)»."""
    there = set()
    for thing in things:
        if isinstance(thing, Folder):
            there.add(thing.name.lower())
            yield from members(thing)
        else:
            name = names.free(thing.name, there)
            there.add(name.lower())
            yield name, thing.blob


@require_POST
@visible(Card, work=True)
@chosen
def move(request, card, things):
    """Put the chosen into another folder of the card; without a ``folder`` ask which."""
    tree = Tree(card.pk)
    but = {one.pk for thing in things if isinstance(thing, Folder) for one in tree.under(thing)}
    here = {arranging.place_of(thing) for thing in things}
    but |= here if len(here) == 1 else set()
    context = {"title": _("Where to"), "submit": _("Move"), "action": reverse("files:chosen_moves", args=[card.pk])}
    return place(request, card, things, context, but, lambda to: arranging.move_all(things, to, request.user))


@require_POST
@visible(Card, work=True)
@chosen
def copy(request, card, things):
    """Make the chosen once more in a folder of the card; without a ``folder`` ask which."""
    key, action = form_key(request), reverse("files:chosen_copies", args=[card.pk])
    context = {"title": _("Copy to"), "submit": _("Copy"), "keyed": True, "action": action}
    return place(request, card, things, context, (), lambda to: arranging.copy_all(things, to, request.user, key))


def place(request, card, things, context, but, act):
    asked = request.POST if "folder" in request.POST else None
    form = acts.PlaceForm(asked, card.pk, but, initial={"folder": arranging.place_of(things[0])})
    more = {"subtitle": many(things), "things": request.POST["things"]}
    answer = acts.place_it(request, card.pk, form, context | more, act)
    return say(answer, **{"bulk-done": {}}) if answer.status_code == 204 else answer


@require_POST
@visible(Card, work=True)
@chosen
def put_away(request, card, things):
    """Put the chosen into the bin, together."""
    moment = bin.put_all_away(things, request.user)
    back = reverse("files:chosen_restorations", args=[card.pk]) + f"?at={moment:%Y%m%dT%H%M%S.%f}"
    text = ngettext("%(num)s is in the bin", "%(num)s are in the bin", len(things)) % {"num": len(things)}
    return say(acts.done(card.pk, text, undo=back), **{"bulk-done": {}})


@require_POST
@visible(Card, work=True)
def restore(request, card):
    """Take out of the bin what went into it together."""
    things = bin.put_away_at(card, moment_of(request.GET.get("at", "")))
    if things:
        bin.restore_all(things, request.user)
    return acts.done(card.pk, _("All of it is in its place again"))


def moment_of(text):
    """The moment that the bin's own words say, or None."""
    try:
        return datetime.strptime(f"{text}+0000", "%Y%m%dT%H%M%S.%f%z")
    except ValueError:
        return None

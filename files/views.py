"""A deal's folder and its subfolders; who sees the card sees its folder (R-262, R-263)."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from crm.cards.models import Card
from crm.web import page, visible

from .models import Folder


def path_to(folder):
    """The folder and those around it, the outermost first."""
    path = [folder]
    while path[0].parent is not None:
        path.insert(0, path[0].parent)
    return path


@require_safe
@visible(Card)
def of_card(request, card):
    """The card's own folder, by the card: boards and lists link to it without looking it up (R-261)."""
    return show(request, get_object_or_404(Folder.objects.visible_to(request.user), card=card, parent=None))


@require_safe
@visible(Folder)
def folder(request, folder):
    """One folder, the way to it, and the folders in it."""
    return show(request, folder)


def show(request, folder):
    context = {"folder": folder, "path": path_to(folder), "children": folder.children.all(), "card": folder.card}
    return page(request, "files/folder.html", context)

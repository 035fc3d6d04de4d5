"""A deal's folder and its subfolders; who sees the card sees its folder (R-262, R-263)."""

from django.views.decorators.http import require_safe

from crm.web import page, visible

from .models import Folder


def path_to(folder):
    """The folder and those around it, the outermost first."""
    path = [folder]
    while path[0].parent is not None:
        path.insert(0, path[0].parent)
    return path


@require_safe
@visible(Folder)
def folder(request, folder):
    """One folder, the way to it, and the folders in it."""
    context = {"folder": folder, "path": path_to(folder), "children": folder.children.all(), "card": folder.card}
    return page(request, "files/folder.html", context)

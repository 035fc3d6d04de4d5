"""What people do with files and folders over HTTP: names, places, copies, the bin, older versions (R-511, R-515)."""

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crm.web import form_key, nothing, page, toast, visible

from . import arranging, bin, store, verbs
from .models import File, Folder, Version
from .tree import Tree


class NameForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)


class PlaceForm(forms.Form):
    folder = forms.TypedChoiceField(label=gettext_lazy("Folder"), coerce=int)

    def __init__(self, data, card_id, but=(), **more):
        super().__init__(data, **more)
        tree = Tree(card_id)
        under = tree.under(tree.root, there=True) if tree.root else []
        self.fields["folder"].choices = [
            (one.pk, " / ".join(step.name for step in tree.way(one))) for one in under if one.pk not in but
        ]


def dialog(request, part, context, form):
    whole = context | {"form": form, "part": part, "page_title": context["title"]}
    return page(request, "dialog_page.html", whole, part, 422 if form.errors else 200)


def done(card_id, text="", undo=None):
    """The page shows the folder anew, and says what was done."""
    said = {"toast": toast(text, undo=undo)} if text else {}
    return nothing(**{"files-changed": {"card": card_id}, **said})


def refused(error):
    return nothing(error.status, toast=toast(error.text, error=True))


def name_it(request, form, context, act):
    """A dialog with a name in it; what a name cannot be is said beside the field."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["name"])
            return done(context["card_id"])
        except store.Refusal as error:
            form.add_error("name", error.text)
    return dialog(request, "files/_form.html", context, form)


@require_http_methods(["GET", "POST"])
@visible(Folder, work=True)
def new_folder(request, folder):
    """Make a subfolder."""
    context = {
        "title": _("New folder"), "subtitle": folder.name, "submit": _("Make"), "card_id": folder.card_id,
        "action": reverse("files:folders", args=[folder.pk]),
    }  # fmt: skip
    form = NameForm(request.POST or None)
    return name_it(request, form, context, lambda name: arranging.make_folder(folder, name, request.user))


@require_http_methods(["GET", "POST"])
@visible(File, work=True)
def rename_file(request, file):
    """Give a file another name."""
    return rename(request, file, reverse("files:names", args=[file.pk]), file.folder.card_id)


@require_http_methods(["GET", "POST"])
@visible(Folder, work=True)
def rename_folder(request, folder):
    """Give a subfolder another name; a card's own is called as the card is."""
    if folder.parent_id is None:
        raise Http404
    return rename(request, folder, reverse("files:folder_names", args=[folder.pk]), folder.card_id)


def rename(request, thing, action, card_id):
    context = {
        "title": _("Another name"), "subtitle": thing.name, "submit": _("Rename"), "action": action, "card_id": card_id
    }  # fmt: skip
    form = NameForm(request.POST or None, initial={"name": thing.name})
    return name_it(request, form, context, lambda name: arranging.rename(thing, name, request.user))


def place_it(request, card_id, form, context, act):
    """A dialog with a folder to choose; what is in the way there is said beside the field."""
    if request.method == "POST" and form.is_valid():
        to = Folder.objects.there().filter(card_id=card_id, pk=form.cleaned_data["folder"]).first()
        if to is None:
            raise Http404
        try:
            act(to)
            return done(card_id, _("In «%(folder)s» now") % {"folder": to.name})
        except store.Refusal as error:
            form.add_error("folder", error.text)
    return dialog(request, "files/_form.html", context, form)


@require_http_methods(["GET", "POST"])
@visible(File, work=True)
def move_file(request, file):
    """Put a file into another folder of its card."""
    form = PlaceForm(request.POST or None, file.folder.card_id, initial={"folder": file.folder_id})
    context = {
        "title": _("Where to"), "subtitle": file.name, "submit": _("Move"),
        "action": reverse("files:moves", args=[file.pk]),
    }  # fmt: skip
    return place_it(request, file.folder.card_id, form, context, lambda to: arranging.move(file, to, request.user))


@require_http_methods(["GET", "POST"])
@visible(Folder, work=True)
def move_folder(request, folder):
    """Put a subfolder into another folder of its card."""
    if folder.parent_id is None:
        raise Http404
    but = {one.pk for one in Tree(folder.card_id).under(folder)}
    form = PlaceForm(request.POST or None, folder.card_id, but, initial={"folder": folder.parent_id})
    context = {
        "title": _("Where to"), "subtitle": folder.name, "submit": _("Move"),
        "action": reverse("files:folder_moves", args=[folder.pk]),
    }  # fmt: skip
    return place_it(request, folder.card_id, form, context, lambda to: arranging.move(folder, to, request.user))


@require_http_methods(["GET", "POST"])
@visible(File, work=True)
def copy(request, file):
    """Make a file of its own with the same bytes."""
    form = PlaceForm(request.POST or None, file.folder.card_id, initial={"folder": file.folder_id})
    context = {
        "title": _("Copy to"), "subtitle": file.name, "submit": _("Copy"), "keyed": True,
        "action": reverse("files:copies", args=[file.pk]),
    }  # fmt: skip
    key = form_key(request)
    return place_it(request, file.folder.card_id, form, context, lambda to: arranging.copy(file, to, request.user, key))


@require_POST
@visible(File, work=True)
def put_file_away(request, file):
    """Put a file into the bin."""
    bin.put_away(file, request.user)
    return away(file, file.folder.card_id, "files:restorations")


@require_POST
@visible(Folder, work=True)
def put_folder_away(request, folder):
    """Put a subfolder with all in it into the bin."""
    if folder.parent_id is None:
        raise Http404
    bin.put_away(folder, request.user)
    return away(folder, folder.card_id, "files:folder_restorations")


def away(thing, card_id, back):
    return done(card_id, _("«%(name)s» is in the bin") % {"name": thing.name}, undo=reverse(back, args=[thing.pk]))


@require_POST
@visible(File, work=True)
def restore_file(request, file):
    """Take a file out of the bin."""
    return back(bin.restore(file, request.user), file.folder.card_id)


@require_POST
@visible(Folder, work=True)
def restore_folder(request, folder):
    """Take a subfolder with all that went with it out of the bin."""
    return back(bin.restore(folder, request.user), folder.card_id)


def back(thing, card_id):
    return done(card_id, _("«%(name)s» is in its place again") % {"name": thing.name})


@require_POST
@visible(Version, work=True)
def go_back(request, version):
    """Make an older version the newest again; those after it stay."""
    try:
        file = verbs.go_back(version, request.user)
    except store.Refusal as error:
        return refused(error)
    return done(file.folder.card_id, _("Version %(n)s is the newest again") % {"n": version.n})

"""The folder comes with the deal, its address stands in the deal's «Комментарий», and its name follows the deal's."""

from django.conf import settings
from django.urls import reverse

from crm.cards.models import Card
from crm.cards.verbs import on_change
from crm.pipelines.robots import on_create

from . import names
from .models import Folder, layout
from .verbs import card_folder, folder_name

DEALS = ("attraction", "reminder", "project")


@on_create(*DEALS)
def open_folder(card, event):
    """One folder with its subfolders, linked from the comment; what the person wrote there stays (R-262)."""
    folder = card_folder(card)
    names_there = dict.fromkeys(names.clean(name) for name in layout())
    Folder.objects.bulk_create([Folder(card_id=card.pk, parent=folder, name=name) for name in names_there])
    link = settings.SITE_URL + reverse("files:folder", args=[folder.pk])
    card.comment = f"{card.comment}\n{link}".strip()
    Card.objects.filter(pk=card.pk).update(comment=card.comment)


@on_change
def rename_folder(card, event):
    if "title" in event.data.get("fields", {}):
        Folder.objects.filter(card_id=card.pk, parent=None).update(name=folder_name(card))

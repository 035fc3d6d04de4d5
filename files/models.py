"""A folder for each deal with its subfolders; the folder's rights are the card's (R-262, R-263)."""

import re

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.models import Card

LAYOUT = ["ТЗ", "КП", "Договор", "Счета", "Поставщики", "Фото"]


class FolderQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(card__in=Card.objects.visible_to(user))

    def workable_by(self, user):
        return self.filter(card__in=Card.objects.workable_by(user))


class Folder(models.Model):
    """A card's folder, or a subfolder of one."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="folders")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    name = models.CharField(_("Name"), max_length=255)
    created_at = models.DateTimeField(default=timezone.now)

    objects = FolderQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["card"], condition=models.Q(parent=None), name="folder_once"),
            models.UniqueConstraint(fields=["parent", "name"], name="folder_name_once"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        from django.urls import reverse

        return reverse("files:folder", args=[self.pk])


def safe_name(text):
    """A name every file system takes, Windows too: no reserved characters, no trailing dot or space."""
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f]+', " ", text)
    return re.sub(r"\s+", " ", name).strip(" .")[:200] or "-"

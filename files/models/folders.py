"""A card's folder and its subfolders; the folder's rights are the card's (R-262, R-263)."""

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.models import Card
from crm.office.catalogues import entries
from crm.office.models import Catalogue


def layout():
    """Names of the subfolders that a new deal's folder has, as the company keeps them in its settings (R-262)."""
    return [entry.name for entry in entries(Catalogue.FOLDER)]


class FolderQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(card__in=Card.objects.visible_to(user))

    def workable_by(self, user):
        return self.filter(card__in=Card.objects.workable_by(user))

    def there(self):
        """Those that are not in the bin."""
        return self.filter(trashed_at=None)


class Folder(models.Model):
    """A card's folder, or a subfolder of one; what lies in a folder in the bin carries the folder's own ``trashed_at``."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="folders")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    name = models.CharField(_("Name"), max_length=255)
    created_at = models.DateTimeField(default=timezone.now)
    trashed_at = models.DateTimeField(null=True, editable=False)
    trashed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+", editable=False)

    objects = FolderQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["card"], condition=models.Q(parent=None), name="folder_once"),
            models.UniqueConstraint(
                "parent", Lower("name"), condition=models.Q(trashed_at=None), name="folder_name_once"
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        from django.urls import reverse

        return reverse("files:folder", args=[self.pk])

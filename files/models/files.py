"""A file in a folder and its versions: who put them there and when; none is ever changed."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.models import Card
from crm.cards.words import fold

from .blobs import Blob
from .folders import Folder


class FileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Files of cards this person sees; a file has no rights of its own (R-263)."""
        return self.filter(folder__card__in=Card.objects.visible_to(user))

    def workable_by(self, user):
        return self.filter(folder__card__in=Card.objects.workable_by(user))

    def there(self):
        """Those that are not in the bin."""
        return self.filter(trashed_at=None)


class File(models.Model):
    """A file as people see it; ``blob``, ``at``, ``author`` are those of its newest version, ``n`` that one's number."""

    folder = models.ForeignKey(Folder, models.CASCADE, related_name="files")
    name = models.CharField(_("Name"), max_length=255)
    words = models.CharField(max_length=255, editable=False)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    author = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    n = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    trashed_at = models.DateTimeField(null=True, editable=False)
    trashed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+", editable=False)

    objects = FileQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint("folder", Lower("name"), condition=models.Q(trashed_at=None), name="file_name_once")
        ]
        indexes = [GinIndex(OpClass(Upper("words"), name="gin_trgm_ops"), name="file_words")]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.words = fold(self.name)
        super().save(*args, **kwargs)

    @property
    def card(self):
        return self.folder.card

    @property
    def size(self):
        """Bytes of the newest version."""
        return self.blob.size

    def get_absolute_url(self):
        """Its page: preview, versions, what can be done with it."""
        from django.urls import reverse

        return reverse("files:file", args=[self.pk])

    def download_url(self):
        """Where its bytes are let out, to those who see the card."""
        from django.urls import reverse

        return reverse("files:download", args=[self.pk])


class VersionQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(file__folder__card__in=Card.objects.visible_to(user))

    def workable_by(self, user):
        return self.filter(file__folder__card__in=Card.objects.workable_by(user))


class Version(models.Model):
    """What a file was at one time; ``key`` is the upload's own, so that the same one makes one version."""

    file = models.ForeignKey(File, models.CASCADE, related_name="versions")
    n = models.PositiveIntegerField(default=1)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="versions")
    author = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # The number of the older version that it brought back.
    back_to = models.PositiveIntegerField(null=True)
    key = models.UUIDField(null=True, unique=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["-n"]
        constraints = [models.UniqueConstraint(fields=["file", "n"], name="version_once")]

    def __str__(self):
        return f"{self.file_id}, {self.n}"

    @property
    def name(self):
        return self.file.name

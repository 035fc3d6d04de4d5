"""An upload that is under way: how many of its bytes have come stands in the file they are collected in."""

from uuid import uuid4

from django.db import models
from django.utils import timezone

from crm.cards.models import Card


class UploadQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own uploads into cards that one may still work on."""
        return self.filter(by_id=getattr(user, "pk", None), card__in=Card.objects.workable_by(user))

    def workable_by(self, user):
        return self.visible_to(user)


class Upload(models.Model):
    """A file on its way into a card; ``folder`` None is the card's own, ``way`` the subfolders it is to lie in.

    ``size`` is the bytes that were announced. With ``file`` it becomes that file's next version.
    """

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    card = models.ForeignKey(Card, models.CASCADE, related_name="+")
    folder = models.ForeignKey("files.Folder", models.CASCADE, null=True, related_name="+")
    file = models.ForeignKey("files.File", models.CASCADE, null=True, related_name="+")
    way = models.JSONField(default=list)
    # What it became once it had come whole.
    made = models.ForeignKey("files.File", models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    by = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["touched_at"], name="upload_touched")]

    def __str__(self):
        return self.name

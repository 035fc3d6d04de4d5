"""The password that a person gives to a file manager; only its digest is kept."""

from django.db import models
from django.utils import timezone


class DavKey(models.Model):
    """One for each person who wants it; making another or revoking it ends it at once."""

    user = models.OneToOneField("people.User", models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return str(self.user_id)

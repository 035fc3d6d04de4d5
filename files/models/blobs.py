"""Bytes that were stored once and are never overwritten; versions point to them."""

from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone


class Blob(models.Model):
    """The same bytes are one blob, whoever puts them where; it goes when no version points to it any more.

    ``size`` is bytes, ``sha256`` hex, ``mime`` what the content says it is, whatever its name. ``looked_at`` is when
    its thumbnail and text were taken, or it was found to have none; until ``held_until`` a worker is looking.
    """

    class Scan(models.TextChoices):
        NOT = "not", "not scanned"
        CLEAN = "clean", "clean"
        INFECTED = "infected", "infected"

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    mime = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)
    scan = models.CharField(max_length=8, choices=Scan, default=Scan.NOT)

    looked_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    looks = models.PositiveSmallIntegerField(default=0)
    thumb = models.BooleanField(default=False)
    pages = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(blank=True)
    vector = SearchVectorField(null=True)
    # When its bytes were found to be gone.
    missing_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["vector"], name="blob_vector"),
            models.Index(fields=["created_at"], condition=models.Q(looked_at=None), name="blob_to_look_at"),
        ]

    def __str__(self):
        return self.sha256

    @property
    def place(self):
        """Its name in the storage: ASCII, and nothing of what people call it."""
        return f"blobs/{self.code.hex[:2]}/{self.code.hex}"

    def drawn(self, what):
        """The name in the storage of something made from it: ``thumb`` or ``page-1``."""
        return f"drawn/{self.code.hex[:2]}/{self.code.hex}-{what}.webp"

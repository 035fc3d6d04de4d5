"""A file of leads and its rows: what each row would become, and what it became (R-103, C-22)."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.models import Card

# A file can be taken back for so long: later its leads are the company's history.
TAKEN_BACK_WITHIN = timedelta(days=30)


class ImportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own files; executives see everybody's (G1, G9)."""
        if user is None or not getattr(user, "is_active", False):
            return self.none()
        return self if user.is_executive else self.filter(by=user)

    def workable_by(self, user):
        """Files that this person may import: one's own, while leads are still this person's work."""
        works = user.works_with_clients or user.may_distribute_leads
        return self.filter(by=user) if works else self.none()


class LeadImport(models.Model):
    """One uploaded file: read and checked at once, imported when its person says so.

    ``columns`` are its headings, ``fields`` the lead's field each column fills ("" for none). Taken back, it is over at
    ``cleared_at``; the same file may then be imported again.
    """

    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    batch = models.UUIDField(default=uuid.uuid4, unique=True)
    columns = models.JSONField(default=list)
    fields = models.JSONField(default=list)
    owner = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    takes_known = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    cleared_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["by", "digest"], condition=Q(cleared_at=None), name="import_file_once")
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        from django.urls import reverse

        return reverse("leads:import", args=[self.pk])

    @property
    def may_be_taken_back(self):
        """Whether it was imported, not too long ago, and nobody has taken it back yet (C-22)."""
        begun = self.started_at
        return begun is not None and self.taken_back_at is None and timezone.now() < begun + TAKEN_BACK_WITHIN

    def counts(self):
        """{state: rows}, in the order in which states are shown."""
        found = dict(self.rows.order_by().values_list("state").annotate(n=Count("pk")))
        return {state: found[state] for state in ImportRow.State.values if state in found}


class ImportRow(models.Model):
    """One row of a file; ``digest`` stands for what it says, so that the same words never make two leads."""

    class State(models.TextChoices):
        READY = "ready", _("to import")
        BROKEN = "broken", _("mistakes")
        KNOWN = "known", _("contact already here")
        REPEAT = "repeat", _("repeat")
        EXCLUDED = "excluded", _("in the exclusion list")
        DONE = "done", _("imported")
        KEPT = "kept", _("worked on, stays")
        GONE = "gone", _("taken back")

    batch = models.ForeignKey(LeadImport, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State)
    # [field, words] in the language of whoever checked.
    remarks = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    lead = models.ForeignKey(Card, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["line"]
        indexes = [models.Index(fields=["batch", "state", "line"], name="import_row")]
        constraints = [
            models.UniqueConstraint(fields=["digest"], condition=Q(lead__isnull=False), name="import_row_once"),
        ]

    def __str__(self):
        return f"{self.batch_id}: {self.line}"

"""What was changed in the settings, by whom and when (R-028)."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Area(models.TextChoices):
    """The settings pages, as their history names them."""

    LIMITS = "limits", _("Limits and times")
    STAGES = "stages", _("Stages")
    CATALOGUES = "catalogues", _("Catalogues")
    TASKS = "tasks", _("Tasks and hints")
    CALENDAR = "calendar", _("Working calendar")
    ACCOUNTS = "accounts", _("Firms and accounts")


class SettingsChange(models.Model):
    """One change of the office's rows, written in its transaction; ``values`` is {field: [from, to]}."""

    class Act(models.TextChoices):
        CHANGED = "changed", _("changed")
        ADDED = "added", _("added")
        REMOVED = "removed", _("removed")
        PLACED = "placed", _("moved to another place")
        IMPORTED = "imported", _("taken from a file")

    area = models.CharField(_("Section"), max_length=12, choices=Area, editable=False)
    act = models.CharField(max_length=8, choices=Act, editable=False)
    model = models.CharField(max_length=20, editable=False)
    row = models.BigIntegerField(null=True, editable=False)
    subject = models.CharField(max_length=400, editable=False)
    values = models.JSONField(default=dict, encoder=DjangoJSONEncoder, editable=False)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+", editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by", editable=False)

    class Meta:
        verbose_name = _("change of settings")
        ordering = ["-at", "-id"]
        indexes = [models.Index(models.F("at").desc(), models.F("id").desc(), name="change_feed")]

    def __str__(self):
        return f"{self.act} {self.subject}"

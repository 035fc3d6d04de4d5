"""Who took which list out of the CRM, and when: personal data leave with it (152-FZ, R-506)."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Export(models.Model):
    """One workbook that was handed out; ``query`` is the filter and sort of the list, which may hold a client's name."""

    pipeline = models.CharField(max_length=20, editable=False)
    query = models.TextField(blank=True, editable=False)
    rows = models.PositiveIntegerField(editable=False)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+", editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("export")
        ordering = ["-id"]

    def __str__(self):
        return f"{self.pipeline} {self.rows}"

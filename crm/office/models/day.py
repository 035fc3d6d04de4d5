"""Dates that differ from the shipped production calendar."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..production_calendar import DayKind


class CalendarDay(models.Model):
    """A date on which the company works differently from what the shipped production calendar says (D.6)."""

    date = models.DateField(_("Date"), unique=True)
    kind = models.CharField(_("Kind of day"), max_length=5, choices=DayKind)
    note = models.CharField(_("Note"), max_length=200, blank=True)
    # From the year's decree; the company's own rows survive another import of the same year.
    official = models.BooleanField(default=False, editable=False)
    # Under the company's own word: what the imported decree says, to come back to.
    decreed = models.CharField(max_length=5, choices=DayKind, blank=True, editable=False)

    class Meta:
        verbose_name = _("calendar day")
        ordering = ["date"]

    def __str__(self):
        return f"{self.date:%d.%m.%Y}"

    @property
    def subject(self):
        """The date as the history names it."""
        return str(self)

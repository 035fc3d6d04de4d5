"""The rules of the company that its administrator may change: hours, terms, thresholds, what is asked."""

from datetime import time
from decimal import Decimal
from uuid import uuid4
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from .. import memory
from .limits import up_to


def check_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("There is no such time zone."), code="zone")


class Office(models.Model):
    """The rules of the company: exactly one row. Pages read it through ``office()``, its form through ``load()``."""

    name = models.CharField(_("Company name"), max_length=120, blank=True)
    zone = models.CharField(_("Time zone"), max_length=40, default="Europe/Moscow", validators=[check_zone])
    day_start = models.TimeField(_("The working day starts at"), default=time(9))
    day_end = models.TimeField(_("The working day ends at"), default=time(18))
    short_day_end = models.TimeField(_("A shortened day ends at"), default=time(17))

    # Calendar days (G2), unlike every other number of days here.
    lead_archive_days = models.PositiveSmallIntegerField(
        _("A lead with a deal is put away after, calendar days"), default=7, validators=up_to(365)
    )
    stuck_days = models.PositiveSmallIntegerField(
        _("A card is stuck after, working days"), default=5, validators=up_to(250)
    )
    lead_days = models.PositiveSmallIntegerField(
        _("A lead is discussed for at most, working days"), default=10, validators=up_to(250)
    )
    soon_days = models.PositiveSmallIntegerField(
        _("A reminder is due soon within, working days"), default=3, validators=up_to(30)
    )
    reaction_hours = models.PositiveSmallIntegerField(
        _("A client is answered within, working hours"), default=4, validators=up_to(80)
    )
    overdue_days = models.PositiveSmallIntegerField(
        _("Executives hear of an overdue activity after, working days"), default=1, validators=up_to(30)
    )
    approval_days = models.PositiveSmallIntegerField(
        _("An approval waits for at most, working days"), default=1, validators=up_to(30)
    )
    warning_minutes = models.PositiveSmallIntegerField(
        _("A first stage that is not empty is warned of before the end of the day, minutes"),
        default=60, validators=up_to(480),
    )  # fmt: skip
    digest_time = models.TimeField(_("Executives' digest is sent at"), default=time(9))
    manager_digest_time = models.TimeField(_("Managers' digest is sent at"), default=time(8, 45))
    undo_seconds = models.PositiveSmallIntegerField(
        _("A move can be undone for, seconds"), default=10, validators=up_to(60)
    )
    margin_threshold = models.DecimalField(
        _("A margin is low below, %"), max_digits=5, decimal_places=2, default=Decimal(20), validators=up_to(100, 0)
    )

    # What is only proposed to be asked: switched off until the company wants it (R-012, G5).
    asks_discussed = models.BooleanField(_("An interesting lead needs an executive's mark “discussed”"), default=False)
    asks_decision_maker = models.BooleanField(_("“Decision maker found” needs a name and a contact"), default=False)
    asks_offer = models.BooleanField(_("“Making the decision” needs both estimates"), default=False)
    asks_offer_file = models.BooleanField(_("“Making the decision” needs the file of the offer"), default=False)
    asks_article = models.BooleanField(_("An expense without a deal needs an article"), default=False)
    asks_invoice = models.BooleanField(_("An expense is sent for approval with its invoice"), default=False)
    second_executive = models.BooleanField(_("An executive's expense is approved by another executive"), default=False)
    early_touch = models.BooleanField(_("The first touch moves a deal from earlier stages as well"), default=False)
    pauses_reminders = models.BooleanField(_("Reminders pause while the client has a project"), default=False)
    names_duplicate_owner = models.BooleanField(
        _("The duplicate warning names the responsible person of a hidden client"), default=True
    )

    revision = models.UUIDField(default=uuid4, editable=False)

    class Meta:
        verbose_name = _("company settings")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="office_is_one")]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.pk = 1
        super().save(*args, **kwargs)

    def clean(self):
        super().clean()
        if not self.day_start < self.day_end:
            raise ValidationError({"day_end": _("The working day must end after it starts.")})
        if not self.day_start < self.short_day_end <= self.day_end:
            raise ValidationError({"short_day_end": _("A shortened day ends between the start and the usual end.")})

    @property
    def subject(self):
        """The settings as their history names them."""
        return ""

    @classmethod
    def load(cls) -> "Office":
        """The row itself, to be changed and saved; made with the defaults when there is none."""
        return cls.objects.get_or_create(pk=1)[0]


def office() -> Office:
    """The company settings as every page reads them: shared and at most seconds old, never to be changed or saved."""
    return memory.current().office

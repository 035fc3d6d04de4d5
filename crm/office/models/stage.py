"""The company's own words and limits for stages, and for fields that hint at what to write."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from .limits import up_to


class StageSetting(models.Model):
    """What the company says of a stage that a pipeline's code declares; what is empty stays as declared (R-021, R-028)."""

    pipeline = models.CharField(max_length=20, editable=False)
    stage = models.CharField(max_length=30, editable=False)
    name = models.CharField(_("Name"), max_length=120, blank=True)
    hint = models.CharField(_("What to do at this stage"), max_length=300, blank=True)
    days = models.PositiveSmallIntegerField(_("Norm, working days"), null=True, blank=True, validators=up_to(250))
    tone = models.PositiveSmallIntegerField(_("Density of the ink"), null=True, blank=True, validators=up_to(7))
    needs = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("Must be filled on the way in")
    )
    empties = models.BooleanField(_("Is empty by the end of the working day"), default=True)

    class Meta:
        verbose_name = _("stage")
        constraints = [models.UniqueConstraint(fields=["pipeline", "stage"], name="stage_setting_once")]

    def __str__(self):
        return f"{self.pipeline}: {self.stage}"


class FieldHint(models.Model):
    """The company's own hint beside a field of a card, instead of the one that came with the product (R-212)."""

    field = models.CharField(max_length=60, unique=True, editable=False)
    text = models.CharField(_("Hint"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("hint of a field")

    def __str__(self):
        return self.field

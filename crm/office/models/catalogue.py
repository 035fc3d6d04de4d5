"""Lists and ready tasks that an administrator keeps in the company's own words."""

from secrets import token_hex

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .limits import up_to


def check_checklist(items: object) -> None:
    if not isinstance(items, list) or not all(isinstance(item, str) and 0 < len(item.strip()) <= 200 for item in items):
        raise ValidationError(_("A checklist is a list of lines, each up to 200 characters."), code="checklist")


def new_code() -> str:
    return token_hex(4)


class Catalogue(models.TextChoices):
    """The lists that an administrator may extend (R-001b, R-020)."""

    SOURCE = "source", _("Sources of leads")
    ARTICLE = "article", _("Articles of expense")
    NEED = "need", _("Possible needs of a client")
    OBJECT_TYPE = "object_type", _("Types of object")
    SERVICE = "service", _("Services")
    LOSS_REASON = "loss_reason", _("Reasons of loss")
    FOLDER = "folder", _("Subfolders of a deal's folder")


# The group of tasks that the move to «Подготовка предложения» offers.
OFFER = "offer"


class Entry(models.Model):
    """One line of a catalogue. Records keep its code, so it may be renamed or retired but not deleted."""

    catalogue = models.CharField(_("Catalogue"), max_length=20, choices=Catalogue)
    code = models.SlugField(max_length=40, default=new_code, editable=False)
    name = models.CharField(_("Name"), max_length=120)
    position = models.PositiveSmallIntegerField(_("Position"), default=100)
    active = models.BooleanField(_("Offered"), default=True)
    data = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("catalogue entry")
        ordering = ["catalogue", "position", "name"]
        constraints = [
            models.UniqueConstraint("catalogue", "code", name="entry_code_once"),
            models.UniqueConstraint(
                "catalogue",
                Lower("name"),
                name="entry_name_once",
                violation_error_message=_("The catalogue already has this entry."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def subject(self):
        """The entry with its catalogue, as the history names it."""
        return f"{self.get_catalogue_display()}: {self.name}"

    def siblings(self):
        """What its catalogue offers, in order."""
        return Entry.objects.filter(catalogue=self.catalogue, active=True)

    def clean(self):
        super().clean()
        if not self.active and self.pk and not self.siblings().exclude(pk=self.pk).exists():
            raise ValidationError(_("This is the last one: a form that asks for it would have no answer."))


class TaskTemplate(models.Model):
    """A task that a stage or a person plans by its code: what to do, by when, and the checklist (R-108, R-242)."""

    code = models.SlugField(max_length=40, unique=True, default=new_code, editable=False)
    title = models.CharField(_("Title"), max_length=200)
    hint = models.CharField(_("Hint"), max_length=200, blank=True)
    days = models.PositiveSmallIntegerField(_("Due in, working days"), default=2, validators=up_to(250, 0))
    group = models.SlugField(_("Group"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(_("Position"), default=100)
    checklist = models.JSONField(_("Checklist"), default=list, blank=True, validators=[check_checklist])
    active = models.BooleanField(_("Offered"), default=True)

    class Meta:
        verbose_name = _("task template")
        ordering = ["group", "position", "title"]

    def __str__(self):
        return self.title

    @property
    def subject(self):
        """The task as the history names it."""
        return self.title

    @property
    def is_choice(self):
        """Whether people choose it in «Какой процесс запустить?»; every other one is planned by a stage (R-243)."""
        return self.group == OFFER

    @property
    def is_dated(self):
        """Whether its card says when it is due: the day of a payment, a client's rhythm (R-232, R-305)."""
        return self.code == "payment" or self.code.startswith("remind-")

    def siblings(self):
        """The tasks that its group offers, in order."""
        return TaskTemplate.objects.filter(group=self.group, active=True)

    def clean(self):
        super().clean()
        if self.active or not self.pk:
            return
        if not self.is_choice:
            raise ValidationError(_("A stage plans this task, so it cannot be retired."))
        if not self.siblings().exclude(pk=self.pk).exists():
            raise ValidationError(_("This is the last one: a form that asks for it would have no answer."))

    def titled(self, subject: str = "") -> str:
        """The title with its «…», if it has one, replaced by what the task is about (R-304)."""
        return self.title.replace("…", subject) if subject else self.title

"""A deal: what is sold to whom, its estimates, and what its expenses make of the profit."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.cards.fields import CatalogueField, CatalogueListField, MoneyField, TotalField, YesNoField
from crm.cards.models import Card

from .money import Money


class Period(models.TextChoices):
    MONTH = "month", _("a month")
    QUARTER = "quarter", _("a quarter")
    YEAR = "year", _("a year")


class Deal(Card):
    """One order or one client being won; ``amount`` is its income estimate «Смета дохода» (R-246)."""

    # Named, because «deal» of a card is what an expense calls the deal it belongs to.
    card_ptr = models.OneToOneField(Card, models.CASCADE, parent_link=True, primary_key=True, related_name="as_deal")
    cost_estimate = MoneyField(_("Cost estimate"), null=True, blank=True)
    # Kept by the expenses' own rules, in the transaction of each payment (R-315, R-318).
    paid_total = TotalField()
    approved_total = TotalField()

    source = CatalogueField(_("Source of the information"), catalogue="source")
    source_note = models.CharField(_("Who or what exactly"), max_length=200, blank=True)
    may_refer = YesNoField(_("May the source be named in talk with the client"))
    object_type = CatalogueField(_("Object"), catalogue="object_type")
    service = CatalogueField(_("Service"), catalogue="service")
    brief = models.TextField(_("Technical brief"), blank=True, max_length=20_000)
    loss_reason = CatalogueField(_("Reason"), catalogue="loss_reason")

    # «Поиск ЛПР»: where to look for the one who decides, and what was found.
    site = models.CharField(_("Site"), max_length=200, blank=True)
    social_networks = models.CharField(_("Social networks"), max_length=300, blank=True)
    register = models.CharField(_("Register of companies"), max_length=300, blank=True)
    tenders = models.CharField(_("Tender sites"), max_length=300, blank=True)
    acquaintances = models.CharField(_("Acquaintances and recommendations"), max_length=300, blank=True)
    designer = models.CharField(_("Architect or designer of the project"), max_length=300, blank=True)
    secretary = models.CharField(_("Secretary"), max_length=300, blank=True)
    decision_maker = models.CharField(_("Decision maker's name"), max_length=200, blank=True)
    decision_maker_position = models.CharField(_("Decision maker's position"), max_length=200, blank=True)
    decision_maker_phone = models.CharField(_("Decision maker's phone"), max_length=60, blank=True)
    decision_maker_email = models.EmailField(_("Decision maker's e-mail"), blank=True)
    learned = models.TextField(_("What was learned"), blank=True, max_length=10_000)

    has_request = YesNoField(_("Is there a request?"))
    request = models.TextField(_("The request"), blank=True, max_length=10_000)

    # «Периодичность напоминания» per channel: so many times a period; 0 is «не нужно».
    needs = CatalogueListField(verbose_name=_("Possible needs of the client"), catalogue="need")
    letter_times = models.PositiveSmallIntegerField(_("Letters"), null=True, blank=True)
    letter_per = models.CharField(_("Letters: in what time"), max_length=10, choices=Period, blank=True)
    call_times = models.PositiveSmallIntegerField(_("Calls"), null=True, blank=True)
    call_per = models.CharField(_("Calls: in what time"), max_length=10, choices=Period, blank=True)
    meeting_times = models.PositiveSmallIntegerField(_("Meetings"), null=True, blank=True)
    meeting_per = models.CharField(_("Meetings: in what time"), max_length=10, choices=Period, blank=True)

    letter = "С"

    class Meta:
        verbose_name = _("deal")

    @property
    def money(self):
        """Plan, fact and forecast from the estimates and from what was approved and paid (R-320)."""
        return Money(self.amount, self.cost_estimate, self.paid_total, self.approved_total)

    HINTS = (
        "site", "social_networks", "register", "tenders", "acquaintances", "designer", "secretary",
        "decision_maker", "decision_maker_position", "decision_maker_phone", "decision_maker_email", "learned",
    )  # fmt: skip

    @property
    def search_progress(self):
        """How many of the hint fields are filled, and how many there are (R-212)."""
        return sum(bool(getattr(self, name)) for name in self.HINTS), len(self.HINTS)


class TurnQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(deal__in=Deal.objects.visible_to(user))

    def workable_by(self, user):
        return self.filter(deal__in=Deal.objects.workable_by(user))

    def open(self):
        return self.filter(task__state="open")


class Turn(models.Model):
    """One reminder in a client's rhythm: its activity, and the day that the rhythm itself would have chosen (R-235)."""

    class Channel(models.TextChoices):
        LETTER = "letter", _("Letters")
        CALL = "call", _("Calls")
        MEETING = "meeting", _("Meetings")

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="turns")
    channel = models.CharField(max_length=10, choices=Channel)
    n = models.PositiveIntegerField()
    planned_on = models.DateField()
    task = models.OneToOneField("activities.Task", models.CASCADE, related_name="turn")

    objects = TurnQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "channel", "n"], name="turn_once")]

    def __str__(self):
        return f"{self.channel} {self.n} of {self.deal_id}"


from .pipelines.attraction import Attraction  # noqa: E402
from .pipelines.project import Project  # noqa: E402
from .pipelines.reminder import Reminder  # noqa: E402

PIPELINES = (Attraction, Reminder, Project)

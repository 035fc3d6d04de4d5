"""A lead: somebody's inquiry, until it is known whether it becomes a deal; and whom the company does not listen to."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.fields import CatalogueField, YesNoField
from crm.cards.models import Card
from crm.clients.verbs import values_of


class Channel(models.TextChoices):
    MAIL = "mail", _("Mail")
    SITE = "site", _("Site")
    PHONE = "phone", _("Phone call")
    MANUAL = "manual", _("By hand")
    IMPORT = "import", _("Import")


class Inquiry(Card):
    """What a lead stores; its process is ``leads.pipeline.Lead``."""

    channel = models.CharField(_("Channel"), max_length=10, choices=Channel, default=Channel.MANUAL)
    received_at = models.DateTimeField(_("Received"), default=timezone.now)
    raw_text = models.TextField(_("What the client wants"), blank=True, max_length=20_000)
    # As the client gave them; they become a contact and a company once the lead is worth it.
    person = models.CharField(_("Contact person"), max_length=200, blank=True)
    firm = models.CharField(_("Company"), max_length=200, blank=True)
    phone = models.CharField(_("Phone"), max_length=60, blank=True)
    email = models.EmailField(_("E-mail"), blank=True)
    source = CatalogueField(_("Source of the information"), catalogue="source")
    source_note = models.CharField(_("Who or what exactly"), max_length=200, blank=True)
    may_refer = YesNoField(_("May the source be named in talk with the client"))
    has_brief = YesNoField(_("Does the lead have a technical brief?"))
    object_type = CatalogueField(_("Object"), catalogue="object_type")
    service = CatalogueField(_("Service"), catalogue="service")
    import_batch = models.UUIDField(null=True, editable=False, db_index=True)

    letter = "Л"
    FOUND_BY = Card.FOUND_BY | {"person", "firm", "phone", "email"}

    class Meta:
        verbose_name = _("lead")

    @property
    def client_name(self):
        return ", ".join(filter(None, (str(self.person or self.contact or ""), str(self.company or self.firm))))

    @property
    def introduced(self):
        """How whoever asked named themselves and their firm, where the known client on the lead is called otherwise."""
        said = ((self.person, self.contact), (self.firm, self.company))
        return ", ".join(name for name, known in said if name and known and name != str(known))

    def build_words(self):
        reach = values_of(self.phone)
        words = super().build_words(), self.person, self.firm, self.phone, *reach, self.email
        return " ".join(filter(None, words))


class Exclusion(models.Model):
    """A phone (E.164), a mail address or a mail domain from which no lead is made (R-117)."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("phone")
        MAIL = "mail", _("mail")
        DOMAIN = "domain", _("mail domain")

    kind = models.CharField(max_length=6, choices=Kind)
    value = models.CharField(max_length=254)
    lead = models.ForeignKey(Card, models.SET_NULL, null=True, related_name="exclusions")
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="exclusion_once")]

    def __str__(self):
        return self.value


class IntakeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Records of leads this person sees, and one's own attempts that made none (G9, R-015).

        Whoever distributes leads also sees what was kept out: an inquiry that has no responsible person (R-103).
        """
        if user is None or not getattr(user, "is_active", False):
            return self.none()
        if user.is_executive:
            return self
        seen = Q(lead__in=Card.objects.visible_to(user)) | Q(lead=None, by=user)
        if user.may_distribute_leads:
            seen |= Q(lead=None, outcome=IntakeRecord.Outcome.EXCLUDED)
        return self.filter(seen)

    def workable_by(self, user):
        """Records that this person may make a lead of after all: those who distribute leads (R-104, R-117)."""
        return self.visible_to(user) if user.may_distribute_leads else self.none()


class IntakeRecord(models.Model):
    """The journal of everything that came in: a lead was made, or why not (R-103, R-117)."""

    class Outcome(models.TextChoices):
        LEAD = "lead", _("lead made")
        EXCLUDED = "excluded", _("in the exclusion list")
        ADMITTED = "admitted", _("lead made after all")
        RESTORED = "restored", _("taken from the exclusion list")
        REFUSED = "refused", _("not put on the exclusion list")
        WITHDRAWN = "withdrawn", _("import taken back")

    at = models.DateTimeField(default=timezone.now)
    channel = models.CharField(max_length=10, choices=Channel)
    sender = models.CharField(max_length=254, blank=True)
    text = models.TextField(blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    lead = models.ForeignKey(Card, models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    # What the inquiry said, field by field, while no lead holds it: a lead can still be made of it.
    said = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    # The key of the form that was refused: sent twice, it is journalled once.
    key = models.UUIDField(null=True, unique=True)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(models.F("at").desc(), name="intake_at")]

    def __str__(self):
        return f"{self.outcome} {self.sender}"


from .imports.models import ImportRow, LeadImport  # noqa: E402
from .pipeline import Lead  # noqa: E402

__all__ = ["Channel", "Exclusion", "ImportRow", "Inquiry", "IntakeRecord", "Lead", "LeadImport"]

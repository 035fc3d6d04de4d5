"""Clients: companies and contacts with their phones and mails, seen by whoever answers for them or for a card of theirs."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.models import Card
from crm.cards.words import fold, meeting, stems, worded

from .phones import normalise_phone


class ClientQuerySet(models.QuerySet):
    link = ""

    def visible_to(self, user):
        """Clients this person answers for, or of a card this person sees (G9); executives see all."""
        return self._reached(user, Card.objects.visible_to(user))

    def workable_by(self, user):
        """Clients this person may change: their own, or of a card this person may work on; executives all (R-502)."""
        return self._reached(user, Card.objects.workable_by(user))

    def _reached(self, user, cards):
        if user is None or not getattr(user, "sees_cards", False):
            return self.none()
        if user.is_executive:
            return self
        return self.filter(Q(owner=user) | Exists(cards.filter(**{self.link: OuterRef("pk")})))

    def matching(self, *texts):
        """Clients in whose words all of one of the texts occurs, in part or in other forms (R-507)."""
        return meeting(self, worded(*texts))


class CompanyQuerySet(ClientQuerySet):
    link = "company"


class ContactQuerySet(ClientQuerySet):
    link = "contact"


class ClientKind(models.TextChoices):
    CLIENT = "client", _("client")
    SUPPLIER = "supplier", _("supplier")
    PARTNER = "partner", _("partner")
    OTHER = "other", _("other")


class Client(models.Model):
    """What a company and a contact share (R-503)."""

    kind = models.CharField(_("Kind"), max_length=10, choices=ClientKind, default=ClientKind.CLIENT)
    owner = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Responsible")
    )
    comment = models.TextField(_("Comment"), blank=True, max_length=10_000)
    words = models.TextField(blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    key = models.UUIDField(null=True, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    @property
    def phones(self):
        return [c for c in self.channels.all() if c.kind == Channel.Kind.PHONE]

    @property
    def mails(self):
        return [c for c in self.channels.all() if c.kind == Channel.Kind.MAIL]

    @transaction.atomic
    def refresh_words(self):
        """Rebuild what this client, and the cards it stands on, are found by."""
        channels = [c.value for c in self.channels.all()]
        self.words = fold(" ".join(filter(None, [*self.own_words(), *channels])))
        type(self).objects.filter(pk=self.pk).update(words=self.words)
        # Held before they are read: a title that is being changed is waited for, and not lost from what is searched.
        cards = (
            self.cards.select_for_update(of=("self",), no_key=True).select_related("company", "contact").order_by("pk")
        )
        for card in cards:
            card.words = fold(card.build_words())
        Card.objects.bulk_update(cards, ["words"], batch_size=500)


class Company(Client):
    """A legal entity or a place with its requisites (D.3)."""

    name = models.CharField(_("Name"), max_length=200)
    legal_name = models.CharField(_("Legal name"), max_length=300, blank=True)
    inn = models.CharField(_("INN"), max_length=12, blank=True)
    kpp = models.CharField(_("KPP"), max_length=9, blank=True)
    ogrn = models.CharField(_("OGRN"), max_length=15, blank=True)
    bank_name = models.CharField(_("Bank"), max_length=200, blank=True)
    bik = models.CharField(_("BIK"), max_length=9, blank=True)
    account = models.CharField(_("Account"), max_length=20, blank=True)
    correspondent_account = models.CharField(_("Correspondent account"), max_length=20, blank=True)
    site = models.CharField(_("Site"), max_length=200, blank=True)
    address = models.CharField(_("Address"), max_length=400, blank=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("company")
        indexes = [
            models.Index(fields=["inn"], name="company_inn"),
            models.Index(fields=["owner"], name="company_owner"),
            GinIndex(OpClass(Upper("words"), name="gin_trgm_ops"), name="company_words"),
            GinIndex(stems(), name="company_stems"),
        ]

    def get_absolute_url(self):
        from django.urls import reverse

        return reverse("clients:company", args=[self.pk])

    # What a payment order is made out by.
    REQUISITES = ("legal_name", "inn", "kpp", "bank_name", "bik", "account", "correspondent_account")

    @property
    def requisites(self):
        """What a payment order is made out by, as {field: text} (R-309)."""
        return {name: getattr(self, name) for name in self.REQUISITES} | {"legal_name": self.legal_name or self.name}

    def own_words(self):
        return [self.name, self.legal_name, self.inn]


class Contact(Client):
    """A person on the client's side; ``role`` says which part they play (R-001b)."""

    class Role(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        DESIGNER = "designer", _("designer")
        ARCHITECT = "architect", _("architect")
        SUPPLIER = "supplier", _("supplier")
        OTHER = "other", _("other")

    name = models.CharField(_("Name"), max_length=200)
    position = models.CharField(_("Job title"), max_length=200, blank=True)
    role = models.CharField(_("Role"), max_length=10, choices=Role, default=Role.CUSTOMER)
    company = models.ForeignKey(
        Company, models.SET_NULL, null=True, blank=True, related_name="contacts", verbose_name=_("Company")
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        indexes = [
            models.Index(fields=["owner"], name="contact_owner"),
            GinIndex(OpClass(Upper("words"), name="gin_trgm_ops"), name="contact_words"),
            GinIndex(stems(), name="contact_stems"),
        ]

    def get_absolute_url(self):
        from django.urls import reverse

        return reverse("clients:contact", args=[self.pk])

    def own_words(self):
        return [self.name, self.position]


class Channel(models.Model):
    """A phone (E.164, with the raw text and an extension) or a mail address of a company or a contact (R-504)."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("phone")
        MAIL = "mail", _("mail")

    kind = models.CharField(max_length=5, choices=Kind)
    value = models.CharField(max_length=254)
    extension = models.CharField(max_length=20, blank=True)
    raw = models.CharField(max_length=254, blank=True)
    company = models.ForeignKey(Company, models.CASCADE, null=True, related_name="channels")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="channels")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["value"], name="channel_value")]
        constraints = [
            models.CheckConstraint(
                condition=Q(company__isnull=False, contact__isnull=True)
                | Q(company__isnull=True, contact__isnull=False),
                name="channel_of_one_client",
            ),
        ]

    def __str__(self):
        return self.value

    @property
    def written(self):
        """The phone as people write it, with its extension; what cannot be read stays as it was typed."""
        try:
            return str(normalise_phone(f"{self.value} доб. {self.extension}" if self.extension else self.value))
        except ValueError:
            return self.raw or self.value

"""«Оплата расходов»: an expense, the decisions about it, and its payments to the kopeck."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.fields import CatalogueField, DayField, TotalField
from crm.cards.models import Card


class Spending(Card):
    """What an expense stores; its process is ``expenses.pipeline.Expense``; ``company`` is the payee, ``amount`` to pay."""

    class Kind(models.TextChoices):
        ADVANCE = "advance", _("prepayment")
        REST = "rest", _("additional payment")
        FULL = "full", _("full payment")

    class Vat(models.TextChoices):
        NONE = "none", _("without VAT")
        VAT5 = "5", _("5 %")
        VAT7 = "7", _("7 %")
        VAT10 = "10", _("10 %")
        VAT20 = "20", _("20 %")
        VAT22 = "22", _("22 %")

    deal = models.ForeignKey(
        "deals.Deal", models.PROTECT, null=True, blank=True, related_name="expenses", verbose_name=_("Deal")
    )
    article = CatalogueField(_("Article"), catalogue="article")
    purpose = models.CharField(_("Purpose of the payment"), max_length=210, blank=True)
    due_on = DayField(_("Pay until"), null=True, blank=True)
    kind = models.CharField(_("Kind of payment"), max_length=10, choices=Kind, default=Kind.FULL)
    vat = models.CharField(_("VAT"), max_length=4, choices=Vat, default=Vat.VAT22)
    invoice_number = models.CharField(_("Invoice number"), max_length=40, blank=True)
    invoice_date = DayField(_("Invoice date"), null=True, blank=True)
    payer = models.ForeignKey(
        "office.Account", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("We pay from")
    )
    paid_total = TotalField()
    # The payee's requisites as executives were last asked about or approved them, as {field: text}.
    requisites = models.JSONField(default=dict, editable=False)
    returns = models.PositiveSmallIntegerField(default=0, editable=False)
    split_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="parts", editable=False)
    # The expense, paid in part, whose rest this one is for: as its additional payment or as a part of that.
    rest_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="rests", editable=False)

    letter = "Р"

    class Meta:
        verbose_name = _("expense")
        indexes = [
            models.Index(fields=["deal"], name="expense_deal"),
            models.Index(fields=["due_on"], name="expense_due"),
        ]

    def requires(self, name):
        """An expense of a deal needs no article: the deal says what it is for (R-301)."""
        return name != "article" or self.deal_id is None

    @classmethod
    def held_with(cls, ids):
        """The deals on which payments are summed up."""
        return Spending.objects.filter(pk__in=ids).exclude(deal=None).values_list("deal", flat=True)

    @property
    def left(self):
        """What is still to be paid, roubles."""
        return (self.amount or 0) - self.paid_total

    @property
    def requisites_changed(self):
        """Whether the payee's requisites are others than executives were asked about or approved (R-309)."""
        return bool(self.requisites) and (self.company is None or self.requisites != self.company.requisites)

    def requisites_to_pay_by(self):
        """The requisites that executives know, before that the payee's own: [(label, value, by now if that differs)]."""
        if self.company is None:
            return []
        now, label = self.company.requisites, self.company._meta.get_field
        rows = [(name, self.requisites.get(name, "") if self.requisites else value) for name, value in now.items()]
        return [(label(name).verbose_name, value, now[name] if now[name] != value else None) for name, value in rows]

    @property
    def paid_percent(self):
        """«% оплаты», whole per cent."""
        return int(self.paid_total * 100 / self.amount) if self.amount else 0


class Decision(models.Model):
    """What an executive decided about one sending for approval; there is exactly one per sending (R-308)."""

    class Verdict(models.TextChoices):
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned")

    expense = models.ForeignKey(Spending, models.CASCADE, related_name="decisions")
    round = models.PositiveIntegerField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    comment = models.TextField(blank=True, max_length=2000)
    # A small company's executive may approve their own request; it is said aloud.
    own = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["expense", "round"], name="decision_once")]

    def __str__(self):
        return f"{self.verdict} {self.expense_id}"


class Payment(models.Model):
    """Money that left the account for an expense; a storno is a payment of the opposite sign (R-315, R-317)."""

    expense = models.ForeignKey(Spending, models.PROTECT, related_name="payments")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    paid_on = models.DateField(_("Paid on"))
    order_number = models.CharField(_("Payment order No."), max_length=20, blank=True)
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["paid_on", "id"]
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="payment_not_zero")]

    def __str__(self):
        return f"{self.amount}"


from .pipeline import Expense  # noqa: E402

__all__ = ["Decision", "Expense", "Payment", "Spending"]

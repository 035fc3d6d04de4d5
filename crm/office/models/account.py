"""Own firms and their bank accounts."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


def digits(length: int, message) -> list[RegexValidator]:
    return [RegexValidator(rf"^[0-9]{{{length}}}\Z", message)]


class Account(models.Model):
    """A bank account of an own firm: who pays (R-303); its checksums are judged where a payment order is made."""

    firm = models.CharField(_("Firm"), max_length=160)
    inn = models.CharField(
        _("INN"), max_length=12, validators=[RegexValidator(r"^([0-9]{10}|[0-9]{12})\Z", _("10 or 12 digits."))]
    )
    kpp = models.CharField(_("KPP"), max_length=9, blank=True, validators=digits(9, _("9 digits.")))
    bank = models.CharField(_("Bank"), max_length=160)
    bank_city = models.CharField(_("City of the bank"), max_length=80, blank=True)
    bik = models.CharField(_("BIK"), max_length=9, validators=digits(9, _("9 digits.")))
    correspondent = models.CharField(
        _("Correspondent account"), max_length=20, blank=True, validators=digits(20, _("20 digits."))
    )
    number = models.CharField(_("Account"), max_length=20, validators=digits(20, _("20 digits.")))
    active = models.BooleanField(_("Offered"), default=True)
    position = models.PositiveSmallIntegerField(_("Position"), default=100)

    class Meta:
        verbose_name = _("own account")
        ordering = ["position", "firm", "bank"]
        constraints = [
            models.UniqueConstraint(
                "bik", "number", name="account_once", violation_error_message=_("This account is already listed.")
            )
        ]

    def __str__(self):
        return f"{self.firm}, {self.bank}, …{self.number[-4:]}"

    @property
    def subject(self):
        """The account as the history names it."""
        return str(self)

    def siblings(self):
        """The accounts that are offered, in order."""
        return Account.objects.filter(active=True)

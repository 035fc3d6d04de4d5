"""Forms of an expense: registering and changing it, a payment that was made, and splitting an invoice into payments."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from crm.cards.fields import DayFormField, MoneyFormField, PastDayFormField
from crm.clients.models import ClientKind, Company
from crm.office.calendar import company_today
from crm.office.models import Account
from crm.pipelines.editing import CardForm
from deals.models import Deal

from .models import Expense


def money_field(label, **kwargs):
    return MoneyFormField(label=label, min_value=0, max_digits=14, decimal_places=2, **kwargs)


class ExpenseForm(CardForm):
    """An expense with its payee by name, of a deal this person sees or of none (R-301, R-302)."""

    payee = forms.CharField(label=_("Payee"), max_length=200, required=False)
    field_order = [
        "payee", "amount", "purpose", "deal", "due_on", "article", "kind", "vat", "invoice_number",
        "invoice_date", "payer",
    ]  # fmt: skip

    class Meta:
        model = Expense
        fields = [
            "title", "deal", "amount", "purpose", "due_on", "article", "kind", "vat", "invoice_number", "invoice_date",
            "payer", "comment",
        ]  # fmt: skip
        widgets = {"comment": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        expense = self.instance
        self.fields["title"].required = self.fields["title"].widget.is_required = False
        self.fields["payer"].queryset = Account.objects.filter(active=True) | Account.objects.filter(
            pk=expense.payer_id
        )
        if expense.company:
            self.fields["payee"].initial = expense.company.name
        if expense.pk and not expense.is_open:  # nobody would be asked to approve another sum or payee
            self.fields["amount"].disabled = self.fields["payee"].disabled = True
        hidden = expense.deal_id and not Deal.objects.visible_to(self.user).filter(pk=expense.deal_id).exists()
        if hidden or (not expense.pk and not self.user.works_with_clients):
            del self.fields["deal"]

    def clean(self):
        answers = super().clean()
        known = (answers.get(name) for name in ("title", "purpose", "payee", "invoice_number"))
        answers["title"] = next(filter(None, known), "")
        if not answers["title"] and not self.errors:
            self.add_error("payee", _now("Say whom or what to pay."))
        return answers

    def company(self):
        """The payee: the one that stands, a visible company of this name, or a new supplier; None for no name."""
        name, now = self.cleaned_data["payee"], self.instance.company
        if not name or (now is not None and now.name.casefold() == name.casefold()):
            return now if name else None
        found = Company.objects.visible_to(self.user).filter(name__iexact=name).order_by("pk").first()
        if found is None:
            found = Company.objects.create(name=name, owner=self.user, kind=ClientKind.SUPPLIER)
            found.refresh_words()
        return found


class PaymentForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    paid = money_field(_("Paid, roubles"))
    paid_on = PastDayFormField(label=_("Paid on"), initial=company_today)
    order_number = forms.CharField(label=_("Payment order No."), required=False, max_length=20)
    over = forms.BooleanField(label=_("Yes, more than the invoice was paid"), required=False)


class StornoForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    remark = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class PartForm(forms.Form):
    amount = money_field(_("Amount"))
    due_on = DayFormField(label=_("Pay until"))


PartsFormSet = forms.formset_factory(
    PartForm, extra=2, min_num=2, max_num=12, validate_min=True, validate_max=True, absolute_max=12
)

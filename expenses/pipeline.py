"""«Оплата расходов»: registered, approved by any executive, paid by the accountant in full or in parts."""

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from crm.cards.fields import MoneyFormField, PastDayFormField
from crm.jinja import roubles
from crm.office.calendar import company_today
from crm.office.models import office
from crm.pipelines.declare import pipeline, step
from crm.pipelines.forms import Ask
from crm.pipelines.moves import Refused
from crm.pipelines.stages import Paper
from crm.pipelines.who import Who, accountant, author, executive, nobody
from expenses.models import Spending


class Stage(TextChoices):
    DOCUMENTS = "documents", _("Documents for payment / additional payment / clarification")
    APPROVAL = "approval", _("To an executive for approval of the payment")
    ORDER = "order", _("To the accountant: prepare the payment order")
    BANK = "bank", _("Payment order prepared (in the bank)")
    PAID = "paid", _("Invoices paid")
    CANCELLED = "cancelled", _("Cancelled")


class ReturnAsk(Ask):
    title = _("Why is it returned?")

    remark = forms.CharField(label=_("Comment to the author"), max_length=2000, widget=forms.Textarea)


class StornoAsk(Ask):
    title = _("Why is the payment reversed?")

    remark = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        paid = {"sum": roubles(self.card.paid_total)}
        self.fields["remark"].help_text = _now("%(sum)s will be reversed and the deal's profit recounted.") % paid


class SettleAsk(Ask):
    """Paid now: in full, or a part with what becomes of the rest (R-317)."""

    title = _("What was paid?")
    REST = [("extra", _("Create an additional payment")), ("close", _("Close without paying the rest"))]

    paid = MoneyFormField(label=_("Paid, roubles"), min_value=0, max_digits=14, decimal_places=2)
    paid_on = PastDayFormField(label=_("Paid on"))
    order_number = forms.CharField(label=_("Payment order No."), required=False, max_length=20)
    rest = forms.ChoiceField(label=_("The rest"), choices=REST, required=False, widget=forms.RadioSelect)
    over = forms.BooleanField(label=_("Yes, more than the invoice was paid"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["paid"].initial = self.card.left
        self.fields["paid_on"].initial = company_today()
        if not self.is_bound:
            del self.fields["over"]

    def clean(self):
        answers = super().clean()
        paid, left = answers.get("paid"), self.card.left
        if paid is None:
            return answers
        if paid < left and not answers.get("rest"):
            self.add_error("rest", _now("Say what becomes of the rest."))
        if paid > left and not answers.get("over"):
            self.add_error("paid", _now("This is more than is left to pay. Confirm it if it is so."))
        return answers


def check_requisites(expense, error=Refused):
    """Nothing leaves «Подготовить п/п» while the payee's requisites are not those that were approved (R-309)."""
    if expense.stage == Stage.ORDER and expense.requisites_changed:
        raise error(_now(
            "The payee's requisites have changed since the approval. Bring the approved ones back or ask for approval again."
        ))  # fmt: skip


def check_whole(expense):
    """A rest is paid apart only while the expense it was left of is not to be paid in full again (R-317)."""
    whole = expense.rest_of
    if whole is not None and whole.stage != Stage.PAID:
        raise Refused(_now("This sum is part of %(number)s again.") % {"number": whole.number})


S = Stage

approver = Who(
    "approver",
    _("an executive; where the company wants a second one, not the author"),
    lambda card, user: user.is_executive and not (office().second_executive and card.author_id == user.pk),
    lambda user: user.is_executive,
)


@pipeline(
    "expenses",
    _("Payment of expenses"),
    won=[S.PAID],
    lost=[S.CANCELLED],
    first_stage_empties=False,
    money_label=_("To pay"),
    icon="receipt-2",
    keys={S.APPROVAL: {"a": S.ORDER, "r": S.DOCUMENTS}},
    may_need=("deal", "article", "invoice_number", "invoice_date", "payer"),
    hints={
        S.DOCUMENTS: _("Keep future payments here; send one for approval when its time comes."),
        S.APPROVAL: _("Any one of the executives approves it or returns it with a comment."),
        S.ORDER: _("Approved: prepare the payment order."),
        S.BANK: _("The payment order is in the bank: enter the payment once it is done."),
    },
)
class Expense(Spending):
    """R-301 to R-320."""

    Stage = Stage

    class Meta:
        proxy = True
        verbose_name = _("expense")

    @step(
        S.DOCUMENTS, to=S.APPROVAL, by=author, needs=["amount", "due_on", "purpose", "company"],
        optional={"asks_article": ("article",)},
        papers=[Paper("invoice_file", "asks_invoice", _("File of the invoice"))], label=_("Send for approval"),
    )  # fmt: skip
    def send(self):
        """Ask the executives for approval (R-307)."""

    @step(
        S.APPROVAL, to=S.ORDER, by=approver, needs=["amount", "due_on", "purpose", "company"], label=_("Approve"), seen=True,
    )  # fmt: skip
    def approve(self):
        """One executive is enough (R-301, R-309)."""

    @step(S.APPROVAL, to=S.DOCUMENTS, by=executive, asks=ReturnAsk, label=_("Return to the author"))
    def give_back(self):
        """Back to the author with a comment (R-310)."""

    @step(S.APPROVAL, to=S.DOCUMENTS, by=author, label=_("Take back"))
    def withdraw(self):
        """The author thinks again before anybody decided."""

    @step(S.APPROVAL, S.ORDER, S.BANK, to=S.APPROVAL, by=nobody)
    def ask_again(self):
        """Sum or payee changed after it was sent: what an executive has before their eyes is approved, or nothing (R-309)."""

    @step(S.ORDER, S.BANK, to=S.APPROVAL, by=accountant, label=_("Ask for approval again"))
    def reapprove(self):
        """The payee's requisites are others by now: the executives look at it once more (R-309)."""

    @step(S.ORDER, to=S.BANK, by=accountant)
    def order(self):
        """The payment order is prepared, by the approved requisites (R-309)."""
        check_requisites(self)

    @step(S.BANK, to=S.ORDER, by=accountant, label=_("Back to the payment order"))
    def reorder(self):
        """The bank refused the payment order."""

    @step(S.ORDER, S.BANK, to=S.PAID, by=accountant, asks=SettleAsk, undoable=False)
    def settle(self):
        """Paid (R-315, R-317)."""
        check_requisites(self)

    @step(S.PAID, to=S.BANK, by=accountant, asks=StornoAsk, label=_("Reverse the payment"), undoable=False)
    def reverse(self):
        """The payments are reversed by storno records (R-315)."""

    @step(S.DOCUMENTS, S.APPROVAL, S.ORDER, S.BANK, to=S.CANCELLED, by=author)
    def cancel(self):
        """Not to be paid, and nothing was: what has been paid is reversed first (R-317)."""
        if self.paid_total:
            paid = {"sum": roubles(self.paid_total)}
            raise Refused(_now("%(sum)s has been paid already. Reverse the payments first.") % paid)

    @step(S.CANCELLED, to=S.DOCUMENTS, by=author)
    def restore(self):
        """Back among the future payments; not beside an expense that is to be paid in full again (R-317)."""
        check_whole(self)

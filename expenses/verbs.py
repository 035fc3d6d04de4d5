"""What people do with expenses besides moving them: register, split into payments, add what is still to be paid."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm.cards.models import Event
from crm.cards.verbs import change, lock, record
from crm.pipelines.moves import open_card

from .models import Expense, Spending
from .pipeline import Stage

COPIED = (
    "title",
    "owner",
    "company",
    "contact",
    "deal",
    "article",
    "purpose",
    "vat",
    "invoice_number",
    "invoice_date",
    "payer",
)


def register(by, key=None, **fields):
    """Register an expense with or without a deal (R-301, R-302); its author answers for it."""
    fields.setdefault("owner", by)
    return open_card(Expense, by=by, key=key, **fields)


def copied(expense, **more):
    return {**{name: getattr(expense, name) for name in COPIED}, **more}


def additional(expense, by):
    """«Доплата»: a new expense over what is left, among the future payments; the sum of both is the invoice (R-317)."""
    rest = expense.amount - expense.paid_total
    made = open_card(
        Expense, by=by, cause=expense,
        **copied(expense, amount=rest, due_on=expense.due_on, kind=Spending.Kind.REST, split_of=expense),
    )  # fmt: skip
    return made


@transaction.atomic
def split(expense, parts, by, key=None):
    """«Разбить на платежи»: ``parts`` are (Decimal roubles, date); together exactly the invoice (R-306).

    The expense keeps the first part, the others become expenses beside it. Raises ValidationError for another sum,
    a part that is not positive, or an expense no longer among the future payments.
    """
    expense = lock(expense, by, key)
    if expense.sent_before:
        return list(expense.parts.all())
    if expense.stage != Stage.DOCUMENTS:
        raise ValidationError(_("Only an expense that was not sent for approval can be split."))
    if len(parts) < 2 or any(amount <= 0 for amount, _due in parts):
        raise ValidationError(_("Give at least two payments, each more than zero."))
    if sum((amount for amount, _due in parts), Decimal(0)) != expense.amount:
        raise ValidationError(_("The payments must come to exactly the invoice: %(sum)s.") % {"sum": expense.amount})
    (first, due), *others = parts
    record(expense, Event.Kind.SPLIT, by, key, parts=[[str(a), str(d)] for a, d in parts])
    change(expense, {"amount": first, "due_on": due, "kind": Spending.Kind.ADVANCE}, by)
    return [
        open_card(
            Expense,
            by=by,
            cause=expense,
            **copied(expense, amount=a, due_on=d, kind=Spending.Kind.REST, split_of=expense),
        )
        for a, d in others
    ]

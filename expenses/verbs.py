"""What people do with expenses besides moving them: register, split into payments, add what is still to be paid."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm.cards.models import Event
from crm.cards.verbs import change, link, lock, record
from crm.pipelines.moves import Refused, open_card, take

from .models import Expense, Spending
from .payments import hold_deals
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
    "rest_of",
)


def register(by, key=None, **fields):
    """Register an expense with or without a deal (R-301, R-302); its author answers for it."""
    fields.setdefault("owner", by)
    return open_card(Expense, by=by, key=key, **fields)


def beside(expense, by, rule, **more):
    """Another expense for a part of this one's invoice, among the future payments; linked, so that each shows the other."""
    fields = {name: getattr(expense, name) for name in COPIED} | more
    made = open_card(Expense, by=by, cause=expense, kind=Spending.Kind.REST, split_of=expense, **fields)
    link(expense, made, rule)
    return made


def additional(expense, by):
    """«Доплата»: a new expense over what is left; what was paid and it together are the invoice (R-317)."""
    return beside(expense, by, "additional", amount=expense.left, due_on=expense.due_on, rest_of=expense)


def call_off_rests(expense, event):
    """The whole sum is to be paid again, so what was to be paid of it otherwise is not (R-317).

    Raises Refused when some of that is paid already.
    """
    rests = [lock(rest) for rest in expense.rests.order_by("pk")]
    hold_deals(expense.deal_id, *(rest.deal_id for rest in rests))
    for rest in rests:
        if rest.paid_total or rest.stage == Stage.PAID:
            raise Refused(_("The rest is paid by %(number)s. Reverse that payment first.") % {"number": rest.number})
        if rest.is_open:
            take(rest, "cancel")
            event.hint(_("%(number)s is called off: its sum is part of this expense again") % {"number": rest.number})


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
    if expense.paid_total:
        raise ValidationError(_("An expense of which something has been paid is not split."))
    if len(parts) < 2 or any(amount <= 0 for amount, _due in parts):
        raise ValidationError(_("Give at least two payments, each more than zero."))
    if sum((amount for amount, _due in parts), Decimal(0)) != expense.amount:
        raise ValidationError(_("The payments must come to exactly the invoice: %(sum)s.") % {"sum": expense.amount})
    (first, due), *others = parts
    record(expense, Event.Kind.SPLIT, by, key, parts=[[str(a), str(d)] for a, d in parts])
    change(expense, {"amount": first, "due_on": due, "kind": Spending.Kind.ADVANCE}, by)
    return [beside(expense, by, "split", amount=a, due_on=d) for a, d in others]

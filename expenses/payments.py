"""Payments of an expense, in full and in parts, their storno, and what they make of the deal's profit (R-315–R-320)."""

from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from crm.cards.access import viewers
from crm.cards.models import Event
from crm.cards.verbs import hold as hold_cards
from crm.cards.verbs import lock, record
from crm.notifications.notices import notify
from crm.office.calendar import company_today
from crm.people.models import User
from crm.pipelines.moves import take
from crm.sockets import hint_card
from deals.robots import history, hold, set_expenses

from .models import Payment, Spending
from .pipeline import Stage, check_requisites

PROFIT = "Учесть сумму расхода в расчете прибыли и % прибыли по сделке"
APPROVED = (Stage.ORDER, Stage.BANK)
# Payments that were not taken back.
STANDING = {"reverses": None, "reversed_by": None}


@transaction.atomic
def pay(expense, amount, paid_on, order_number="", *, by, key=None, over=False, settle=True):
    """Write one payment (roubles as Decimal); with nothing left the card enters «Счета оплачены».

    The same ``key`` pays once. Raises ValidationError for a sum that is not positive, or above what is left without ``over``.
    """
    expense = lock(expense, by, key)
    if key and (before := Payment.objects.filter(key=key).first()):
        return before
    if settle and not expense.works:
        raise PermissionDenied
    check_requisites(expense, ValidationError)
    if settle and expense.stage not in APPROVED:
        raise ValidationError(_("Only an approved expense can be paid."))
    if amount <= 0:
        if settle:
            raise ValidationError(_("A payment is more than zero."))
        return None
    if settle and amount > expense.left and not over:
        raise ValidationError(_("This is more than is left to pay. Confirm it if it is so."))
    payment = Payment.objects.create(
        expense=expense, amount=amount, paid_on=paid_on, order_number=order_number, by=by, key=key
    )
    recount(expense)
    record(expense, Event.Kind.PAID, by, amount=str(amount), paid_on=paid_on, order_number=order_number)
    if settle:
        if expense.left <= 0:
            take(expense, "settle")
        else:
            tell_deal(expense.deal_id)
    hint_card(expense, viewers(expense), anew=True)
    return payment


def reverse_all(expense, by):
    """Write a storno for every payment that has none yet; what was paid becomes 0 and may be paid again once."""
    for payment in expense.payments.filter(**STANDING):
        storno(expense, payment, by)
    recount(expense)
    tell_deal(expense.deal_id)


def storno(expense, payment, by, key=None, **data):
    """The record that takes one payment back."""
    Payment.objects.create(expense=expense, amount=-payment.amount, paid_on=company_today(), by=by, reverses=payment)
    record(expense, Event.Kind.STORNO, by, key, amount=str(payment.amount), **data)


@transaction.atomic
def reverse_payment(payment, remark, by, key=None):
    """Reverse one payment of an expense that is not paid off yet, and say why; the same ``key`` reverses once (R-317).

    Raises ValidationError for a payment that is reversed already or of an expense that is closed.
    """
    expense = lock(payment.expense, by, key)
    if expense.sent_before:
        return
    if not expense.works:
        raise PermissionDenied
    if not expense.is_open:
        raise ValidationError(_("The expense is closed: reverse all its payments by moving it back."))
    if not expense.payments.filter(pk=payment.pk, **STANDING).exists():
        raise ValidationError(_("This payment has been reversed already."))
    storno(expense, payment, by, key, remark=remark)
    recount(expense)
    tell_deal(expense.deal_id)
    tell_reversed(expense, payment.amount, remark, by)
    hint_card(expense, viewers(expense), anew=True)


def tell_reversed(expense, amount, remark, by):
    """The executives hear of money that was taken back, with both links (R-315)."""
    executives = User.objects.executives().values_list("pk", flat=True)
    notify(executives, expense, "storno", by=by, wait=False, deal=expense.deal_id, amount=str(amount), remark=remark)


def recount(expense):
    """Keep on the expense what its payments come to."""
    total = expense.payments.aggregate(total=Coalesce(Sum("amount"), Decimal(0)))["total"]
    expense.paid_total = total
    Spending.objects.filter(pk=expense.pk).update(paid_total=total)


def hold_deals(*ids):
    """Lock the deals of these ids, of which some may be None, in the one order in which everybody does."""
    hold_cards({*ids} - {None})


def tell_deal(deal_id, undone=None, stage=None):
    """Recount the deal's paid and approved sums and its profit, in this very transaction (R-315, R-318).

    ``undone`` is an expense (id) that is just being taken back to ``stage``, where its row does not stand yet.
    """
    if deal_id is None:
        return
    deal = hold(deal_id)
    expenses, approved = Spending.objects.filter(deal_id=deal_id), Q(stage__in=APPROVED)
    if undone is not None:
        approved = approved | Q(pk=undone) if stage in APPROVED else approved & ~Q(pk=undone)
    paid = expenses.aggregate(total=Coalesce(Sum("paid_total"), Decimal(0)))["total"]
    waiting = expenses.filter(approved, amount__gt=F("paid_total"))
    due = waiting.aggregate(total=Coalesce(Sum(F("amount") - F("paid_total")), Decimal(0)))["total"]
    before, after = set_expenses(deal, paid, due)
    if before.paid != after.paid:
        history(deal, PROFIT, before, after)
    hint_card(deal, viewers(deal), anew=True)

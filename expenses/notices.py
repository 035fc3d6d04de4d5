"""How notices about expenses are worded."""

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm.jinja import roubles, when
from crm.notifications.notices import notice
from crm.notifications.wishes import Group

from .models import Decision

# Of a notice whose question has been put once more: there is nothing to decide in it.
ANEW = "anew"


@notice("approve-expense", "receipt-2", Group.MONEY, steps=("approve", "give_back"))
def _approve(row):
    decided = ", ".join(filter(None, [row.data.get("by"), row.data.get("at") and when(parse_datetime(row.data["at"]))]))
    about = {"title": row.card.title, "decided": decided}
    if row.data.get("verdict") == Decision.Verdict.APPROVED:
        return _("Decided: approved, %(decided)s · %(title)s") % about
    if row.data.get("verdict") == Decision.Verdict.RETURNED:
        return _("Decided: returned to the author, %(decided)s · %(title)s") % about
    if row.data.get("verdict") == ANEW:
        return _("Asked anew since: %(title)s") % about
    if row.data.get("requisites"):
        return _("The payee's requisites have changed, approve the payment: %(title)s") % about
    return _("Approve the payment: %(title)s") % about


@notice("requisites", "alert-triangle", Group.MONEY)
def _requisites(row):
    return _("The payee's requisites have changed since the approval: %(title)s") % {"title": row.card.title}


@notice("payment-order", "receipt-2", Group.MONEY)
def _order(row):
    return _("Prepare the payment order: %(title)s") % {"title": row.card.title}


@notice("returned", "arrow-back-up", Group.MONEY)
def _returned(row):
    return _("Returned: %(title)s. %(remark)s") % {"title": row.card.title, "remark": row.data["remark"]}


@notice("paid", "circle-check", Group.MONEY)
def _paid(row):
    return _("Paid: %(title)s") % {"title": row.card.title}


@notice("storno", "receipt-2", Group.MONEY)
def _storno(row):
    about = {"title": row.card.title, "sum": roubles(row.data["amount"]), "remark": row.data["remark"]}
    return _("Payment reversed, %(sum)s: %(title)s. %(remark)s") % about

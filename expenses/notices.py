"""How notices about expenses are worded."""

from django.utils.translation import gettext as _

from crm.notifications.notices import notice
from crm.notifications.wishes import Group


@notice("approve-expense", "receipt-2", Group.MONEY, steps=("approve", "give_back"))
def _approve(row):
    return _("Approve the payment: %(title)s") % {"title": row.card.title}


@notice("payment-order", "receipt-2", Group.MONEY)
def _order(row):
    return _("Prepare the payment order: %(title)s") % {"title": row.card.title}


@notice("returned", "arrow-back-up", Group.MONEY)
def _returned(row):
    return _("Returned: %(title)s. %(remark)s") % {"title": row.card.title, "remark": row.data["remark"]}


@notice("paid", "circle-check", Group.MONEY)
def _paid(row):
    return _("Paid: %(title)s") % {"title": row.card.title}

"""How notices about expenses are worded."""

from django.utils.translation import gettext as _

from crm.notifications.notices import notice


@notice("approve-expense", "receipt-2")
def _approve(row):
    return _("Approve the payment: %(title)s") % {"title": row.card.title}


@notice("payment-order", "receipt-2")
def _order(row):
    return _("Prepare the payment order: %(title)s") % {"title": row.card.title}


@notice("returned", "arrow-back-up")
def _returned(row):
    return _("Returned: %(title)s. %(remark)s") % {"title": row.card.title, "remark": row.data["remark"]}


@notice("paid", "circle-check")
def _paid(row):
    return _("Paid: %(title)s") % {"title": row.card.title}

"""Who hears of leads: whoever becomes responsible for one by a move, or for a file of them (R-104)."""

from django.utils.translation import ngettext

from crm.notifications.notices import notice, notify
from crm.pipelines.robots import on_enter


@on_enter("leads", "*")
def tell_owner_named_in_move(lead, event):
    """A move that asks who is responsible names them; the notice waits while the move can be taken back."""
    if "owner" in event.data.get("fields", ()) and lead.owner_id:
        notify([lead.owner_id], lead, "assigned", by=event.actor)


@notice("leads-imported", "file-import", names_card=False)
def _imported(row):
    count = row.data["count"]
    return ngettext("%(count)s new lead from a file is yours", "%(count)s new leads from a file are yours", count) % {
        "count": count
    }

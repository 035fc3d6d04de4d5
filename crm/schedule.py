"""Beat as a table: how often, and which verb; every verb asks current rows and may run twice or late without harm."""

from crm.notifications.outbox import drain
from leads.robots import save_ripe_leads

SCHEDULE = {
    "deliver the outbox": (2.0, drain),
    "save ripe leads": (60.0, save_ripe_leads),
}

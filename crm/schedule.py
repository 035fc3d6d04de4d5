"""Beat as a table: how often, and which verb; every verb asks current rows and may run twice or late without harm."""

from crm.calls.verbs import keep_calls
from crm.notifications.outbox import drain_inside, drain_outside, sweep
from crm.notifications.telegram import listen
from crm.oversight.asking import close_answered
from crm.oversight.digests import send_digests, warn_first_stages
from crm.oversight.reminding import send_reminders, tell_due, tell_late
from crm.oversight.watch import watch
from deals.rhythm import follow_dates, keep_rhythms
from files.bin import empty
from files.looking import look
from files.sweeping import sweep as sweep_files
from leads.robots import save_ripe_leads

SCHEDULE = {
    "deliver the outbox": (2.0, drain_inside),
    "send letters and messages": (2.0, drain_outside),
    "listen to Telegram": (3.0, listen),
    "keep the calls": (3.0, keep_calls),
    "forget what was delivered": (3600.0, sweep),
    "look into files": (2.0, look),
    "empty the bins of cards": (3600.0, empty),
    "compare stored files with their rows": (6 * 3600.0, sweep_files),
    "save ripe leads": (60.0, save_ripe_leads),
    "send reminders": (20.0, send_reminders),
    "tell of what is due": (20.0, tell_due),
    "tell of what is late": (60.0, tell_late),
    "watch the processes": (60.0, watch),
    "send the digests": (60.0, send_digests),
    "warn of first stages": (60.0, warn_first_stages),
    "close answered questions": (60.0, close_answered),
    "keep the rhythms of reminding": (60.0, keep_rhythms),
    "follow the dates of reminders": (60.0, follow_dates),
}

"""How an inquiry becomes a lead, the same for every channel: not from the excluded, matched to known clients, journalled."""

from django.db import transaction

from crm.clients.verbs import known_contact
from crm.notifications.notices import notify
from crm.pipelines.moves import open_card

from .exclusions import excluded, journal
from .models import IntakeRecord, Lead


class Excluded(Exception):
    """The sender is in the exclusion list; ``value`` is the address that is."""

    def __init__(self, value):
        super().__init__(value)
        self.value = value


@transaction.atomic
def receive(channel, *, by=None, key=None, quiet=False, **fields):
    """Make a lead of an inquiry and journal it (R-103)."""
    phone, email = fields.get("phone", ""), fields.get("email", "")
    known = known_contact(phone, email, fields.get("owner"))
    if known is not None:
        fields.setdefault("contact", known)
        fields.setdefault("company", known.company)
    lead = open_card(Lead, by=by, key=key, quiet=quiet, channel=channel, **fields)
    journal(channel, email or phone, IntakeRecord.Outcome.LEAD, lead=lead, text=lead.title, by=by)
    if lead.owner_id and not quiet:
        notify([lead.owner_id], lead, "assigned", by=by, wait=False)
    return lead


def admit_sender(channel, phone="", email="", text="", by=None):
    """Raise Excluded, and journal the refusal, when the sender is in the exclusion list (R-117)."""
    match = excluded(phone, email)
    if match is not None:
        journal(channel, match.value, IntakeRecord.Outcome.EXCLUDED, text=text, by=by)
        raise Excluded(match.value)

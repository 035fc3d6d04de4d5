"""How an inquiry becomes a lead, the same for every channel: not from the excluded, matched to known clients, journalled."""

from django.db import transaction

from crm.clients.verbs import known_contact
from crm.notifications.notices import notify
from crm.pipelines.moves import Refused, open_card

from .exclusions import excluded, journal
from .models import IntakeRecord, Lead

Outcome = IntakeRecord.Outcome
# What the journal keeps of an inquiry that was not let in, so that a lead can be made of it after all.
KEPT = ("title", "person", "firm", "phone", "email", "raw_text", "comment", "source", "source_note", "received_at")


class Excluded(Exception):
    """The sender is in the exclusion list; ``value`` is the address that is."""

    def __init__(self, value):
        super().__init__(value)
        self.value = value


@transaction.atomic
def receive(channel, *, by=None, key=None, quiet=False, **fields):
    """Make a lead of an inquiry and journal it (R-103); the same ``key`` makes one lead and one line."""
    phone, email = fields.get("phone", ""), fields.get("email", "")
    known = known_contact(phone, email, fields.get("owner"))
    if known is not None:
        fields.setdefault("contact", known)
        fields.setdefault("company", known.company)
    lead = open_card(Lead, by=by, key=key, quiet=quiet, channel=channel, **fields)
    if key is not None and IntakeRecord.objects.filter(key=key).exists():
        return lead
    journal(channel, email or phone, Outcome.LEAD, lead=lead, text=lead.raw_text or lead.title, by=by, key=key)
    if lead.owner_id and not quiet:
        notify([lead.owner_id], lead, "assigned", by=by, wait=False)
    return lead


def admit_sender(channel, phone="", email="", text="", by=None, key=None, **said):
    """Raise Excluded, and journal the refusal, when the sender is in the exclusion list (R-117).

    ``said`` are the other fields of the inquiry, kept for making a lead of it after all.
    """
    match = excluded(phone, email)
    if match is not None:
        keep_out(channel, match.value, text, by, key, phone=phone, email=email, **said)
        raise Excluded(match.value)


def keep_out(channel, address, text="", by=None, key=None, **said):
    """Journal an inquiry from an excluded address with all that it said."""
    return journal(channel, address, Outcome.EXCLUDED, text=text, by=by, said=kept(said), key=key)


def kept(said):
    return {name: said[name] for name in KEPT if said.get(name)}


@transaction.atomic
def admit(record, by):
    """Make a lead of an inquiry that was kept out; once, however often asked. Raises Refused for any other record."""
    record = IntakeRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if record.lead_id:
        return Lead.objects.get(pk=record.lead_id)
    if record.outcome != Outcome.EXCLUDED:
        raise Refused("nothing to make a lead of")
    said = {name: value for name, value in record.said.items() if name in KEPT}
    if received := said.pop("received_at", None):
        said["received_at"] = Lead._meta.get_field("received_at").to_python(received)
    else:
        said["received_at"] = record.at
    said["title"] = (said.get("title") or record.sender)[:300]
    said.setdefault("raw_text", record.text)
    owner = record.by if record.by_id and not record.by.may_distribute_leads else None
    lead = open_card(Lead, by=by, channel=record.channel, owner=owner, **said)
    record.lead_id, record.outcome = lead.pk, Outcome.ADMITTED
    record.save(update_fields=["lead", "outcome"])
    if owner is not None:
        notify([owner.pk], lead, "assigned", by=by, wait=False)
    return lead

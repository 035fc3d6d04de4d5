"""The import itself: rows become leads a few at a time, each part a transaction that may be repeated without harm."""

import logging

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.notifications import outbox
from crm.notifications.notices import notify

from ..exclusions import addresses, keepers, line
from ..intake import keep_out, kept, receive
from ..models import Channel, ImportRow, IntakeRecord, Lead, LeadImport
from .fields import Reader

log = logging.getLogger("crm.leads")
State, Outcome = ImportRow.State, IntakeRecord.Outcome
# So many leads fit into a request, and into one turn of the worker beside other deliveries.
PART = 50


@transaction.atomic
def start(batch):
    """Import the first rows now and leave the rest to the worker; a second start changes nothing."""
    batch = LeadImport.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.started_at is not None:
        return batch
    batch.started_at = timezone.now()
    batch.save(update_fields=["started_at"])
    journal_excluded(batch)
    return step(batch)


def journal_excluded(batch):
    """The journal holds what the exclusion list keeps out of the file (R-117)."""
    reader = Reader(batch)
    read = [reader.read(row.cells)[0] for row in batch.rows.filter(state=State.EXCLUDED)]
    senders = [addresses(values.get("phone", ""), values.get("email", "")) for values in read]
    out = keepers(pair for reach in senders for pair in reach)
    lines = []
    for values, reach in zip(read, senders, strict=True):
        address = next((out[pair].value for pair in reach if pair in out), "")
        text = values.get("raw_text") or values["title"]
        lines.append(line(Channel.IMPORT, address, Outcome.EXCLUDED, text=text, by=batch.by, said=kept(values)))
    IntakeRecord.objects.bulk_create(lines, batch_size=1000)


@outbox.courier("lead-import")
@transaction.atomic
def go_on(payload, key):
    """The next part of a file."""
    batch = LeadImport.objects.select_for_update(of=("self",)).filter(pk=payload["batch"]).first()
    if batch is not None and batch.finished_at is None:
        with override(batch.by.language):
            step(batch)


def step(batch):
    """Make leads of the next rows; the batch's row is locked."""
    rows = list(batch.rows.filter(state=State.READY)[:PART])
    reader = Reader(batch)
    for row in rows:
        make(batch, row, *reader.read(row.cells))
    if batch.rows.filter(state=State.READY).exists():
        outbox.put("lead-import", f"lead-import:{batch.pk}:{rows[-1].line}", {"batch": batch.pk})
    else:
        batch.finished_at = timezone.now()
        batch.save(update_fields=["finished_at"])
        tell(batch)
    return batch


def make(batch, row, values, remarks):
    """Make the lead of one row; what changed since the check is said on the row, and no other row suffers."""
    owner = values.pop("owner", None) or batch.owner
    try:
        if remarks:
            raise ValidationError(remarks[0][1])
        with transaction.atomic():
            if kept_out(batch, values):
                row.state = State.EXCLUDED
            else:
                lead = receive(Channel.IMPORT, by=batch.by, quiet=True, owner=owner, import_batch=batch.batch, **values)
                row.state, row.lead_id, row.remarks = State.DONE, lead.pk, []
            row.save()
    except IntegrityError:
        settle(row, State.REPEAT, _("This row was imported before."))
    except (ValidationError, DatabaseError) as error:
        log.warning("import %s, line %s: %s", batch.pk, row.line, type(error).__name__)
        words = " ".join(error.messages) if isinstance(error, ValidationError) else _("The row could not be saved.")
        settle(row, State.BROKEN, words)


def settle(row, state, words):
    row.state, row.lead_id, row.remarks = state, None, [["", words]]
    row.save()


def kept_out(batch, values):
    """Whether the sender is excluded by now; then the journal says so (R-117)."""
    found = keepers(addresses(values.get("phone", ""), values.get("email", "")))
    for exclusion in list(found.values())[:1]:
        text = values.get("raw_text") or values["title"]
        keep_out(Channel.IMPORT, exclusion.value, text, batch.by, **values)
    return bool(found)


def tell(batch):
    """One notice to everybody who now answers for leads of the file (R-104)."""
    leads = Lead.objects.filter(import_batch=batch.batch).exclude(owner=None).order_by("-pk")
    last = {}
    for lead in leads.only("pk", "owner_id", "entry", "pipeline"):
        first, n = last.get(lead.owner_id, (lead, 0))
        last[lead.owner_id] = first, n + 1
    for owner, (lead, n) in last.items():
        notify([owner], lead, "leads-imported", by=batch.by, wait=False, count=n)

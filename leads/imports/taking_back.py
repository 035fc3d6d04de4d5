"""Taking a file of leads back: those nobody has touched go a few at a time, those worked on stay and are listed (C-22)."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from chats.models import Message
from crm.activities.models import Task
from crm.calls.models import Call
from crm.cards.access import viewers
from crm.cards.models import Card, CardLink, Event
from crm.notifications import outbox
from crm.sockets import hint_card
from files.models import Folder, Upload

from ..models import ImportRow, IntakeRecord, Lead, LeadImport

State = ImportRow.State
# So many leads go in one transaction: in the request that asks for it, then in a turn of the worker.
PART = 50


def untouched(leads):
    """Leads that stand as the import made them: nobody moved, changed, planned, wrote, called or put a file there."""
    card = OuterRef("pk")
    acts = Event.objects.filter(card=card).exclude(kind=Event.Kind.CREATED).exclude(actor=None)
    words = Message.objects.filter(room__card=card).exclude(author=None)
    links = CardLink.objects.filter(Q(source=card) | Q(target=card))
    hanging = [kind.objects.filter(card=card) for kind in (Task, Call, Folder, Upload)]
    return leads.filter(*(~Exists(rows) for rows in (acts, words, links, *hanging)), entry=1)


def forecast(batch):
    """(how many leads would go, how many would stay)."""
    made = Lead.objects.filter(pk__in=batch.rows.filter(state=State.DONE, lead__isnull=False).values("lead"))
    goes = untouched(made).count()
    return goes, made.count() - goes


@transaction.atomic
def take_back(batch, by):
    """Begin to take the file back and stop its import where it is; asked again, or too late, it changes nothing."""
    batch = LeadImport.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if not batch.may_be_taken_back:
        return batch
    now = timezone.now()
    batch.taken_back_at, batch.taken_back_by, batch.finished_at = now, by, batch.finished_at or now
    batch.save(update_fields=["taken_back_at", "taken_back_by", "finished_at"])
    return step(batch)


@outbox.courier("lead-import-back")
@transaction.atomic
def go_on(payload, key):
    """The next part of a file that is taken back."""
    batch = LeadImport.objects.select_for_update(of=("self",)).filter(pk=payload["batch"]).first()
    if batch is not None and batch.cleared_at is None:
        step(batch)


def step(batch):
    """Look at the leads of the next rows under their locks, and remove those that are untouched; the batch is locked."""
    rows = batch.rows.filter(state=State.DONE)
    part = list(rows[:PART])
    kept = clear([row.lead_id for row in part])
    batch.rows.filter(pk__in=[row.pk for row in part if row.lead_id in kept]).update(state=State.KEPT)
    batch.rows.filter(pk__in=[row.pk for row in part if row.lead_id not in kept]).update(state=State.GONE)
    if rows.exists():
        outbox.put("lead-import-back", f"lead-import-back:{batch.pk}:{part[-1].line}", {"batch": batch.pk})
    else:
        batch.cleared_at = timezone.now()
        batch.save(update_fields=["cleared_at"])
    return batch


def clear(ids):
    """Remove those of the leads that are untouched; returns the ids of the others."""
    # In the order of ids, as every act on a card locks it, and with their keys: they are about to go.
    cards = list(Card.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    held = list(Lead.objects.filter(pk__in=cards))
    going = set(untouched(Lead.objects.filter(pk__in=cards)).values_list("pk", flat=True))
    for lead in held:
        if lead.pk in going:
            hint_card(lead, viewers(lead), anew=True)
    IntakeRecord.objects.filter(lead__in=going).update(outcome=IntakeRecord.Outcome.WITHDRAWN)
    Lead.objects.filter(pk__in=going).delete()
    return {lead.pk for lead in held} - going

"""What the leads' stages do by themselves: the task, the deal, the exclusion, the saved contact."""

from datetime import timedelta

from django.utils import timezone

from crm.activities.ruled import plan
from crm.cards.verbs import link
from crm.clients.verbs import ensure_clients, known_contact, unmake_clients
from crm.office.models import office
from crm.people.models import User
from crm.pipelines.moves import on_hold, open_card, take
from crm.pipelines.robots import on_enter
from crm.pipelines.turns import for_each
from crm.pipelines.undo import on_undo, on_undone
from crm.web import number
from deals.models import Attraction, Deal, Project
from deals.robots import CARRIED
from files.handing import hand_on, take_back

from .exclusions import exclude
from .models import Exclusion, Lead
from .pipeline import ConvertAsk, Stage, deals_of


@on_enter("leads", Stage.DISCUSS)
def plan_discussion(lead, event):
    """«Обсудить лид с руководством», due in two working days; executives follow it (R-108)."""
    executives = User.objects.executives().values_list("pk", flat=True)
    plan(lead, event, "discuss-lead", participants=executives, closes_on_leave=True)


@on_hold
def deal_it_is_attached_to(card, to, answers):
    """The deal whose folder takes the lead's files, if one was chosen."""
    goal = number(answers.get("target")) if card.pipeline == Lead.slug else None
    return [goal] if goal else ()


@on_hold
def cards_of_its_contact(card, to, answers):
    """A contact to whom a lead brings a phone or mail: the cards that are found by them (R-112, R-118)."""
    if card.pipeline != Lead.slug or to not in (Stage.DEAL, Stage.SAVED):
        return ()
    lead = card.as_kind()
    given = answers.get("owner")
    owner = lead.owner or (given if isinstance(given, User) else User.objects.filter(pk=number(given)).first())
    contact = lead.contact or known_contact(lead.phone, lead.email, owner)
    return contact.cards.values_list("pk", flat=True) if contact else ()


@on_enter("leads", Stage.DEAL)
def open_deal(lead, event):
    """One deal, by «Лид имеет ТЗ?» in the project or the attraction pipeline; entering again makes no second (R-111–R-113)."""
    made = deals_of(lead).exists()
    target = event.asked.get("target", ConvertAsk.KEEP if made else ConvertAsk.NEW)
    if target == ConvertAsk.KEEP:
        return
    clients_of(lead, event)
    if target != ConvertAsk.NEW:
        deal = Deal.objects.get(pk=target)
        link(lead, deal, "lead-deal", event)
        hand_on(lead, deal, event)
        return
    kind = Project if lead.has_brief else Attraction
    carried = {name: getattr(lead, name) for name in CARRIED}
    carried |= {"brief" if lead.has_brief else "request": lead.raw_text}
    comment = "\n".join(filter(None, [lead.comment, lead.introduced and f"Как представились: {lead.introduced}"]))
    deal = open_card(kind, cause=lead, **carried, amount=lead.amount, comment=comment)
    link(lead, deal, "lead-deal")
    event.made(deal, rule="lead-deal", title=deal.title)
    hand_on(lead, deal, event)


@on_enter("leads", Stage.SPAM)
def exclude_sender(lead, event):
    """Phones and mails of the lead go to «Список исключений» (R-117)."""
    event.data["excluded"], refused = exclude(lead, event.actor)
    for words in refused:
        event.hint(words)


@on_enter("leads", Stage.SAVED)
def save_clients(lead, event):
    """The contact and the company exist from now on, typed as chosen, «клиент» when the timer saved them (R-118)."""
    clients_of(lead, event, event.asked.get("kind"))


def clients_of(lead, event, kind=None):
    """Match or make the lead's contact and company, and put them on the lead until the move is undone."""
    before = {"contact": lead.contact_id, "company": lead.company_id}
    event.data["clients"] = ensure_clients(lead, kind)
    if before != {"contact": lead.contact_id, "company": lead.company_id}:
        type(lead).objects.filter(pk=lead.pk).update(contact=lead.contact, company=lead.company)
        event.data["restore"] = before | event.data.get("restore", {})


on_undo(take_back)


@on_undone
def take_clients_back(card, event):
    if "clients" in event.data:
        unmake_clients(event.data["clients"])


@on_undo
def take_exclusions_back(card, event):
    Exclusion.objects.filter(pk__in=event.data.get("excluded", [])).delete()


def due_for_saving(now):
    """Leads that have stood in «Лид интересен, создать сделку» for the office's number of calendar days (R-114, G2)."""
    since = now - timedelta(days=office().lead_archive_days)
    return Lead.objects.filter(pipeline=Lead.slug, stage=Stage.DEAL, stage_since__lte=since)


def save_ripe_leads(now=None):
    """Move ripe leads to «Сохранить контакт / компанию»; derived from the rows, so it may run twice or late."""
    ripe = due_for_saving(now or timezone.now())
    return for_each(ripe, lambda lead: take(lead, "save_contact", entry=lead.entry))

"""What the deals' stages do by themselves: tasks, created deals, the first touch."""

from crm.activities.verbs import plan
from crm.cards.models import Event
from crm.cards.verbs import link, on_touch
from crm.office.models import office
from crm.people.models import User
from crm.pipelines.moves import open_card, take
from crm.pipelines.robots import on_enter

from .models import Attraction, Deal, Project, Reminder

# What a deal made from another takes along.
CARRIED = ("title", "owner", "company", "contact", "source", "source_note", "may_refer", "object_type", "service")


def executives():
    return list(User.objects.executives().values_list("pk", flat=True))


@on_enter("attraction", Attraction.Stage.FOUND)
def plan_strategy_meeting(deal, event):
    """R-213, R-214."""
    plan(deal, event, "strategy-meeting", participants=executives(), closes_on_leave=True)


@on_touch
def first_touch_moves_on(card, event):
    """The first touch after the decision maker was found makes the deal warm, once (R-216)."""
    if card.pipeline != Attraction.slug or event.data.get("missed"):
        return
    stages = {Attraction.Stage.FOUND}
    if office().early_touch:
        stages |= {Attraction.Stage.NEW, Attraction.Stage.SEARCH}
    if card.stage in stages:
        take(card, "present")


def carried(deal, **more):
    """Fields that a deal hands on to the one it causes."""
    return {**{name: getattr(deal, name) for name in CARRIED}, **more}


@on_enter("attraction", Attraction.Stage.POOL)
def open_following_deals(deal, event):
    """With a request a project and a reminder deal, without one the reminder deal alone; linked both ways (R-218–R-220)."""
    if deal.has_request and not linked(deal, Project):
        cause(deal, event, Project, "pool-project", brief=deal.request)
    if not linked(deal, Reminder):
        known = open_reminder(deal)
        if known is not None:
            link(deal, known, "pool-reminder")
        else:
            cause(deal, event, Reminder, "pool-reminder")


def linked(deal, kind):
    """Whether this deal already led to one of that kind: a stage entered again makes no second one (G7)."""
    return kind.objects.filter(pipeline=kind.slug, backlinks__source_id=deal.pk).exists()


def open_reminder(deal):
    """The client's open reminder deal of the same person, if there is one (R-219)."""
    if deal.company_id is None:
        return None
    return (
        Reminder.objects.open()
        .filter(pipeline=Reminder.slug, company_id=deal.company_id, owner_id=deal.owner_id)
        .first()
    )


def cause(deal, event, kind, rule, **more):
    """Open a deal of another pipeline because of this one, linked to it."""
    made = open_card(kind, cause=deal, **carried(deal, **more))
    link(deal, made, rule)
    event.made(made, rule=rule, title=made.title)
    return made


@on_enter("reminder", Reminder.Stage.INTEREST)
def open_project_of_request(deal, event):
    """«Пришла заявка» opens the project deal (R-239)."""
    cause(deal, event, Project, "reminder-project", brief=event.asked.get("request", ""))


@on_enter("project", Project.Stage.CLARIFYING)
def plan_clarification(deal, event):
    """R-242; the task stays open when the card moves on: its checklist is work, not a question."""
    plan(deal, event, "clarify-request")


@on_enter("project", Project.Stage.OFFER)
def plan_offer_processes(deal, event):
    """One task with its checklist per chosen process (R-243)."""
    for code in event.asked.get("processes", ()):
        plan(deal, event, code)


@on_enter("project", Project.Stage.DECISION)
def plan_decision_meeting(deal, event):
    """R-244."""
    plan(deal, event, "decision-meeting", participants=executives(), closes_on_leave=True)


def set_expenses(deal_id, paid, approved):
    """Keep what the deal's expenses come to; returns the money (before, after). Locks the deal's row (R-315, R-318)."""
    deal = Deal.objects.select_for_update(of=("self", "card_ptr")).get(pk=deal_id)
    before = deal.money
    deal.paid_total, deal.approved_total = paid, approved
    deal.save(update_fields=["paid_total", "approved_total"])
    return before, deal.money


def history(deal, name, before, after):
    """Write the run of a rule that changed the deal's profit."""
    return Event.objects.create(
        card_id=deal,
        kind=Event.Kind.RULE,
        data={"rule": name, "profit": [before.fact, after.fact], "margin": [before.fact_margin, after.fact_margin]},
    )

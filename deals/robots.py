"""What the deals' stages do by themselves: tasks, created deals, the first touch."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext

from crm.activities.closing import settled_by_rule
from crm.activities.models import Task
from crm.activities.ruled import plan, unfinished_checks
from crm.activities.verbs import on_tasks
from crm.cards.models import Event
from crm.cards.verbs import hold as lock_cards
from crm.cards.verbs import link, lock, on_change, on_touch, once, one_at_a_time, record
from crm.office.models import office
from crm.people.models import User
from crm.pipelines.moves import open_card, take
from crm.pipelines.robots import on_enter, on_leave

from . import rhythm
from .models import Attraction, Deal, Project, Reminder, Turn

# What a deal made from another takes along.
CARRIED = ("title", "owner", "company", "contact", "source", "source_note", "may_refer", "object_type", "service")

RHYTHM = {f"{channel}_{what}" for channel in Turn.Channel for what in ("times", "per")}


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
        one_at_a_time(f"reminder of {deal.company_id or ('contact', deal.contact_id)}")
        known = open_reminder(deal)
        if known is not None:
            link(deal, known, "pool-reminder", event)
        else:
            cause(deal, event, Reminder, "pool-reminder")


def linked(deal, kind):
    """Whether this deal already led to one of that kind: a stage entered again makes no second one (G7)."""
    return kind.objects.filter(pipeline=kind.slug, backlinks__source_id=deal.pk).exists()


def open_reminder(deal):
    """The client's open reminder deal of the same person, if there is one (R-219)."""
    if deal.company_id is None and deal.contact_id is None:
        return None
    client = {"company_id": deal.company_id} if deal.company_id else {"company": None, "contact_id": deal.contact_id}
    return Reminder.objects.open().filter(pipeline=Reminder.slug, owner_id=deal.owner_id, **client).first()


def cause(deal, event, kind, rule, **more):
    """Open a deal of another pipeline because of this one, linked to it."""
    made = open_card(kind, cause=deal, **carried(deal, **more))
    link(deal, made, rule)
    event.made(made, rule=rule, title=made.title)
    return made


for channel in Turn.Channel:
    settled_by_rule(f"remind-{channel}")


@on_enter("reminder", "*")
def keep_rhythm(deal, event):
    """Reminders are open while the deal waits in its date-driven columns, and only then (R-232)."""
    rhythm.keep(deal, event=event)


@on_leave("reminder")
def stop_reminding(deal, event):
    """In another pipeline nobody is reminded."""
    if event.kind == Event.Kind.TRANSFERRED:
        rhythm.call_off(deal.turns.filter(task__state=Task.State.OPEN).select_related("task"), timezone.now())


@on_tasks
def go_on_reminding(card):
    """A reminder done, called off or moved: the next one is planned, and the card stands where its date is (R-232, R-237)."""
    if card.pipeline == Reminder.slug:
        deal = card.as_kind()
        rhythm.keep(deal)
        deal.refresh_from_db(fields=["next_step_at"])
        rhythm.follow(deal)


@on_change
def follow_rhythm(card, event):
    """Another period moves the open reminders alone (R-235)."""
    if card.pipeline == Reminder.slug and RHYTHM & set(event.data.get("fields", {})):
        go_on_reminding(card)


@transaction.atomic
def take_request(deal, text, by, key=None):
    """«Пришла заявка»: a project of this client begins and the reminding goes on (R-239); the same ``key`` begins one."""
    deal = lock(deal, by, key)
    if deal.sent_before:
        return Project.objects.get(pk=once(key).data["project"])
    if not deal.works:
        raise PermissionDenied
    made = open_card(Project, by=by, cause=deal, **carried(deal, brief=text))
    link(deal, made, "request-project")
    record(deal, Event.Kind.LINKED, by, key, project=made.pk, title=made.title)
    return made


@on_enter("reminder", Reminder.Stage.INTEREST)
def open_project_of_request(deal, event):
    """«Пришла заявка» opens the project deal (R-239)."""
    cause(deal, event, Project, "reminder-project", brief=event.asked.get("request", ""))


@on_enter("project", Project.Stage.CLARIFYING)
def plan_clarification(deal, event):
    """R-242; the task stays open when the card moves on: its checklist is work, not a question, and is done once."""
    if Task.objects.filter(card_id=deal.pk, rule="clarify-request").open().exists():
        return
    plan(deal, event, "clarify-request")


@on_leave("project", Project.Stage.CLARIFYING)
def remind_of_clarification(deal, event):
    """The checklist is not forced, but it is not forgotten either (R-242)."""
    left = unfinished_checks(deal)
    if left:
        event.hint(
            ngettext("%(n)s point of the checklist is open", "%(n)s points of the checklist are open", left)
            % {"n": left}
        )


@on_enter("project", Project.Stage.OFFER)
def plan_offer_processes(deal, event):
    """One task with its checklist per chosen process (R-243)."""
    for code in event.asked.get("processes", ()):
        plan(deal, event, code)


@on_enter("project", Project.Stage.DECISION)
def plan_decision_meeting(deal, event):
    """R-244."""
    plan(deal, event, "decision-meeting", participants=executives(), closes_on_leave=True)


def hold(deal_id):
    """The deal's row, locked: its expenses are summed up after this, or of two payments at once one would be lost."""
    lock_cards([deal_id])
    return Deal.objects.get(pk=deal_id)


def set_expenses(deal, paid, approved):
    """Keep what the held deal's expenses come to; returns the money (before, after) (R-315, R-318)."""
    before = deal.money
    deal.paid_total, deal.approved_total = paid, approved
    deal.save(update_fields=["paid_total", "approved_total"])
    return before, deal.money


def history(deal, name, before, after):
    """Write the run of a rule that changed the deal's profit."""
    profit, margin = [before.fact, after.fact], [before.fact_margin, after.fact_margin]
    return record(deal, Event.Kind.RULE, rule=name, profit=profit, margin=margin)

"""What the expense's stages do by themselves: assignments, decisions, the accountant's task, the deal's profit."""

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.activities.closing import settled_by_rule
from crm.activities.models import Task
from crm.activities.next_step import refresh_next_step
from crm.activities.ruled import close, plan
from crm.activities.verbs import on_tasks
from crm.cards.access import admit, dismiss, grant_many, on_access, viewers
from crm.cards.models import CardGrant, Event
from crm.cards.verbs import change, on_change, record
from crm.clients.verbs import on_requisites
from crm.notifications.models import Notice
from crm.notifications.notices import notify
from crm.office.calendar import company_date, day_end
from crm.people.models import User
from crm.pipelines.moves import Refused, take
from crm.pipelines.robots import on_create, on_enter
from crm.pipelines.undo import on_undo
from crm.sockets import hint_card

from .models import Decision, Expense, Spending
from .notices import ANEW
from .payments import PROFIT, hold_deals, pay, reverse_all, tell_deal, tell_reversed
from .pipeline import Stage, check_whole
from .verbs import additional, call_off_rests

settled_by_rule("payment")

# What executives decide about, and where their decision is awaited or stands.
DECIDED = {"amount", "company"}
ASKED = (Stage.APPROVAL, Stage.ORDER, Stage.BANK)


def people(queryset):
    return list(queryset.values_list("pk", flat=True))


@on_create("expenses")
def follow_the_deal(expense, event):
    """Whoever sees the deal sees its expenses (R-311)."""
    hold_deals(expense.deal_id)  # or somebody who is taken off the deal at this moment would go on seeing this one
    grant_many(expense, [(pk, "view_card") for pk in invited(expense.deal_id)])


def invited(deal_id):
    """Ids of those whom a deal, if there is one, was given to see."""
    grants = CardGrant.objects.filter(content_object_id=deal_id, permission__codename="view_card")
    return grants.values_list("user_id", flat=True)


def payment_task(expense):
    return Task.objects.filter(card_id=expense.pk, rule="payment").open().first()


def ticked_off(expense):
    """The task of this very stage entry that somebody has done or called off, though nothing is paid: there is no second one."""
    return Task.objects.filter(card_id=expense.pk, rule="payment", entry=expense.entry).first()


def payer(expense, stage):
    """Who sees to the payment in this stage: its author, and once it is approved an accountant (R-304)."""
    accountant = User.objects.accountants().order_by("pk").first() if stage in (Stage.ORDER, Stage.BANK) else None
    return accountant or expense.author


@on_enter("expenses", Stage.DOCUMENTS, Stage.APPROVAL, Stage.ORDER, Stage.BANK)
def plan_payment(expense, event):
    """What is to be paid has one task with its day, whenever that was named and wherever the expense returns from (R-304)."""
    title, due = f"Оплата: {expense.company or expense.title}", expense.due_on and day_end(expense.due_on)
    task, owner = payment_task(expense) or (ticked_off(expense) if due else None), payer(expense, expense.stage)
    if task is None:
        if due:
            plan(expense, event, "payment", owner=owner, title=title, due_at=due)
    elif not task.is_open or (task.title, task.due_at, task.owner) != (title, due, owner):
        task.title, task.due_at, task.all_day, task.owner = title, due, True, owner
        task.state, task.done_at, task.done_by = Task.State.OPEN, None, None
        task.save(update_fields=["title", "due_at", "all_day", "owner", "state", "done_at", "done_by"])
        refresh_next_step(expense.pk)


@on_change
def keep_payment_task(card, event):
    """The payment's task follows sum, day and payee; what was sent or approved is asked again when it changes (R-309, R-314)."""
    changed = set(event.data.get("fields", {}))
    if card.pipeline != Expense.slug or not changed & {"due_on", "company", "amount", "deal"}:
        return
    if "company" in changed and card.requisites:  # those of another payee
        card.requisites = {}
        card.save(update_fields=["requisites"])
    if card.is_open:
        plan_payment(card, event)
    if changed & DECIDED and card.stage in ASKED:
        take(card, "ask_again")
    tell_deal(card.deal_id)


@on_requisites
def follow_requisites(company, before, by):
    """Who changed what is told where it is to be paid by; what awaits approval is asked anew (R-309)."""
    now = company.requisites
    changes = {f"company.{name}": [was, now[name]] for name, was in before.items() if was != now[name]}
    for expense in Expense.objects.filter(company=company, stage__in=ASKED).order_by("pk"):
        record(expense, Event.Kind.CHANGED, by, fields=changes)
        if expense.stage == Stage.APPROVAL:
            take(expense, "ask_again")
        else:
            hear = {*people(User.objects.executives()), *people(User.objects.accountants())}
            notify(hear, expense, "requisites", by=by, wait=False)
            hint_card(expense, viewers(expense), anew=True)


@on_tasks
def follow_the_calendar(card):
    """Dragged to another day in a calendar, a payment takes its expense along (R-314)."""
    task = payment_task(card) if card.pipeline == Expense.slug else None
    if task is not None and task.due_at is not None and company_date(task.due_at) != card.due_on:
        change(card, {"due_on": company_date(task.due_at)})


@on_change
def follow_another_deal(card, event):
    """Brought to another deal, an expense is seen by those of that one, and no longer by those of the first (R-311)."""
    if card.pipeline != Expense.slug or "deal" not in event.data.get("fields", {}):
        return
    first = event.before["deal"]
    if first is not None:
        for user in User.objects.filter(pk__in=invited(first.pk)).exclude(pk__in=[card.author_id, card.owner_id]):
            dismiss(card, user)
        tell_deal(first.pk)
    grant_many(card, [(pk, "view_card") for pk in invited(card.deal_id)])


@on_access
def follow_access(card, user, sees, works):
    """Access to a deal is access to see its expenses; an author keeps their own."""
    for expense in Spending.objects.filter(deal_id=card.pk):
        if sees:
            admit(expense, user, work=False)
        elif user.pk not in (expense.author_id, expense.owner_id):
            dismiss(expense, user)


@on_enter("expenses", Stage.APPROVAL)
def ask_executives(expense, event):
    """Every executive gets one assignment, and only now (R-308)."""
    answer(expense, expense.entry - 1, verdict=ANEW)
    changed = expense.requisites_changed
    if expense.company and not expense.requisites:
        look_at_requisites(expense, event)
    executives = User.objects.executives()
    for executive in executives:
        plan(expense, event, "approve-expense", owner=executive, closes_on_leave=True)
    notify(people(executives), expense, "approve-expense", by=event.actor, **({"requisites": True} if changed else {}))
    tell_deal(expense.deal_id)


def answer(expense, entry, **verdict):
    """Say in the executives' bells what became of an asking, or that it waits again; what it was about stays."""
    asked = Notice.objects.filter(card_id=expense.pk, kind="approve-expense", entry=entry)
    about = {"requisites": True} if asked.filter(data__requisites=True).exists() else {}
    asked.update(data=about | verdict)


def look_at_requisites(expense, event):
    """These are what executives know from now on; undo brings back what they knew before (R-309)."""
    expense.company.refresh_from_db()
    event.data["requisites"], expense.requisites = expense.requisites, expense.company.requisites
    expense.save(update_fields=["requisites"])


@on_enter("expenses", Stage.ORDER)
def prepare_order(expense, event):
    """The decision is kept with the payee's requisites, the accountant asked for the payment order by them (R-309)."""
    if event.data.get("step") == "approve":
        decide(expense, event, Decision.Verdict.APPROVED)
        look_at_requisites(expense, event)
        notify(people(User.objects.accountants()), expense, "payment-order", by=event.actor)
    text = "\n".join(f"{label}: {value}" for label, value, _now in expense.requisites_to_pay_by() if value)
    for accountant in User.objects.accountants():
        plan(expense, event, "payment-order", owner=accountant, closes_on_leave=True, text=text)
    tell_deal(expense.deal_id)


@on_enter("expenses", Stage.DOCUMENTS)
def return_to_author(expense, event):
    """Back to the author with the comment; the number of returns is kept (R-310)."""
    if event.data.get("step") == "give_back":
        decide(expense, event, Decision.Verdict.RETURNED, event.asked["remark"])
        expense.returns += 1
        expense.save(update_fields=["returns"])
        notify([expense.author_id], expense, "returned", by=event.actor, remark=event.asked["remark"])


def decide(expense, event, verdict, comment=""):
    """Keep the one decision of this sending; a second one cannot be written (R-308)."""
    answer(expense, expense.entry - 1, verdict=verdict, by=event.actor.name, at=timezone.now().isoformat())
    Decision.objects.create(
        expense=expense,
        round=expense.entry - 1,
        verdict=verdict,
        by=event.actor,
        comment=comment,
        own=event.actor.pk == expense.author_id,
    )


@on_undo
def take_decision_back(card, event):
    """Nothing was decided, and what was approved before is so again, unless it is another sum or payee by now (R-309)."""
    if card.pipeline == Expense.slug and event.data["from"] in ASKED and changed_since(card, event):
        raise Refused(_("The sum or the payee has changed since."))
    if card.pipeline == Expense.slug and card.stage == Stage.CANCELLED:
        check_whole(card)
    Decision.objects.filter(expense_id=card.pk, round=event.entry - 1).delete()
    answer(card, event.entry - 1)
    if card.pipeline == Expense.slug:
        if event.data["step"] == "give_back":
            Spending.objects.filter(pk=card.pk).update(returns=card.returns - 1)
            card.returns -= 1
        if "requisites" in event.data:
            Spending.objects.filter(pk=card.pk).update(requisites=event.data["requisites"])
        Task.objects.filter(card_id=card.pk, rule="payment").open().update(owner=payer(card, event.data["from"]))
        tell_deal(card.deal_id, card.pk, event.data["from"])


def changed_since(expense, event):
    """Whether what executives decide about has been changed after this move."""
    changes = expense.events.filter(kind=Event.Kind.CHANGED, pk__gt=event.pk)
    return any(DECIDED & set(fields) for fields in changes.values_list("data__fields", flat=True))


@on_enter("expenses", Stage.PAID)
def account_for_payment(expense, event):
    """Paid: the payment is written, the deal's profit recounted, the executives told with both links (R-315, R-319)."""
    asked = event.asked
    if asked:
        pay(expense, asked["paid"], asked["paid_on"], asked.get("order_number", ""), by=event.actor, settle=False)
        expense.refresh_from_db(fields=["paid_total"])
        if asked.get("rest") == "extra" and expense.left > 0:
            event.made(additional(expense, event.actor), rule="additional")
    close(expense, event, rule="payment")
    record(expense, Event.Kind.RULE, rule="Счета оплачены", runs=[
        {"rule": PROFIT, "skipped": expense.deal_id is None},
        {"rule": NOTICE},
    ])  # fmt: skip
    tell_deal(expense.deal_id)
    notify(people(User.objects.executives()), expense, "paid", by=event.actor, wait=False, deal=expense.deal_id)


NOTICE = "Отправить уведомление руководителю со ссылкой на карточку расхода и соответствующую сделку"


@on_enter("expenses", Stage.BANK)
def reverse_payments(expense, event):
    """Coming back from «Счета оплачены» reverses what was paid, by storno records (R-315)."""
    if event.data.get("from") == Stage.PAID:
        paid = expense.paid_total
        call_off_rests(expense, event)
        reverse_all(expense, event.actor)
        tell_reversed(expense, paid, event.asked.get("remark", ""), event.actor)


@on_enter("expenses", Stage.CANCELLED)
def cancel_payment(expense, event):
    close(expense, event, rule="payment")
    tell_deal(expense.deal_id)

"""The five processes from end to end, as the customer described them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from chats.models import Room
from crm.activities.models import Task
from crm.cards.models import Card, Event
from crm.cards.verbs import change, touch
from crm.clients.models import Company, Contact
from crm.notifications.models import Notice
from crm.office.calendar import add_working_days, company_date, day_end
from crm.pipelines.moves import Incomplete, Refused, open_card, take
from crm.pipelines.undo import undo
from deals.models import Attraction, Deal, Project, Reminder
from expenses.models import Decision, Expense
from expenses.payments import pay
from expenses.verbs import register, split
from files.models import Folder
from leads.exclusions import excluded
from leads.intake import Excluded, admit_sender, receive
from leads.models import Exclusion
from leads.robots import save_ripe_leads

ANSWERS = {"source": "referral", "may_refer": "yes"}


def fresh(card):
    return type(card).objects.get(pk=card.pk)


@pytest.fixture
def lead(cast):
    return receive(
        "phone", by=cast.anna, owner=cast.anna, title="Мебель в лобби", person="Марина Орлова",
        phone="8 921 555-14-08", firm="Северный порт", amount=Decimal("2480000"),
    )  # fmt: skip


@pytest.fixture
def deal(cast):
    company = Company.objects.create(name="Авиценна", owner=cast.anna)
    return open_card(
        Attraction, by=cast.anna, owner=cast.anna, title="Клиника", company=company, amount=Decimal(100000),
        cost_estimate=Decimal(60000),
    )  # fmt: skip


def test_first_stage_is_left_only_with_both_answers(cast, lead):
    """R-106."""
    for answers in (None, {}, {"source": "referral"}, {"may_refer": "yes"}):
        with pytest.raises(Incomplete) as missing:
            take(lead, "discuss", cast.anna, answers)
        assert set(missing.value.form.fields) == {"source", "may_refer"}
    assert fresh(lead).stage == "new"
    take(lead, "discuss", cast.anna, ANSWERS)
    assert fresh(lead).stage == "discuss" and fresh(lead).may_refer is True


def test_discussion_is_planned_once_and_closes_by_itself(cast, lead):
    """R-108, R-109, G4."""
    take(lead, "discuss", cast.anna, ANSWERS)
    task = Task.objects.get(card=lead, rule="discuss-lead")
    assert task.title == "Обсудить лид с руководством"
    assert task.due_at == day_end(add_working_days(company_date(timezone.now()), 2))
    assert {p.pk for p in task.participants.all()} == {cast.irina.pk, cast.oleg.pk}
    assert fresh(lead).next_step == task.title
    own = Task.objects.create(card=lead, title="Своя", owner=cast.anna, author=cast.anna, due_at=timezone.now())
    take(lead, "convert", cast.anna, {"has_brief": "no"})
    task.refresh_from_db()
    own.refresh_from_db()
    assert task.state == Task.State.AUTO and task.done_by is None
    assert own.state == Task.State.OPEN


@pytest.mark.parametrize(("answer", "kind"), [("yes", Project), ("no", Attraction)])
def test_lead_becomes_exactly_one_deal(cast, lead, answer, kind):
    """R-111, R-112, R-113."""
    take(lead, "discuss", cast.anna, ANSWERS)
    take(lead, "convert", cast.anna, {"has_brief": answer})
    made = Deal.objects.get()
    assert (made.pipeline, made.stage) == (kind.slug, "new")
    lead = fresh(lead)
    for name in ("title", "owner_id", "source", "may_refer", "company_id", "contact_id", "amount"):
        assert getattr(made, name) == getattr(lead, name), name
    assert made.company.name == "Северный порт" and made.contact.name == "Марина Орлова"
    assert [row.target_id for row in lead.links.all()] == [made.pk]
    take(lead, "discuss", cast.anna)
    take(lead, "convert", cast.anna)
    assert Deal.objects.count() == 1


def test_first_to_third_stage_is_an_executives_way(cast, lead):
    """R-110."""
    answers = {**ANSWERS, "has_brief": "no"}
    with pytest.raises(Refused):
        take(lead, "convert_directly", cast.anna, answers)
    take(lead, "convert_directly", cast.irina, answers)
    assert Deal.objects.count() == 1


def test_ripe_lead_saves_its_contact_after_seven_days(cast, lead):
    """R-114: not a moment earlier, once, and not after a move by hand."""
    take(lead, "discuss", cast.anna, ANSWERS)
    take(lead, "convert", cast.anna, {"has_brief": "no"})
    now = fresh(lead).stage_since
    assert save_ripe_leads(now + timedelta(days=7, seconds=-1)) == 0
    assert save_ripe_leads(now + timedelta(days=7)) == 1
    assert save_ripe_leads(now + timedelta(days=8)) == 0
    assert fresh(lead).stage == "saved" and Contact.objects.count() == 1
    assert Event.objects.filter(card=lead, kind="moved", actor=None).count() == 1


def test_spam_excludes_its_addresses_until_restored(cast):
    """R-117: the next inquiry makes no lead; a client's address is never excluded."""
    spam = receive(
        "phone", by=cast.anna, owner=cast.anna, title="Реклама", phone="+7 495 000-11-22", email="Ad@Spam.example"
    )
    take(spam, "exclude", cast.anna)
    assert {e.value for e in Exclusion.objects.all()} == {"+74950001122", "ad@spam.example"}
    with pytest.raises(Excluded):
        admit_sender("phone", phone="8 (495) 000 11 22")
    assert excluded(email="other@mail.example") is None


def test_deal_has_its_chat_and_folder_at_once(cast, deal):
    """R-248, R-262."""
    room = Room.objects.get(card=deal)
    assert room.last_seq == 1 and "Клиника" in room.messages.get().text and room.messages.get().author is None
    folder = Folder.objects.get(card=deal, parent=None)
    assert folder.name == f"{deal.number} Клиника" and folder.children.count() == 6
    assert fresh(deal).comment.endswith(f"/files/folders/{folder.pk}/") or str(folder.pk) in fresh(deal).comment


def test_first_touch_makes_the_deal_warm_once(cast, deal):
    """R-213, R-215, R-216."""
    touch(deal, "call", cast.anna)
    assert fresh(deal).stage == "new"
    take(deal, "find", cast.anna)
    assert Task.objects.filter(card=deal, rule="strategy-meeting", state="open").count() == 1
    touch(deal, "call", cast.anna)
    assert fresh(deal).stage == "presentation" and fresh(deal).last_touch_at is not None
    assert Task.objects.get(card=deal, rule="strategy-meeting").state == "auto"
    entry = fresh(deal).entry
    touch(deal, "call", cast.anna)
    assert fresh(deal).entry == entry


@pytest.mark.parametrize(("answers", "kinds"), [
    ({"has_request": "yes", "request": "24 номера"}, {Project, Reminder}), ({"has_request": "no"}, {Reminder}),
])  # fmt: skip
def test_pool_opens_the_following_deals(cast, deal, answers, kinds):
    """R-218, R-219, R-220."""
    with pytest.raises(Incomplete):
        take(deal, "enter_pool", cast.anna)
    take(deal, "enter_pool", cast.anna, answers)
    made = Card.objects.exclude(pk=deal.pk)
    assert {card.pipeline for card in made} == {kind.slug for kind in kinds}
    assert made.count() == len(kinds) == deal.links.count()
    assert all(card.owner == cast.anna and card.company == deal.company for card in made)
    assert Room.objects.count() == Folder.objects.filter(parent=None).count() == 1 + len(kinds)


RHYTHM = {
    "needs": ["furniture", "light"], "letter_times": 4, "letter_per": "year", "call_times": 1, "call_per": "quarter",
    "meeting_times": 0, "meeting_per": "year",
}  # fmt: skip


def test_reminder_needs_a_rhythm_for_each_channel(cast, deal):
    """R-233, R-234: 0 is an answer, three zeros are none."""
    take(deal, "enter_pool", cast.anna, {"has_request": "no"})
    reminder = Reminder.objects.get(pipeline="reminder")
    for wrong in (
        {**RHYTHM, "letter_times": ""},
        {**RHYTHM, "letter_times": 0, "call_times": 0},
        {**RHYTHM, "needs": []},
    ):
        with pytest.raises(Incomplete):
            take(reminder, "schedule", cast.anna, wrong)
    take(reminder, "schedule", cast.anna, RHYTHM)
    reminder = fresh(reminder)
    assert (reminder.stage, reminder.needs, reminder.meeting_times) == ("planned", ["furniture", "light"], 0)


def test_project_asks_which_process_to_start(cast):
    """R-242, R-243, R-244: the clarification stays open, one task per process."""
    project = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    take(project, "clarify", cast.anna)
    assert Task.objects.get(card=project, rule="clarify-request").checks.count() >= 8
    with pytest.raises(Incomplete):
        take(project, "prepare_offer", cast.anna, {})
    take(project, "prepare_offer", cast.anna, {"processes": ["offer-selection", "offer-prices"]})
    assert set(Task.objects.filter(card=project, state="open").values_list("rule", flat=True)) == {
        "clarify-request", "offer-selection", "offer-prices",
    }  # fmt: skip
    take(project, "decide", cast.anna)
    take(project, "rework", cast.anna, {"remark": "Дорого", "processes": ["offer-estimate"]})
    assert Task.objects.get(card=project, rule="decision-meeting").state == "auto"


@pytest.fixture
def expense(cast, deal):
    payee = Company.objects.create(name="Каменный двор", owner=cast.anna, kind="supplier")
    return register(
        cast.anna, title="Столешницы", company=payee, deal=Deal.objects.get(pk=deal.pk), amount=Decimal("1000.10"),
        due_on=date(2026, 12, 1), purpose="Столешницы из кварца",
    )  # fmt: skip


def test_expense_is_approved_once_and_paid_in_parts(cast, expense, deal):
    """R-304 to R-318: notices only when sent, returned with a comment, profit to the kopeck."""
    assert Task.objects.get(card=expense, rule="payment").due_at == day_end(date(2026, 12, 1))
    assert not Notice.objects.exists()
    take(expense, "send", cast.anna)
    assert Task.objects.filter(card=expense, rule="approve-expense", state="open").count() == 2
    with pytest.raises(Refused):
        take(expense, "approve", cast.anna)
    with pytest.raises(Incomplete):
        take(expense, "give_back", cast.irina, {})
    take(expense, "give_back", cast.irina, {"remark": "Нет в смете"})
    assert fresh(expense).returns == 1
    assert Notice.objects.get(user=cast.anna, kind="returned").data["remark"] == "Нет в смете"
    take(expense, "send", cast.anna)
    take(expense, "approve", cast.oleg)
    with pytest.raises(Refused):
        take(expense, "approve", cast.irina)
    assert [d.verdict for d in Decision.objects.order_by("pk")] == ["returned", "approved"]
    assert Deal.objects.get(pk=deal.pk).approved_total == Decimal("1000.10")
    pay(fresh(expense), Decimal("400.05"), date(2026, 12, 1), by=cast.natalia)
    assert fresh(expense).stage == "order"
    pay(fresh(expense), Decimal("600.05"), date(2026, 12, 2), by=cast.natalia)
    money = Deal.objects.get(pk=deal.pk).money
    assert fresh(expense).stage == "paid" and fresh(expense).left == 0
    assert (money.paid, money.approved) == (Decimal("1000.10"), 0)
    assert (money.fact, money.fact_margin) == (Decimal("98999.90"), Decimal("99.00"))
    assert (money.profit, money.margin) == (Decimal(40000), Decimal("40.00"))
    assert set(Notice.objects.filter(kind="paid").values_list("user_id", flat=True)) == {cast.irina.pk, cast.oleg.pk}
    assert not Task.objects.filter(card=expense, state="open").exists()


def test_storno_reverses_and_paying_again_counts_once(cast, expense, deal):
    """R-315."""
    take(expense, "send", cast.anna)
    take(expense, "approve", cast.irina)
    pay(fresh(expense), Decimal("1000.10"), date(2026, 12, 1), by=cast.natalia)
    take(expense, "reverse", cast.natalia, {"remark": "Ошибка"})
    assert fresh(expense).paid_total == 0 and Deal.objects.get(pk=deal.pk).paid_total == 0
    pay(fresh(expense), Decimal("1000.10"), date(2026, 12, 3), by=cast.natalia)
    assert Deal.objects.get(pk=deal.pk).paid_total == Decimal("1000.10")
    assert expense.payments.count() == 3


def test_partial_settling_creates_the_additional_payment(cast, expense):
    """R-317."""
    take(expense, "send", cast.anna)
    take(expense, "approve", cast.irina)
    answers = {"paid": "400,10", "paid_on": "2026-11-20"}
    with pytest.raises(Incomplete) as missing:
        take(expense, "settle", cast.natalia, answers)
    assert "rest" in missing.value.form.errors
    take(expense, "settle", cast.natalia, {**answers, "rest": "extra"})
    rest = Expense.objects.exclude(pk=expense.pk).get()
    assert (rest.amount, rest.stage, rest.kind) == (Decimal("600.00"), "documents", "rest")


def test_split_comes_to_the_invoice_to_the_kopeck(cast, expense):
    """R-306."""
    parts = [(Decimal("500.05"), date(2026, 12, 1)), (Decimal("500.05"), date(2026, 12, 20))]
    split(expense, parts, cast.anna)
    assert sorted(Expense.objects.values_list("amount", flat=True)) == [Decimal("500.05"), Decimal("500.05")]


def test_undo_takes_the_move_back_with_all_it_made(cast, lead):
    """C-6."""
    take(lead, "discuss", cast.anna, ANSWERS)
    event = take(lead, "convert", cast.anna, {"has_brief": "no"})
    undo(event, cast.anna)
    lead = fresh(lead)
    assert lead.stage == "discuss" and lead.has_brief is None and not Deal.objects.exists()
    assert Task.objects.get(card=lead).state == "open"
    with pytest.raises(Refused):
        undo(event, cast.anna)


def test_undo_leaves_what_somebody_has_changed_since(cast, lead):
    event = take(lead, "discuss", cast.anna, ANSWERS)
    change(fresh(lead), {"source": "call"}, cast.irina)
    undo(event, cast.anna)
    lead = fresh(lead)
    assert lead.stage == "new" and lead.source == "call" and lead.may_refer is None


def test_same_key_acts_once(cast, lead):
    """G7, B9."""
    from uuid import uuid4

    key = uuid4()
    first = take(lead, "discuss", cast.anna, ANSWERS, key=key)
    assert take(lead, "discuss", cast.anna, ANSWERS, key=key) == first
    key = uuid4()
    one = open_card(Project, by=cast.anna, owner=cast.anna, title="Раз", key=key)
    assert open_card(Project, by=cast.anna, owner=cast.anna, title="Раз", key=key).pk == one.pk

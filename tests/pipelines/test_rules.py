"""Rules that the company switches on, and what a closing card does with its open tasks."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crm.activities.models import Task
from crm.activities.verbs import add, finish
from crm.cards.verbs import link
from crm.clients.models import Company
from crm.office.models import Office, StageSetting
from crm.pipelines.moves import Incomplete, Refused, open_card, take
from crm.pipelines.undo import undo
from deals.models import Project, Reminder
from expenses.verbs import register
from leads.intake import receive

ANSWERS = {"source": "referral", "may_refer": "yes", "has_brief": "no"}


@pytest.fixture
def switch(db):
    """Switch rules of the company on."""

    def on(*names):
        office = Office.load()
        for name in names:
            setattr(office, name, True)
        office.save()

    return on


@pytest.fixture
def project(cast):
    return open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби", amount=Decimal(100))


def tomorrow():
    return timezone.now() + timedelta(days=1)


def test_a_lead_is_converted_once_an_executive_discussed_it(cast, switch):
    """R-110: the mark is the executive's tick; a manager's own tick is none."""
    switch("asks_discussed")
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Лобби", phone="8 921 555-14-08")
    take(lead, "discuss", cast.anna, ANSWERS)
    task = Task.objects.get(card=lead, rule="discuss-lead")
    with pytest.raises(Refused, match="после того как руководитель"):
        take(lead, "convert", cast.anna, ANSWERS)
    finish(task, cast.anna)
    with pytest.raises(Refused):
        take(lead, "convert", cast.anna, ANSWERS)
    Task.objects.filter(pk=task.pk).update(state=Task.State.OPEN)
    finish(task, cast.irina)
    take(lead, "convert", cast.anna, ANSWERS)


def test_a_discussion_ticked_off_counts_after_an_undo(cast, switch):
    switch("asks_discussed")
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Лобби", phone="8 921 555-14-08")
    take(lead, "discuss", cast.anna, ANSWERS)
    finish(Task.objects.get(card=lead, rule="discuss-lead"), cast.irina)
    undo(take(lead, "put_aside", cast.anna), cast.anna)
    take(lead, "convert", cast.anna, ANSWERS)


def test_an_expense_without_a_deal_needs_its_article(cast, switch, project):
    """R-301."""
    fields = {
        "title": "Стулья", "amount": Decimal(10), "purpose": "Аванс", "due_on": timezone.now().date(),
        "company": Company.objects.create(name="Поставщик", owner=cast.anna),
    }  # fmt: skip
    alone, of_deal = register(cast.anna, **fields), register(cast.anna, deal=project, **fields)
    switch("asks_article")
    take(of_deal, "send", cast.anna)
    with pytest.raises(Incomplete) as missing:
        take(alone, "send", cast.anna)
    assert set(missing.value.form.fields) == {"article"}


def test_a_second_executive_approves(cast, switch):
    """R-301: one's own request is approved by oneself unless the company wants a second one."""
    fields = {"title": "Стулья", "amount": Decimal(10), "purpose": "Аванс", "due_on": timezone.now().date()}
    company = Company.objects.create(name="Поставщик", owner=cast.irina)
    first, second = (register(cast.irina, company=company, **fields) for _ in range(2))
    for expense in (first, second):
        take(expense, "send", cast.irina)
    take(first, "approve", cast.irina)
    assert first.decisions.get().own
    switch("second_executive")
    with pytest.raises(Refused):
        take(second, "approve", cast.irina)
    take(second, "approve", cast.oleg)


def test_nothing_is_asked_without_open_tasks(cast, project):
    take(project, "finish", cast.anna)


@pytest.mark.parametrize(("answer", "state"), [("close", Task.State.CANCELLED), ("keep", Task.State.OPEN)])
def test_closing_asks_about_open_tasks(cast, project, answer, state):
    """C-19, and undo brings them back."""
    task = add(project, cast.anna, title="Позвонить", due_at=tomorrow())
    with pytest.raises(Incomplete) as missing:
        take(project, "finish", cast.anna)
    assert set(missing.value.form.fields) == {"open_tasks"}
    assert "Открыто 1 дело" in str(missing.value.form)
    event = take(project, "finish", cast.anna, {"open_tasks": answer})
    task.refresh_from_db()
    project.refresh_from_db()
    assert task.state == state and (project.next_step_at is None) == (answer == "close")
    undo(event, cast.anna)
    task.refresh_from_db()
    project.refresh_from_db()
    assert task.is_open and task.done_by is None and project.next_step == "Позвонить"


def test_a_linked_card_is_offered_once_however_much_it_is_linked_to(cast, project):
    near = open_card(Reminder, by=cast.anna, owner=cast.anna, title="Напоминать")
    link(project, near)
    for n in range(3):
        link(near, open_card(Project, by=cast.anna, owner=cast.anna, title=f"Проект {n}"))
    add(project, cast.anna, title="Позвонить", due_at=tomorrow())
    with pytest.raises(Incomplete) as missing:
        take(project, "finish", cast.anna)
    choices = [value for value, _label in missing.value.form.fields["open_tasks"].choices]
    assert choices == ["close", "keep", str(near.pk)]


def test_open_tasks_go_on_with_a_linked_card(cast, project):
    """C-19: what people planned moves, what the stage's rule asked is closed."""
    near = open_card(Reminder, by=cast.anna, owner=cast.anna, title="Напоминать")
    strange = open_card(Reminder, by=cast.pavel, owner=cast.pavel, title="Чужое")
    link(project, near)
    link(project, strange)
    take(project, "clarify", cast.anna)
    task = add(project, cast.anna, title="Позвонить", due_at=tomorrow())
    with pytest.raises(Incomplete) as missing:
        take(project, "finish", cast.anna)
    offered = dict(missing.value.form.fields["open_tasks"].choices)
    assert set(offered) == {"close", "keep", str(near.pk)}
    event = take(project, "finish", cast.anna, {"open_tasks": str(near.pk)})
    task.refresh_from_db()
    near.refresh_from_db()
    assert task.card_id == near.pk and near.next_step == "Позвонить"
    assert Task.objects.get(rule="clarify-request").state == Task.State.CANCELLED
    undo(event, cast.anna)
    task.refresh_from_db()
    assert task.card_id == project.pk and Task.objects.get(rule="clarify-request").is_open


def test_an_unfinished_checklist_is_mentioned_at_the_next_move(cast, project):
    """R-242."""
    take(project, "clarify", cast.anna)
    task = Task.objects.get(rule="clarify-request")
    event = take(project, "decide", cast.anna)
    assert f"{task.checks.count()} пункт" in event.hints[0]
    task.checks.update(done=True)
    take(project, "clarify", cast.anna)


def test_a_stage_asks_for_what_the_company_requires_there(cast, project):
    """R-028: required fields are settings; whoever skips the stage is asked for them as well (R-008)."""
    StageSetting.objects.create(pipeline="project", stage="offer", needs=["object_type", "brief"])
    take(project, "clarify", cast.anna)
    with pytest.raises(Incomplete) as incomplete:
        take(project, "sign", cast.anna)
    assert list(incomplete.value.form.fields) == ["object_type", "brief"]
    take(project, "sign", cast.anna, {"object_type": "office", "brief": "Лобби на 40 человек"})
    project.refresh_from_db()
    assert (project.stage, project.object_type, project.brief) == ("contract", "office", "Лобби на 40 человек")
    take(project, "clarify", cast.anna)  # back is not forward


def test_what_is_switched_on_is_asked_of_those_who_skip_it(cast, project, switch):
    switch("asks_offer")
    with pytest.raises(Incomplete) as incomplete:
        take(project, "send", cast.anna)
    assert list(incomplete.value.form.fields) == ["cost_estimate"]

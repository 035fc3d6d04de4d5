"""«Контроль»: whom to ask and why, in order; a question stands until it is answered (R-002, R-017, D.8, D.9.1)."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from chats.models import Message
from chats.verbs import post
from crm.activities.models import Task
from crm.activities.verbs import add
from crm.boards.filters import Filter
from crm.cards.models import Card
from crm.clients.models import Company, Contact
from crm.notifications.models import Notice
from crm.office.calendar import company_today, day_end
from crm.office.models import office
from crm.oversight import asking, control
from crm.oversight.forms import RegisterFilter
from crm.oversight.models import Question, Violation
from crm.pipelines.moves import open_card, take
from crm.shell import waiting
from deals.models import Project, Reminder
from expenses.verbs import register
from leads.intake import receive


def signed_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def wrong(card, kind="overdue", days=2):
    return Violation.objects.create(
        card_id=card.pk, kind=kind, person_id=card.owner_id, since=timezone.now() - timedelta(days=days)
    )


def deal_of(cast, owner=None, **more):
    owner = owner or cast.anna
    return open_card(Project, by=owner, owner=owner, **{"title": "Заказ", "amount": 100, **more})


def test_the_pool_comes_first_then_money_by_days(cast):
    pool = Company.objects.create(name="Из пула", owner=cast.anna)
    open_card(Reminder, by=cast.anna, owner=cast.anna, title="Напоминать", company=pool)
    small, large, own = deal_of(cast, amount=10), deal_of(cast, amount=10_000), deal_of(cast, company=pool, amount=1)
    for card in (small, large, own):
        wrong(card)
    items = control.to_ask(cast.irina, timezone.now())
    assert [item.card.pk for item in items] == [own.pk, large.pk, small.pk]
    assert items[0].in_pool and items[0].urgent
    asking.snooze(own, cast.irina, 3)
    assert own.pk not in [i.card.pk for i in control.to_ask(cast.irina, timezone.now())]
    assert own.pk in [i.card.pk for i in control.to_ask(cast.oleg, timezone.now())]
    assert own.pk in [i.card.pk for i in control.to_ask(cast.irina, timezone.now() + timedelta(days=8))]


def test_a_person_in_the_pool_comes_first_too(cast):
    vera, other = (Contact.objects.create(name=name, owner=cast.anna) for name in ("Вера", "Пётр"))
    open_card(Reminder, by=cast.anna, owner=cast.anna, title="Напоминать", contact=vera)
    for contact in (vera, other, None):
        wrong(deal_of(cast, contact=contact))
    items = control.to_ask(cast.irina, timezone.now())
    assert [(item.card.contact, item.in_pool) for item in items if item.in_pool] == [(vera, True)]


def test_a_lead_is_said_to_be_stuck_by_the_norm_it_is_judged_by(cast):
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Лид", phone="8 921 555-14-08")
    take(lead, "discuss", cast.anna, {"source": "referral", "may_refer": "yes"})
    now = timezone.now()
    Card.objects.filter(pk=lead.pk).update(stage_since=now - timedelta(days=90))
    wrong(lead, "stuck")
    (item,) = control.to_ask(cast.irina, now)
    assert office().lead_days != office().stuck_days
    assert next(control.reasons(item, now)).endswith(f"при норме {office().lead_days}")


def test_the_most_pressing_are_not_cut_off(cast, monkeypatch):
    monkeypatch.setattr(control, "MOST", 2)
    cards = [deal_of(cast, amount=amount) for amount in (1, 2, 500, 400)]
    for card in cards:
        wrong(card)
    found = control.to_ask(cast.irina, timezone.now() + timedelta(days=9))
    assert [item.card.amount for item in found] == [500, 400]


def test_cards_of_one_who_left_are_opened_by_their_name(cast):
    card, other = deal_of(cast), deal_of(cast, owner=cast.pavel)
    for each in (card, other):
        wrong(each)
    cast.anna.is_active = False
    cast.anna.save()
    form = RegisterFilter({"person": cast.anna.pk}, cast.irina)
    assert list(form.narrow(Violation.objects.visible_to(cast.irina)).values_list("card_id", flat=True)) == [card.pk]
    board = Filter({"owner": cast.anna.pk}, cast.irina)
    assert list(board.narrow(Card.objects.all()).values_list("pk", flat=True)) == [card.pk]
    assert cast.natalia not in board.fields["owner"].queryset


def test_numbers_open_exactly_those_cards(cast):
    """R-002."""
    for n in range(3):
        wrong(deal_of(cast, title=f"Аннино {n}"))
    wrong(deal_of(cast, cast.pavel, title="Павлово"))
    wrong(deal_of(cast, title="Другое"), kind="stuck")
    client = signed_in(cast.irina)
    page = client.get("/control/").content.decode()
    address = f"/control/violations/?kind=overdue&amp;person={cast.anna.pk}"
    assert f'href="{address}"' in page and "Просрочено: 3" in page
    rows = client.get(address.replace("&amp;", "&")).content.decode()
    assert rows.count("Аннино") == 3 and "Павлово" not in rows and "Другое" not in rows


def test_every_number_of_the_table_opens_as_many(cast):
    """R-002, R-017: by person, by nobody, in all; and of what is at work, a list of each pipeline."""
    mine = [deal_of(cast, title=f"Аннино {n}") for n in range(3)]
    wrong(mine[0]), wrong(mine[0], "stuck"), wrong(mine[1], "expense-late"), wrong(mine[2], "approval")
    lead = receive("phone", by=cast.irina, title="Ничей")
    wrong(lead), wrong(deal_of(cast, cast.pavel))
    client = signed_in(cast.irina)
    page = client.get("/control/").content.decode()
    table = page[page.index('id="by-manager"') : page.index("</table>")]
    register = dict(re.findall(r'<a href="(/control/violations/[^"]*)"[^>]*>(\d+)<', table))
    register |= dict(re.findall(r'<a class="strong" href="(/control/violations/[^"]*)">(\d+)<', table))
    whose = f"person={cast.anna.pk}"
    assert register[f"/control/violations/?kind=clients&amp;{whose}"] == "2"
    assert register["/control/violations/?kind=overdue&amp;nobody=1"] == "1"
    assert register["/control/violations/?kind=clients"] == "4"
    for address, number in register.items():
        text = client.get(address.replace("&amp;", "&")).content.decode()
        assert text.count("<tr>") - 1 == int(number), address
    lists = re.findall(r'<a class="menu__item" href="(/boards/[^"]*)"[^>]*>[^<]*<span[^>]*>(\d+)<', table)
    assert (f"/boards/project/list/?owner={cast.anna.pk}", "3") in lists and len(lists) == 5
    assert ("/boards/leads/list/?nobody=1", "1") in lists and ("/boards/project/list/", "4") in lists
    for address, number in lists:
        text = client.get(address).content.decode()
        assert re.search(rf">{number} (лид|сдел)", text), address


def test_the_badge_counts_whom_to_ask(cast):
    for n in range(2):
        wrong(deal_of(cast, title=f"Аннино {n}"))
    asking.snooze(deal_of(cast, title="Отложено"), cast.irina, 3)
    wrong(Card.objects.get(title="Отложено"))
    assert waiting(cast.irina)["control"] == 2 and waiting(cast.oleg)["control"] == 3
    assert "control" not in waiting(cast.anna)
    page = signed_in(cast.irina).get("/control/").content.decode()
    assert 'count--red rail__badge">2<' in page and "Спросите о 2 клиентах" in page


def test_what_waits_for_approval_is_red_only_when_late(cast):
    """R-308: a date to come is none, nor is a wait within the office's norm."""
    today = company_today()
    for name, due, ago in (("Вовремя", 9, 0), ("Давно ждёт", 9, 5), ("Срок прошёл", -1, 0)):
        firm = Company.objects.create(name=name, owner=cast.anna)
        expense = register(
            cast.anna, title=name, amount=10, due_on=today + timedelta(days=due), company=firm, purpose=name
        )
        take(expense, "send", cast.anna)
        Card.objects.filter(pk=expense.pk).update(stage_since=timezone.now() - timedelta(days=7) * bool(ago))
    page = signed_in(cast.irina).get("/control/").content.decode()
    panel = page[page.index('class="aps"') : page.index("</aside>")]
    reds = {name: panel[panel.index(f"<b>{name}</b>") :].partition("</li>")[0].count('class="red"') for name in
            ("Вовремя", "Давно ждёт", "Срок прошёл")}  # fmt: skip
    assert reds == {"Вовремя": 0, "Давно ждёт": 1, "Срок прошёл": 1}


def test_a_question_stands_until_it_is_answered(cast):
    """R-017: in the chat and among the tasks, asked once, answered by the one who was asked."""
    deal, key = deal_of(cast), uuid4()
    question = asking.ask(deal, "Что по КП?", cast.irina, key)
    assert asking.ask(deal, "Что по КП?", cast.irina, key).pk == question.pk
    task = Task.objects.get()
    assert (task.owner, task.is_open, Question.objects.count()) == (cast.anna, True, 1)
    assert Message.objects.get(author=cast.irina).text == "Анна, вопрос к вам. Что по КП?"
    assert Notice.objects.filter(user=cast.anna, kind="question").count() == 1
    post(deal.room, "Я тоже хотел узнать", cast.oleg)
    task.refresh_from_db()
    assert task.is_open
    post(deal.room, "Отправили вчера", cast.anna)
    task.refresh_from_db()
    question.refresh_from_db()
    assert (task.state, task.result, task.done_by) == ("done", "Отправили вчера", cast.anna)
    assert question.answered_at and Notice.objects.filter(user=cast.irina, kind="answer").count() == 1


def test_a_question_is_answered_from_the_day(cast):
    """R-017: first on the page, with «Ответить»; the answer stands in the chat and reaches the asker."""
    deal, anna = deal_of(cast), signed_in(cast.anna)
    add(deal, cast.anna, title="Старое дело", due_at=timezone.now() - timedelta(days=20))
    add(deal, cast.anna, title="Ещё старее", due_at=timezone.now() - timedelta(days=30))
    question = asking.ask(deal, "Что по КП?", cast.irina)
    question.task.due_at = day_end(company_today())
    question.task.save()
    page, address = anna.get("/day/").content.decode(), f"/tasks/{question.task_id}/answers/"
    assert page.index("Ещё старее") < page.index("Ответить руководителю") < page.index("Старое дело")
    row = page[page.index(f'id="todo-{question.task_id}"') :].partition("</li>")[0]
    assert "вопрос руководителя" in row and f'href="{address}"' in row and "completions" not in row
    task = anna.get(f"/tasks/{question.task_id}/").content.decode()
    assert address in task and "cancellations" not in task and "completions" not in task
    assert "Что по КП?" in anna.get(address).content.decode()
    assert anna.post(address, {"text": ""}, headers={"HX-Request": "true"}).status_code == 422
    assert signed_in(cast.oleg).get(address).status_code == 404
    form = {"text": "Отправили вчера", "key": uuid4()}
    assert anna.post(address, form, headers={"HX-Request": "true"}).status_code == 204
    question.refresh_from_db()
    assert question.answered_at and question.task.result == "Отправили вчера" and not question.task.is_open
    assert Message.objects.filter(author=cast.anna, text="Отправили вчера").count() == 1
    assert Notice.objects.filter(user=cast.irina, kind="answer").count() == 1
    assert anna.post(address, form).status_code == 404


def test_a_question_about_an_expense_is_answered_without_a_chat(cast):
    expense = register(cast.anna, title="Диваны", amount=10)
    question = asking.ask(expense, "Зачем столько?", cast.irina)
    assert signed_in(cast.anna).post(f"/tasks/{question.task_id}/answers/", {"text": "Два этажа"}).status_code == 303
    assert Task.objects.get(pk=question.task_id).result == "Два этажа"
    assert Notice.objects.filter(user=cast.irina, kind="answer").count() == 1


def test_a_task_done_answers_too(cast):
    from crm.activities.verbs import finish

    question = asking.ask(deal_of(cast), "Что по КП?", cast.irina)
    finish(question.task, cast.anna, "Позвонила")
    assert (asking.close_answered(), asking.close_answered()) == (1, 0)


def test_who_may_not_ask_and_whom_nobody_can(cast):
    deal = deal_of(cast)
    with pytest.raises(PermissionDenied):
        asking.ask(deal, "?", cast.anna)
    lead = receive("phone", by=cast.irina, title="Ничей", phone="")
    Card.objects.filter(pk=lead.pk).update(owner=None)
    with pytest.raises(ValidationError):
        asking.ask(lead, "?", cast.irina)


def test_asking_and_putting_off_from_the_page(cast):
    deal = deal_of(cast, title="Лобби")
    wrong(deal, "no-reaction")
    client = signed_in(cast.irina)
    page = client.get("/control/").content.decode()
    assert "Спросите о 1 клиенте" in page and "Клиент обратился" in page
    form = client.get(f"/cards/{deal.pk}/questions/", headers={"HX-Request": "true"}).content.decode()
    assert "Нет реакции" in form
    asked = client.post(
        f"/cards/{deal.pk}/questions/", {"text": "Что там?", "key": uuid4()}, headers={"HX-Request": "true"}
    )
    assert asked.status_code == 204 and Question.objects.count() == 1
    assert client.post(f"/cards/{deal.pk}/questions/", {"text": ""}, headers={"HX-Request": "true"}).status_code == 422
    assert "спросили" in client.get("/control/").content.decode()
    client.post(f"/cards/{deal.pk}/snoozes/", {"days": 3}, headers={"HX-Request": "true"})
    assert "Спрашивать некого" in client.get("/control/").content.decode()
    assert client.post(f"/cards/{deal.pk}/snoozes/", {"days": 7}, headers={"HX-Request": "true"}).status_code == 422


def test_an_approval_is_one_click(cast):
    company = Company.objects.create(name="Поставщик", owner=cast.anna)
    expense = register(
        cast.anna, title="Стулья", amount=10, purpose="Аванс", due_on=timezone.now().date(), company=company
    )
    from crm.pipelines.moves import take

    take(expense, "send", cast.anna)
    client = signed_in(cast.irina)
    page = client.get("/control/").content.decode()
    assert f'action="/cards/{expense.pk}/moves/"' in page and "Поставщик" in page
    version = Card.objects.get(pk=expense.pk).version
    assert f'name="version" value="{version}"' in page
    client.post(f"/cards/{expense.pk}/moves/", {"step": "approve", "key": uuid4(), "version": version})
    assert Card.objects.get(pk=expense.pk).stage == "order"


def test_what_it_costs(cast, django_assert_max_num_queries):
    client = signed_in(cast.irina)
    for n in range(30):
        wrong(deal_of(cast, title=f"{n}"))
    with django_assert_max_num_queries(26):
        assert client.get("/control/").status_code == 200

"""Card pages and their forms answer whole, keep what was typed, and show nobody what is not theirs."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.utils import timezone

from crm.activities import telling
from crm.activities.feed import words
from crm.activities.models import Task
from crm.activities.verbs import add
from crm.boards.filters import Filter
from crm.cards.models import Card
from crm.cards.verbs import change, share
from crm.clients.models import Company
from crm.notifications.models import Notice
from crm.notifications.notices import word
from crm.office.calendar import company_today
from crm.office.models import Office
from crm.pipelines.moves import open_card, take
from deals.models import Attraction, Deal, Project
from expenses.models import Expense, Payment
from expenses.verbs import register
from leads.intake import receive
from leads.models import Exclusion, Lead
from tests.doors.world import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(cast):
    company = Company.objects.create(name="БЦ «Северный порт»", owner=cast.anna)
    return open_card(
        Project,
        by=cast.anna,
        owner=cast.anna,
        title="Лобби",
        company=company,
        amount=Decimal(1000),
        cost_estimate=Decimal(600),
    )


def test_a_deal_shows_its_money_and_expenses(client, cast, deal):
    register(cast.anna, deal=deal, title="Диваны", amount=Decimal(400), company=deal.company)
    client.force_login(cast.anna)
    text = client.get(f"/deals/{deal.pk}/").content.decode()
    assert "Смета дохода" in text and "Добавить расход" in text and "400" in text


def test_attraction_shows_where_to_look_for_the_one_who_decides(client, cast):
    card = open_card(Attraction, by=cast.anna, owner=cast.anna, title="Сеть кафе", site="cafe.example")
    client.force_login(cast.anna)
    assert "cafe.example" in client.get(f"/deals/{card.pk}/").content.decode()


def test_what_is_not_seen_is_not_there(client, cast, deal):
    expense = register(cast.anna, deal=deal, title="Диваны", amount=Decimal(400))
    for person, status in ((cast.pavel, 404), (cast.natalia, 404), (cast.irina, 200)):
        client.force_login(person)
        assert client.get(f"/deals/{deal.pk}/").status_code == status
    client.force_login(cast.natalia)
    page = client.get(f"/expenses/{expense.pk}/")
    assert page.status_code == 200
    # Named, because the accountant keeps its budget (G1), and leading nowhere.
    assert deal.title in page.content.decode() and f"/deals/{deal.pk}/" not in page.content.decode()
    assert deal.title not in client.get(f"/expenses/{expense.pk}/edit/").content.decode()


def test_a_lead_needs_only_who_called(client, cast):
    client.force_login(cast.anna)
    assert client.get("/leads/new/").status_code == 200
    assert client.post("/leads/new/", {"channel": "phone"}).status_code == 422
    answer = client.post("/leads/new/", {"channel": "phone", "person": "Марина", "key": str(uuid4())})
    lead = Lead.objects.get()
    assert (answer.status_code, lead.title, lead.owner) == (303, "Марина", cast.anna)
    assert "Марина" in client.get(f"/leads/{lead.pk}/").content.decode()
    assert client.get(f"/leads/{lead.pk}/edit/").status_code == 200


def test_the_excluded_are_refused_beside_their_address(client, cast):
    Exclusion.objects.create(kind="mail", value="spam@shop.example")
    client.force_login(cast.anna)
    answer = client.post("/leads/new/", {"channel": "mail", "person": "Спам", "email": "spam@shop.example"})
    assert answer.status_code == 422 and "списке исключений" in answer.content.decode()
    assert not Lead.objects.exists()


def test_a_stale_form_keeps_what_was_typed(client, cast, deal):
    client.force_login(cast.anna)
    assert client.get(f"/deals/{deal.pk}/edit/").status_code == 200
    typed = {"title": "Лобби и холл", "amount": "1 200,50", "version": deal.version + 5}
    answer = client.post(f"/deals/{deal.pk}/edit/", typed)
    text = answer.content.decode()
    assert answer.status_code == 422 and "Лобби и холл" in text and "Сейчас сохранено: 1" in text
    assert f'name="version" value="{deal.version}"' in text, "sent again, it counts"
    answer = client.post(f"/deals/{deal.pk}/edit/", typed | {"version": Card.objects.get(pk=deal.pk).version})
    assert answer.status_code == 303
    assert Deal.objects.get(pk=deal.pk).amount == Decimal("1200.50")


def test_a_new_deal(client, cast):
    client.force_login(cast.anna)
    assert client.get("/deals/new/project/").status_code == 200
    assert client.post("/deals/new/project/", {"title": "Холл"}).status_code == 303
    assert client.get("/deals/new/expenses/").status_code == 404
    client.force_login(cast.natalia)
    assert client.post("/deals/new/project/", {"title": "Холл"}).status_code == 403


def test_an_expense_makes_its_payee_and_takes_only_a_deal_that_is_seen(client, cast, deal):
    client.force_login(cast.pavel)
    fields = {"payee": "Свет-Проект", "kind": "full", "vat": "22", "amount": "500"}
    assert client.post("/expenses/new/", fields | {"deal": deal.pk}).status_code == 422
    client.force_login(cast.anna)
    assert client.get(f"/expenses/new/?deal={deal.pk}").status_code == 200
    assert client.post("/expenses/new/", fields | {"deal": deal.pk}).status_code == 303
    expense = Expense.objects.get()
    assert (expense.company.kind, expense.company.owner, expense.deal_id) == ("supplier", cast.anna, deal.pk)


def test_an_expense_is_split_and_paid(client, cast):
    expense = register(cast.anna, title="Диваны", amount=Decimal(400))
    client.force_login(cast.anna)
    assert client.get(f"/expenses/{expense.pk}/parts/").status_code == 200
    parts = {"form-TOTAL_FORMS": 4, "form-INITIAL_FORMS": 1, "form-0-amount": "150", "form-0-due_on": "2026-12-01"}
    assert client.post(f"/expenses/{expense.pk}/parts/", parts).status_code == 422
    answer = client.post(
        f"/expenses/{expense.pk}/parts/", parts | {"form-1-amount": "250", "form-1-due_on": "2026-12-20"}
    )
    assert answer.status_code == 303 and Expense.objects.count() == 2
    assert client.get(f"/expenses/{expense.pk}/payments/").status_code == 403
    client.force_login(cast.natalia)
    Card.objects.filter(pk=expense.pk).update(stage="order")
    assert client.get(f"/expenses/{expense.pk}/payments/").status_code == 200
    pay = f"/expenses/{expense.pk}/payments/"
    assert client.post(pay, {"paid": "900", "paid_on": "2026-11-20"}).status_code == 422
    assert client.post(pay, {"paid": "50", "paid_on": "2026-11-20"}).status_code == 303
    assert Payment.objects.get().amount == 50
    assert "50" in client.get(f"/expenses/{expense.pk}/").content.decode()


def test_tasks_are_set_ticked_and_done(client, cast, deal):
    client.force_login(cast.anna)
    htmx = {"HX-Request": "true"}
    url = f"/cards/{deal.pk}/tasks/"
    assert client.get(url, headers=htmx).status_code == 200
    assert client.post(url, {"text": "Отправить смету"}, headers=htmx).status_code == 204
    typed = {
        "title": "Подбор",
        "kind": "task",
        "day": "2026-12-01",
        "time": "12:00",
        "owner": cast.anna.pk,
        "checklist": "раз\nдва",
    }
    assert client.post(url, typed, headers=htmx).status_code == 204
    assert client.post(url, {"title": "Подбор"}, headers=htmx).status_code == 422
    task = Task.objects.get(title="Подбор")
    item = task.checks.first()
    assert client.post(f"/checks/{item.pk}/", {"done": "1"}, headers=htmx).status_code == 204
    assert task.progress == (1, 2)
    assert client.get(f"/tasks/{task.pk}/dates/").status_code == 200
    assert client.post(f"/tasks/{task.pk}/dates/", {"day": "2026-12-02", "time": "12:00"}).status_code == 303
    assert client.post(f"/tasks/{task.pk}/completions/", headers=htmx).status_code == 204
    assert client.post(f"/tasks/{task.pk}/reopenings/", headers=htmx).status_code == 204
    client.force_login(cast.pavel)
    assert client.post(f"/tasks/{task.pk}/completions/", headers=htmx).status_code == 404
    assert client.post(f"/checks/{item.pk}/", headers=htmx).status_code == 404


def test_the_list_shows_closed_cards_only_when_asked(client, cast, deal):
    take(deal, "refuse", cast.anna, {"loss_reason": "price"})
    client.force_login(cast.anna)
    assert deal.title not in client.get("/boards/project/list/").content.decode()
    assert deal.title in client.get("/boards/project/list/?closed=1").content.decode()


def test_a_payment_is_not_made_tomorrow(client, cast, deal):
    expense = register(
        cast.anna, deal=deal, title="Диваны", amount=Decimal(400), company=deal.company, purpose="Счёт 1",
        due_on=company_today(),
    )  # fmt: skip
    take(expense, "send", cast.anna)
    take(expense, "approve", cast.irina)
    client.force_login(cast.natalia)
    day = company_today() + timedelta(days=1)
    answer = client.post(f"/expenses/{expense.pk}/payments/", {"paid": "100", "paid_on": day.isoformat()})
    assert answer.status_code == 422 and "Этот день ещё не наступил" in answer.content.decode()
    answer = client.post(f"/expenses/{expense.pk}/payments/", {"paid": "-100", "paid_on": company_today().isoformat()})
    assert answer.status_code == 422 and "Сумма не может быть меньше нуля" in answer.content.decode()
    client.post(f"/expenses/{expense.pk}/payments/", {"paid": "400", "paid_on": company_today().isoformat()})
    asked = client.post(f"/cards/{expense.pk}/moves/", {"to": "bank"}, headers={"HX-Request": "true"})
    assert asked.status_code == 422 and "400" in asked.content.decode()
    client.post(f"/cards/{expense.pk}/moves/", {"to": "bank", "answering": "1", "remark": "Ошибка банка"})
    notice = Notice.objects.filter(user=cast.oleg, kind="storno").get()
    assert "Ошибка банка" in word(notice) and not Expense.objects.get(pk=expense.pk).paid_total
    notice = Notice.objects.filter(user=cast.oleg, kind="approve-expense").get()
    assert re.fullmatch(rf"Решено: утверждено, {cast.irina.name}, \d\d:\d\d · Диваны", word(notice))


def test_a_lead_without_a_brief_gives_its_deal_the_request(cast):
    answers = {"source": "mail", "may_refer": "yes"}
    for has_brief, field in (("yes", "brief"), ("no", "request")):
        lead = receive("mail", title="Лобби", raw_text="Столы на 40 мест", owner=cast.anna)
        take(lead, "discuss", cast.anna, answers)
        take(lead, "convert", cast.anna, {"has_brief": has_brief})
        deal = Deal.objects.get(backlinks__source_id=lead.pk)
        assert getattr(deal, field) == "Столы на 40 мест"
        assert {deal.brief, deal.request} == {"Столы на 40 мест", ""}
        told = words(lead, lead.events.get(data__step="convert"))
        assert deal.number in told and deal.title not in told.partition("Создано")[2]


def test_names_are_found_in_other_forms_and_phones_by_their_last_digits(client, cast):
    lead = receive("phone", title="Мануфактура на реке", owner=cast.anna, phone="8 912 345 67 89")
    client.force_login(cast.anna)
    for words_ in ("мануфактуры", "рекой мануфактуру", "6789", "345 67 89"):
        assert lead.title in client.get("/search/", {"q": words_}).content.decode(), words_
    company = Company.objects.create(name="ООО «Ёлочка и Ко»", owner=cast.anna)
    company.refresh_words()
    assert "Ёлочка" in client.get("/clients/duplicates/", {"name": "елочка"}).content.decode()
    client.force_login(cast.pavel)
    assert "такой клиент" not in client.get("/clients/duplicates/", {"name": "елочка"}).content.decode().lower()
    told = client.get("/clients/duplicates/", {"name": company.name}).content.decode()
    assert cast.anna.name in told and "Открыть" not in told


def test_dashes_that_people_type_stay(client, cast, deal):
    Deal.objects.filter(pk=deal.pk).update(brief="Привет\n----------\nС уважением")
    client.force_login(cast.anna)
    text = client.get(f"/deals/{deal.pk}/edit/").content.decode()
    assert "\n----------\n" in text and ">не выбрано</option>" in text and ">---------<" not in text


def test_what_was_emptied_after_sending_is_not_approved(client, cast, deal):
    expense = register(
        cast.anna, deal=deal, title="Диваны", amount=Decimal(400), company=deal.company, purpose="Счёт 1",
        due_on=company_today(),
    )  # fmt: skip
    version = take(expense, "send", cast.anna).data["version"]
    Expense.objects.filter(pk=expense.pk).update(purpose="")
    client.force_login(cast.irina)
    answer = client.post(
        f"/cards/{expense.pk}/moves/", {"step": "approve", "version": version}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 422 and "Назначение платежа" in answer.content.decode()


def test_a_comment_of_all_the_letters_allowed_stays_editable_below_the_folders_address(cast):
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби", comment="я" * 10_000)
    client = signed_in(cast.anna)
    form = {"title": "Лобби 2", "comment": Deal.objects.get(pk=deal.pk).comment, "version": deal.version}
    answer = client.post(f"/deals/{deal.pk}/edit/", form)
    assert answer.status_code == 303 and Deal.objects.get(pk=deal.pk).title == "Лобби 2"


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [("2026-11-05", "", 1), ("", "2026-11-04", 0), ("2026-11-05", "2026-11-05", 1), ("", "9999-12-31", 1)],
)
def test_a_period_is_in_the_companys_days(cast, since, until, found):
    office = Office.load()
    office.zone = "Asia/Vladivostok"
    office.save()
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    Deal.objects.filter(pk=deal.pk).update(created_at=datetime(2026, 11, 4, 15, 0, tzinfo=UTC))
    form = Filter({"since": since, "until": until}, cast.anna)
    assert form.narrow(Card.objects.all()).count() == found


def test_a_task_for_each_executive_is_told_of_once_with_their_names(cast):
    payee = Company.objects.create(name="Каменный двор", owner=cast.anna)
    expense = register(cast.anna, title="Столы", company=payee, amount=100, due_on=date(2030, 1, 9), purpose="Дуб")
    told = words(expense, take(expense, "send", cast.anna))
    assert "Поставлены задачи: «Утвердить оплату» (Ирина Снегирёва, Олег Ванчугов)" in told


def test_what_a_rule_has_closed_stands_in_the_feed_and_under_tasks(client, cast):
    """«Завершена автоматически» with its title, where the move is told of and where tasks are (G4, R-508)."""
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Лобби", source="referral", may_refer=True)
    take(lead, "discuss", cast.anna)
    moved = take(lead, "convert", cast.anna, {"has_brief": "no"})
    told = "Завершена автоматически: «Обсудить лид с руководством»"
    assert told in words(lead, moved)
    client.force_login(cast.anna)
    text = client.get(lead.get_absolute_url()).content.decode()
    assert told in text and re.search(r'data-show="tasks"[^>]*>Задачи <span class="n">2<', text)
    tasks = client.get(f"/cards/{lead.pk}/feed/?show=tasks").content.decode()
    assert told in tasks and "Поставлена задача: «Обсудить лид с руководством»" in tasks
    client.force_login(cast.irina)
    with patch.object(telling, "LATEST", 2):
        text = client.get(lead.get_absolute_url()).content.decode()
    assert re.search(r'data-show="tasks"[^>]*>Задачи <span class="n">2<', text)


def test_what_was_called_off_with_the_card_is_named(cast, deal):
    add(deal, cast.anna, title="Позвонить в порт", due_at=timezone.now())
    moved = take(deal, "refuse", cast.anna, {"loss_reason": "price", "open_tasks": "close"})
    assert "Отменено: «Позвонить в порт»" in words(deal, moved)


def test_linked_cards_are_told_apart_and_what_a_move_made_is_a_link(client, cast):
    """R-220, R-508: three cards of one title differ by their processes; the feed's numbers lead to them."""
    deal = open_card(Attraction, by=cast.anna, owner=cast.anna, title="Сеть <кафе>")
    take(deal, "enter_pool", cast.anna, {"has_request": "yes", "request": "Стулья"})
    made = {one.pipeline: one for one in Deal.objects.exclude(pk=deal.pk)}
    client.force_login(cast.anna)
    text = client.get(deal.get_absolute_url()).content.decode()
    links = text[text.index('id="links"') :].partition("</section>")[0]
    assert "Процесс работы менеджера проекта: Поступило ТЗ" in links
    assert "Процесс напоминания клиентам о компании: Новые" in links
    for one in made.values():
        assert f'<a href="{one.get_absolute_url()}">{one.number}</a>' in text[text.index("Создано") :]
    assert "<кафе>" not in text


def test_a_question_among_the_changes_keeps_its_own_mark(cast):
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Лобби")
    told = words(lead, change(lead, {"has_brief": False, "firm": "Гавань"}, cast.anna))
    assert "Лид имеет ТЗ? — → нет" in told and "Компания: — → Гавань" in told


def test_columns_by_date_are_no_stages(client, cast, deal):
    client.force_login(cast.anna)
    assert "Ещё 2 колонки" in client.get("/boards/project/due/").content.decode()
    assert "Ещё 2 стадии" in client.get("/boards/project/").content.decode()


def test_who_may_not_give_a_card_away_is_not_offered_it(cast, deal):
    share(deal, cast.pavel, cast.anna, work=True)
    offer = f'hx-get="/cards/{deal.pk}/owners/"'
    for user, offered in ((cast.anna, True), (cast.irina, True), (cast.pavel, False)):
        assert (offer in signed_in(user).get(deal.get_absolute_url()).content.decode()) == offered, user

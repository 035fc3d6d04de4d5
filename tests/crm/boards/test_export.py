"""A list as a workbook, read back by another library: whose rows, what stands in them, at what cost (R-506, R-261)."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from crm.boards import export
from crm.cards.models import Card
from crm.cards.verbs import share
from crm.clients.models import Company, Contact
from crm.office.models import Export, Office
from crm.pipelines.moves import open_card, take
from deals.models import Deal, Project
from expenses.verbs import register
from leads.intake import receive
from tests.doors.test_routes import signed_in

pytestmark = pytest.mark.django_db


def taken(user, slug="project", **query):
    """The answer, and the sheet with its formulas as they are written."""
    answer = signed_in(user).get(reverse("boards:export", args=[slug]), query)
    assert answer.status_code == 200
    return answer, load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active


def lines(user, slug="project", **query):
    """The rows as {heading: cell}."""
    heads, *rows = taken(user, slug, **query)[1].iter_rows()
    return [dict(zip([cell.value for cell in heads], row, strict=True)) for row in rows]


def titles(user, slug="project", **query):
    return [line["Название"].value for line in lines(user, slug, **query)]


def deal(owner, title, **more):
    return open_card(Project, by=owner, owner=owner, title=title, **more)


@pytest.fixture
def lobby(cast):
    company = Company.objects.create(name="Гавань", owner=cast.anna)
    contact = Contact.objects.create(name="Марина", owner=cast.anna)
    return deal(cast.anna, "Лобби", amount=Decimal("1250000.50"), company=company, contact=contact)


def test_a_deal_as_its_row(cast, lobby, settings):
    settings.SITE_URL = "https://crm.snag.example"
    Deal.objects.filter(pk=lobby.pk).update(cost_estimate=1_000_000, paid_total=500_000)
    Card.objects.filter(pk=lobby.pk).update(
        next_step="Позвонить", next_step_at=datetime(2026, 11, 30, 9, 5, tzinfo=UTC), closed_at=None
    )
    (line,) = lines(cast.anna)
    said = {name: cell.value for name, cell in line.items()}
    assert list(said.values())[:7] == [
        lobby.number,
        "Лобби",
        "Гавань",
        "Марина",
        "Поступило ТЗ",
        "Анна Лебедева",
        1250000.5,
    ]
    assert said["Смета расхода"] == 1_000_000 and said["Оплачено"] == 500_000
    assert said["Прибыль факт"] == 750_000.5 and said["Закрыто"] is None
    assert said["Предварительная прибыль, проценты"] == pytest.approx(0.2000003)
    assert said["Прибыль факт, проценты"] == pytest.approx(0.6000002)
    assert said["Следующее дело"] == "Позвонить" and said["Срок следующего дела"] == datetime(2026, 11, 30, 12, 5)
    formats = {name: cell.number_format for name, cell in line.items()}
    assert formats["Смета дохода"] == '#,##0.00 "₽"' and formats["Прибыль факт, проценты"] == "0.0%"
    assert line["Создано"].is_date and line["На стадии с"].is_date
    for name, place in (("Папка", f"/files/of/{lobby.pk}/"), ("Карточка", f"/deals/{lobby.pk}/")):
        assert said[name] == line[name].hyperlink.target == f"https://crm.snag.example{place}", name
        assert signed_in(cast.anna).get(place).status_code < 400


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://evil.example";"да")', "=1+1", "+7 921", "-1", "@SUM(A1)", "{=1}", "https://evil.example", "internal:A1",
     "0012", "_x0041_", "a\tb\u0001\uffff", "mailto:a@b.example", "<b>&amp;</b>", "🛋️ ё"],
)  # fmt: skip
def test_what_people_type_stays_text(cast, lobby, text):
    Card.objects.filter(pk=lobby.pk).update(title=text, next_step=text)
    Company.objects.update(name=text)
    (line,) = lines(cast.anna)
    for name in ("Название", "Компания", "Следующее дело"):
        assert line[name].data_type in ("s", "inlineStr") and line[name].hyperlink is None
    if text.isprintable():
        assert unescape(line["Название"].value) == text


def test_a_moment_is_the_company_s(cast, lobby):
    Office.load()
    Card.objects.filter(pk=lobby.pk).update(created_at=datetime(2026, 11, 25, 20, 30, tzinfo=UTC))
    assert lines(cast.anna)[0]["Создано"].value == datetime(2026, 11, 25, 23, 30)
    office = Office.load()
    office.zone = "Asia/Vladivostok"
    office.save()
    assert lines(cast.anna)[0]["Создано"].value == datetime(2026, 11, 26, 6, 30)


def test_rows_are_those_of_the_list(cast):
    for n in range(60):
        deal(cast.anna, f"Сделка №{n:02}", amount=n)
    deal(cast.pavel, "Чужая")
    shared = deal(cast.pavel, "Показанная", amount=100)
    share(shared, cast.anna, cast.pavel)
    won = deal(cast.anna, "Отказ")
    take(won, "refuse", cast.anna, {"loss_reason": "price"})
    page = signed_in(cast.anna).get(reverse("boards:list", args=["project"]), {"q": "Сделка", "sort": "-title"})
    assert f'href="{reverse("boards:export", args=["project"])}?q=%D0%A1' in page.content.decode()

    assert titles(cast.anna) == titles(cast.anna, sort="-created") == titles(cast.anna, sort="created")[::-1]
    assert titles(cast.anna, sort="title") == ["Показанная", *(f"Сделка №{n:02}" for n in range(60))]
    assert titles(cast.anna, sort="-amount", page=2)[:2] == ["Показанная", "Сделка №59"]
    assert titles(cast.anna, mine="on", q="№05") == ["Сделка №05"]
    assert titles(cast.anna, closed="on", q="Отказ") == ["Отказ"] and titles(cast.anna, q="Отказ") == []
    assert titles(cast.pavel, sort="title") == ["Показанная", "Чужая"]
    assert len(titles(cast.irina, closed="on")) == 63


@pytest.mark.parametrize("slug", ["leads", "attraction", "reminder", "project", "expenses"])
def test_who_has_no_such_list_has_no_file_of_it(cast, slug):
    address = reverse("boards:export", args=[slug])
    for user in (cast.admin, *([] if slug == "expenses" else [cast.natalia])):
        assert signed_in(user).get(address).status_code == 404
    assert signed_in(cast.anna).get(reverse("boards:export", args=["nothing"])).status_code == 404
    assert not Export.objects.exists()


def test_a_lead_and_an_expense_as_their_rows(cast, lobby):
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Стол", person="Олег", firm="Двор", amount=7)
    (line,) = lines(cast.anna, "leads")
    said = {name: cell.value for name, cell in line.items()}
    assert list(said.values())[:5] == [lead.number, "Стол", "Двор", "Олег", "Телефон"]
    assert said["Карточка"].endswith(f"/leads/{lead.pk}/") and line["Поступило"].is_date

    due = date(2026, 12, 1)
    one = register(cast.anna, title="Свет", deal=lobby, company=lobby.company, amount=90, due_on=due)
    register(cast.anna, title="Аренда", amount=10)
    share(one, cast.pavel, cast.anna)
    rent, light = ({n: c.value for n, c in line.items()} for line in lines(cast.anna, "expenses"))
    assert list(light.values())[:4] == [one.number, "Свет", "Гавань", "Лобби"]
    assert light["Стадия"] == "Документы на оплату / доплату / уточнение"
    assert (light["К оплате"], light["Оплачено"], light["Осталось оплатить"]) == (90, 0, 90)
    assert light["Срок платежа"] == datetime(2026, 12, 1) and rent["Сделка"] == "Без сделки"
    (unseen,) = lines(cast.pavel, "expenses")
    assert unseen["Сделка"].value is None
    assert [line["Сделка"].value for line in lines(cast.natalia, "expenses")] == ["Без сделки", "Лобби"]


def test_the_file_is_named_and_who_took_it_is_remembered(cast, lobby, time_machine):
    time_machine.move_to(datetime(2026, 11, 25, 21, 5, tzinfo=UTC))
    deal(cast.anna, "Бар")
    answer, _sheet = taken(cast.anna, q="Бар", sort="title")
    name = quote("Процесс работы менеджера проекта 2026-11-26.xlsx")
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"
    kept = Export.objects.get()
    assert (kept.pipeline, kept.rows, kept.by) == ("project", 1, cast.anna)
    head = signed_in(cast.anna).head(reverse("boards:export", args=["project"]))
    assert head.status_code == 200 and int(head["Content-Length"]) > 4000 and Export.objects.count() == 1

    log = {who: signed_in(who).get(reverse("office:exports")).content.decode() for who in (cast.irina, cast.admin)}
    for text in log.values():
        assert "Анна Лебедева" in text and "Процесс работы менеджера проекта" in text
    assert kept.query and kept.query in log[cast.irina].replace("&amp;", "&") and "%D0%91" not in log[cast.admin]


@pytest.mark.parametrize("cards", [1, 30])
def test_it_takes_the_same_statements_for_any_number_of_cards(cast, cards):
    for n in range(cards):
        card = deal(
            cast.anna, f"Сделка {n}", amount=10, company=Company.objects.create(name=f"Дом {n}", owner=cast.anna)
        )
        register(cast.anna, title=f"Свет {n}", deal=card, amount=1)
        receive("phone", by=cast.anna, owner=cast.anna, title=f"Стол {n}")
    client = signed_in(cast.anna)
    for slug in ("project", "expenses", "leads"):
        address = reverse("boards:export", args=[slug])
        client.get(address)
        with CaptureQueriesContext(connection) as said:
            assert client.get(address).status_code == 200
        # The session, the person, the cards, the trace.
        assert len(said) == 4, [q["sql"] for q in said]
    assert Export.objects.last().rows == cards


def test_past_what_excel_links_addresses_are_plain(cast, lobby, monkeypatch):
    monkeypatch.setattr(export, "LINKED_ROWS", 1)
    deal(cast.anna, "Бар")
    for name in ("Папка", "Карточка"):
        first, second = (line[name] for line in lines(cast.anna))
        assert first.hyperlink.target == first.value and second.hyperlink is None and second.value.startswith("http")

"""Activities in every view: only what may be seen, filters, drags, and the same statements for any number of rows."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.utils import timezone

from crm.activities.models import Task
from crm.activities.verbs import add, finish
from crm.cards.verbs import share
from crm.office.calendar import company_zone

pytestmark = pytest.mark.django_db
WEEK = {"start": "2026-11-23T00:00:00", "end": "2026-11-30T00:00:00"}


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=company_zone()), tick=True):
        yield


@pytest.fixture
def anna(cast, enter):
    return enter(cast.anna)


def at(day, hour=12):
    return datetime(2026, 11, day, hour, tzinfo=company_zone())


def shown(client, **query):
    return client.get("/activities/events/?" + urlencode(WEEK | query)).json()


def test_a_week_of_the_calendar(cast, deal, anna):
    add(deal, cast.anna, kind="meeting", title="Встреча", due_at=at(25, 15), duration=90)
    add(deal, cast.anna, title="Смета", due_at=at(26, 18), all_day=True)
    add(deal, cast.anna, title="Через неделю", due_at=at(30))
    finish(add(deal, cast.anna, title="Сделанное", due_at=at(24, 9)), cast.anna)
    found = {e["title"]: e for e in shown(anna)["events"]}
    assert set(found) == {"Встреча", "Смета", "Сделанное"}
    assert (found["Встреча"]["start"], found["Встреча"]["end"]) == ("2026-11-25T15:00:00", "2026-11-25T16:30:00")
    assert found["Смета"]["allDay"] and found["Смета"]["start"] == "2026-11-26"
    assert found["Сделанное"]["classNames"] == ["ev--done"] and not found["Сделанное"]["editable"]
    assert shown(anna)["off"] == ["2026-11-28", "2026-11-29"]
    bar = next(e for e in shown(anna, bars=1)["events"] if e["title"] == "Смета")
    assert (bar["start"], bar["end"]) == ("2026-11-24", "2026-11-27")
    assert shown(anna, bars=1)["rows"] == [{"id": f"card-{deal.pk}", "title": "Лобби"}]


def test_only_what_may_be_seen_and_only_the_workable_moves(cast, deal, enter):
    add(deal, cast.anna, title="Тайное", due_at=at(25), participants=[])
    for whose in ("", "all"):
        assert shown(enter(cast.pavel), whose=whose)["events"] == []
    share(deal, cast.pavel, cast.anna)
    assert shown(enter(cast.pavel))["events"] == []
    (event,) = shown(enter(cast.pavel), whose="all")["events"]
    assert event["title"] == "Тайное" and not event["editable"]
    for page in ("", "due/"):
        assert "Тайное" in enter(cast.pavel).get(f"/activities/{page}?whose=all").content.decode()
        assert "Тайное" not in enter(cast.pavel).get(f"/activities/{page}").content.decode()


@pytest.mark.parametrize("query", [{}, {"start": "x"}, {"end": "2029-01-01T00:00:00"}, {"start": "0001-01-01T00:00"}])
def test_a_window_that_is_none_is_refused(cast, anna, query):
    assert anna.get("/activities/events/?" + urlencode((WEEK if query else {}) | query)).status_code == 400


def test_a_drag_keeps_the_hour_and_a_resize_the_length(cast, deal, anna):
    task = add(deal, cast.anna, kind="meeting", title="Встреча", due_at=at(25, 15), remind=[15])
    assert (
        anna.post(f"/tasks/{task.pk}/dates/", {"day": "2026-11-27", "time": "10:30", "duration": "60"}).status_code
        == 204
    )
    task.refresh_from_db()
    assert (task.due_at, task.duration, task.all_day) == (at(27, 10) + timedelta(minutes=30), 60, False)
    assert task.reminders.get().at == task.due_at - timedelta(minutes=15)
    assert anna.post(f"/tasks/{task.pk}/dates/", {"day": "2026-11-28", "time": ""}).status_code == 204
    task.refresh_from_db()
    assert task.all_day and task.duration == 60
    assert anna.post(f"/tasks/{task.pk}/dates/", {"day": ""}).status_code == 422


def test_columns_by_date(cast, deal, anna):
    for title, due in (
        ("Вчера", at(23)),
        ("Днём", at(24, 15)),
        ("Среда", at(25)),
        ("Пятница", at(27)),
        ("Декабрь", None),
    ):
        add(deal, cast.anna, title=title, due_at=due)
    text = anna.get("/activities/due/").content.decode()
    found = {
        span: text.split(f'id="cards-{span}"')[1].split("</section>")[0]
        for span in ("late", "today", "tomorrow", "week", "none")
    }
    for span, title in (
        ("late", "Вчера"),
        ("today", "Днём"),
        ("tomorrow", "Среда"),
        ("week", "Пятница"),
        ("none", "Декабрь"),
    ):
        assert title in found[span], span


def test_filters(cast, deal, anna):
    add(deal, cast.anna, kind="call", title="Звонок Марине", due_at=at(23))
    add(deal, cast.anna, kind="task", title="Смета", due_at=at(26), owner=cast.irina, participants=[cast.anna])
    finish(add(deal, cast.anna, title="Замер", due_at=at(24)), cast.anna)

    def listed(query):
        text = anna.get(f"/activities/?{query}").content.decode()
        return {t for t in ("Звонок Марине", "Смета", "Замер") if t in text}

    assert listed("") == {"Звонок Марине", "Смета"}
    assert listed("kind=call") == listed("state=late") == listed("q=марине") == {"Звонок Марине"}
    assert listed("state=done") == {"Замер"} and listed("pipeline=leads") == set()
    assert listed("q=лобби") == {"Звонок Марине", "Смета"}
    for junk in ("kind=x", "owner=x", "page=-1", "page=9999999999999", "q=%00", "state=x", "pipeline=x", "whose=x"):
        assert anna.get(f"/activities/?{junk}").status_code == 200


def test_the_boards_span_view_moves_the_next_step(cast, deal, anna):
    add(deal, cast.anna, title="Смета", due_at=at(25))
    text = anna.get("/boards/project/due/").content.decode()
    assert "Лобби" in text.split('id="cards-tomorrow"')[1].split("</section>")[0]
    assert anna.post(f"/cards/{deal.pk}/steps/", {"to": "next"}).status_code == 204
    card = anna.get(f"/boards/project/due/cards/{deal.pk}/").content.decode()
    assert 'data-stage="next"' in card and 'id="head-next"' in card
    assert anna.get("/boards/project/due/next/?shown=0").content.decode().count('class="board-card"') == 1
    assert anna.get("/boards/project/due/nowhere/").status_code == 404


EVENTS = "/activities/events/?" + urlencode(WEEK | {"whose": "all"})


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize(
    ("page", "most"),
    [("/activities/?whose=all", 6), ("/activities/due/?whose=all", 8), (EVENTS, 5), (f"{EVENTS}&bars=1", 5),
     ("/boards/project/due/", 8)],
)  # fmt: skip
def test_the_same_statements_for_any_number_of_rows(cast, anna, django_assert_max_num_queries, page, most, rows):
    from crm.clients.models import Company
    from crm.pipelines.moves import open_card
    from deals.models import Project

    for n in range(rows):
        company = Company.objects.create(name=f"Компания {n}", owner=cast.anna)
        card = open_card(Project, by=cast.anna, owner=cast.anna, title=f"Сделка {n}", company=company)
        add(card, cast.anna, title=f"Дело {n}", due_at=timezone.now() + timedelta(hours=n - 3), owner=cast.irina)
    anna.get(page)
    with django_assert_max_num_queries(most):
        assert anna.get(page).status_code == 200
    assert Task.objects.count() == rows


def test_from_a_pipelines_calendar_one_comes_back_to_its_board(cast, enter):
    """With the filter, and only where there is a board for this person."""
    for view in ("calendar", "gantt"):
        path = f"/activities/{view}/?pipeline=reminder&whose=all&client=Лобби"
        page = enter(cast.anna).get(path).content.decode()
        assert 'href="/boards/reminder/?client=%D0%9B%D0%BE%D0%B1%D0%B1%D0%B8"' in page
        assert "/boards/reminder/" not in enter(cast.natalia).get(path).content.decode()
        assert "/boards/reminder/" not in enter(cast.anna).get(f"/activities/{view}/").content.decode()

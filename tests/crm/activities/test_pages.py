"""Activities over HTTP: planned and logged in two clicks, done with the next step at hand, never lost, never others'."""

import json
import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from crm.activities.models import Comment, Task
from crm.activities.verbs import add, finish
from crm.cards.models import Event
from crm.cards.verbs import share
from crm.office.calendar import company_zone

from .conftest import soon, step


def said(answer):
    return json.loads(answer["HX-Trigger"])


@pytest.fixture
def anna(cast, enter):
    return enter(cast.anna)


@pytest.fixture
def thursday(db):
    with time_machine.travel(datetime(2026, 11, 26, 12, tzinfo=company_zone()), tick=True):
        yield


def test_two_clicks_plan_a_call(thursday, cast, deal, anna):
    shown = anna.get(f"/cards/{deal.pk}/tasks/")
    assert shown.status_code == 200 and 'value="tomorrow"' in shown.content.decode()
    answer = anna.post(
        f"/cards/{deal.pk}/tasks/",
        {"title": "", "kind": "call", "when": "tomorrow", "owner": cast.anna.pk, "remind": "15"},
    )
    assert answer.status_code == 204 and said(answer)["card-changed"] == {"id": deal.pk}
    task = Task.objects.get()
    local = task.due_at.astimezone(company_zone())
    assert (task.title, f"{local:%d.%m %H:%M}", task.all_day) == ("Звонок", "27.11 18:00", True)
    assert step(deal)[0] == "Звонок" and task.reminders.count() == 1


@pytest.mark.parametrize(("when", "found"), [("today", "26.11"), ("three", "30.11"), ("week", "03.12")])
def test_quick_dates(thursday, cast, deal, anna, when, found):
    anna.post(f"/cards/{deal.pk}/tasks/", {"title": "", "kind": "call", "when": when, "owner": cast.anna.pk})
    assert f"{Task.objects.get().due_at.astimezone(company_zone()):%d.%m}" == found


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2150-01-11", "верен ли год"),
        ("9999-12-31", "верен ли год"),
        ("0001-01-01", "верен ли год"),
        ("2028-11-20", ""),
    ],
)
def test_a_year_that_was_mistyped_is_asked_about(thursday, cast, deal, anna, date, words):
    typed = {"title": "Смета", "kind": "call", "day": date, "owner": cast.anna.pk}
    answer = anna.post(f"/cards/{deal.pk}/tasks/", typed)
    assert words in answer.content.decode() and Task.objects.exists() is not bool(words)


def test_what_is_wrong_is_said_and_what_was_typed_stays(cast, deal, anna):
    url = f"/cards/{deal.pk}/tasks/"
    nowhen = anna.post(url, {"title": "Спросить о ткани", "kind": "call", "owner": cast.anna.pk})
    assert nowhen.status_code == 422 and "Спросить о ткани" in nowhen.content.decode()
    good = {"title": "", "kind": "call", "when": "tomorrow", "owner": cast.anna.pk}
    for junk in ({"kind": "dance"}, {"owner": "x"}, {"when": "never"}, {"duration": "-5"}, {"repeat": "FREQ=SECONDLY"},
                 {"time": "25:99"}, {"when": "", "day": "0001-01-01"}):  # fmt: skip
        assert anna.post(url, good | junk).status_code == 422, junk
    assert not Task.objects.exists()


def test_an_executor_must_see_the_card(cast, deal, anna):
    url, typed = f"/cards/{deal.pk}/tasks/", {"title": "", "kind": "call", "when": "tomorrow", "owner": cast.pavel.pk}
    refused = anna.post(url, typed)
    assert refused.status_code == 422 and "не видит карточку" in refused.content.decode()
    assert anna.post(url, typed | {"owner": cast.anna.pk, "participants": cast.pavel.pk}).status_code == 422
    share(deal, cast.pavel, cast.anna)
    assert anna.post(url, typed).status_code == 204


def test_two_clicks_log_a_contact_and_offer_the_next_step(cast, deal, anna):
    url, key = f"/cards/{deal.pk}/contacts/", str(uuid4())
    for _twice in range(2):
        answer = anna.post(url, {"kind": "message", "text": "Ждут образцы", "key": key})
        assert answer.status_code == 200 and "data-dialog" in answer.content.decode()
    assert Event.objects.filter(kind="touch", data__kind="message").count() == 1
    add(deal, cast.anna, title="Звонок", due_at=soon())
    assert anna.post(url, {"kind": "call"}).status_code == 204
    assert anna.post(url, {"kind": "note"}).status_code == anna.post(url, {"kind": "fax"}).status_code == 422
    assert anna.post(url, {"kind": "note", "text": "Любит дуб"}).status_code == 204
    assert Event.objects.filter(kind="note").count() == 1


def test_the_last_one_done_offers_the_next_step(cast, deal, anna):
    task = add(deal, cast.anna, kind="call", title="Звонок", due_at=soon())
    asked = anna.get(f"/tasks/{task.pk}/completions/").content.decode()
    assert "Что дальше" in asked and 'name="touched"' in asked
    answer = anna.post(
        f"/tasks/{task.pk}/completions/",
        {
            "answering": "1",
            "result": "Просят скидку",
            "touched": "on",
            "kind": "letter",
            "title": "",
            "when": "tomorrow",
        },
    )
    assert answer.status_code == 204
    assert step(deal)[0] == "Письмо" and Event.objects.get(kind="touch").data["text"] == "Просят скидку"


def test_the_next_step_may_be_skipped(cast, deal, anna):
    task = add(deal, cast.anna, title="Смета", due_at=soon())
    ticked = anna.post(f"/tasks/{task.pk}/completions/")
    assert ticked.status_code == 200 and "data-dialog" in ticked.content.decode() and said(ticked)["toast"]["undo"]
    assert anna.post(said(ticked)["toast"]["undo"]).status_code == 204
    assert step(deal)[0] == "Смета"
    assert anna.post(f"/tasks/{task.pk}/completions/", {"answering": "1"}).status_code == 204
    assert step(deal) == ("", None) and not Event.objects.filter(kind="touch").exists()


def test_not_the_last_one_asks_nothing(cast, deal, anna):
    task = add(deal, cast.anna, title="Смета", due_at=soon())
    add(deal, cast.anna, title="Ещё", due_at=soon(days=3))
    assert "Что дальше" not in anna.get(f"/tasks/{task.pk}/completions/").content.decode()
    assert anna.post(f"/tasks/{task.pk}/completions/").status_code == 204


def test_dropped_into_a_span(thursday, cast, deal, anna):
    task = add(deal, cast.anna, title="Смета", due_at=timezone.now().replace(minute=0) + timedelta(hours=3))
    url = f"/tasks/{task.pk}/spans/"
    for to, found in (
        ("tomorrow", "27.11 15:00"),
        ("next", "30.11 15:00"),
        ("later", "07.12 15:00"),
        ("today", "26.11 15:00"),
    ):
        assert anna.post(url, {"to": to}).status_code == 204
        task.refresh_from_db()
        assert f"{task.due_at.astimezone(company_zone()):%d.%m %H:%M}" == found
    for to in ("late", "week", "junk", ""):
        assert anna.post(url, {"to": to}).status_code == 409, to
    assert anna.post(url, {"to": "none"}).status_code == 204 and step(deal) == ("", None)


def test_a_card_dropped_into_a_span_moves_its_step_or_asks_for_one(thursday, cast, deal, anna):
    url = f"/cards/{deal.pk}/steps/"
    asked = anna.post(url, {"to": "tomorrow"})
    assert asked.status_code == 422 and 'value="2026-11-27"' in asked.content.decode()
    task = add(deal, cast.anna, title="Смета", due_at=soon(days=9))
    assert anna.post(url, {"to": "tomorrow"}).status_code == 204
    task.refresh_from_db()
    assert task.due_at.astimezone(company_zone()).day == 27 and step(deal)[1] == task.due_at


def test_all_of_an_activity_is_shown_changed_and_talked_about(cast, deal, anna, enter):
    task = add(deal, cast.anna, title="Замер", due_at=soon(), place="Московский пр., 111", participants=[cast.irina])
    text = anna.get(f"/tasks/{task.pk}/").content.decode()
    assert "Московский пр., 111" in text and "Ирина Снегирёва" in text
    typed = {"title": "Замер холла", "kind": "meeting", "owner": cast.anna.pk, "day": "2026-12-03", "time": "10:30",
             "duration": 90, "repeat": "FREQ=WEEKLY", "checklist": "рулетка\nплан", "remind": ["15", "60"]}  # fmt: skip
    assert anna.get(f"/tasks/{task.pk}/edit/").status_code == 200
    assert anna.post(f"/tasks/{task.pk}/edit/", typed | {"title": "x" * 301}).status_code == 422
    assert anna.post(f"/tasks/{task.pk}/edit/", typed).status_code == 204
    task.refresh_from_db()
    assert (task.title, task.duration, task.progress, task.reminders.count()) == ("Замер холла", 90, (0, 2), 2)
    assert str(task.repeat_from) == "2026-12-03" and not task.participants.exists()
    assert anna.post(f"/tasks/{task.pk}/comments/", {"text": ""}).status_code == 422
    assert (
        "<b>"
        not in anna.post(f"/tasks/{task.pk}/comments/", {"text": "<b>План</b> у Орловой"})
        .content.decode()
        .split("task-talk__one")[1]
        .split("</p>")[1]
    )
    assert Comment.objects.get().author == cast.anna
    assert anna.post(f"/tasks/{task.pk}/cancellations/").status_code == 204 and step(deal) == ("", None)
    assert anna.post(f"/tasks/{task.pk}/reopenings/").status_code == 204 and step(deal)[0] == "Замер холла"
    pavel = enter(cast.pavel)
    for verb in ("", "edit/", "comments/", "cancellations/", "dates/", "spans/", "completions/"):
        assert pavel.post(f"/tasks/{task.pk}/{verb}", {"text": "x", "to": "today"}).status_code in (404, 405)


def test_the_feed_tells_where_it_was_moved(cast, deal, anna):
    task = add(deal, cast.anna, title="Смета", due_at=soon())
    assert anna.post(f"/tasks/{task.pk}/dates/", {"day": "2027-01-12", "time": "11:00"}).status_code == 204
    text = anna.get(f"/deals/{deal.pk}/").content.decode()
    assert "задача перенесена «Смета»" in text and "12 янв 2027, 11:00" in text


@pytest.mark.parametrize("way", ["dates", "spans", "steps"])
def test_a_moved_activity_says_where_to_and_comes_back(cast, deal, anna, way):
    """By its dialog or a drag in a calendar, dropped in «Сроки» itself or with its card (R-024, C-6)."""
    was = soon(days=1).replace(microsecond=0)
    task = add(deal, cast.anna, title="Смета", due_at=was)
    at = f"/cards/{deal.pk}/steps/" if way == "steps" else f"/tasks/{task.pk}/{way}/"
    moved = anna.post(at, {"day": "2027-01-12", "time": "11:00"} if way == "dates" else {"to": "later"})
    toast = json.loads(moved.headers["HX-Trigger"])["toast"]
    task.refresh_from_db()
    assert toast["text"].startswith("Перенесено на ") and toast["text"].endswith(": Смета") and task.due_at != was
    assert anna.post(toast["undo"]).status_code == 204
    task.refresh_from_db()
    assert (task.due_at, task.all_day) == (was, False)


def test_too_late_to_put_back(cast, deal, anna):
    task = add(deal, cast.anna, title="Смета", due_at=soon())
    anna.post(f"/tasks/{task.pk}/dates/", {"day": "2027-01-12", "time": "11:00"})
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert anna.post(f"/tasks/{task.pk}/returns/").status_code == 409


def test_what_others_have_moved_since_stays(cast, deal, anna, enter):
    task = add(deal, cast.anna, title="Смета", due_at=soon())
    undo = f"/tasks/{task.pk}/returns/"
    assert anna.post(undo).status_code == 409
    anna.post(f"/tasks/{task.pk}/dates/", {"day": "2027-01-12", "time": "11:00"})
    enter(cast.irina).post(f"/tasks/{task.pk}/dates/", {"day": "2027-01-13", "time": "11:00"})
    assert anna.post(undo).status_code == 409 and enter(cast.pavel).post(undo).status_code == 404
    same = anna.post(f"/tasks/{task.pk}/dates/", {"day": "2027-01-13", "time": "11:00"})
    assert "toast" not in json.loads(same.headers["HX-Trigger"])


def test_two_people_do_not_overwrite_each_others_activity(cast, deal, anna):
    task = add(deal, cast.anna, title="Звонок", kind="call", due_at=soon())
    url = f"/tasks/{task.pk}/edit/"
    form = dict(re.findall(r'name="(seen|day|time)"[^>]*value="([^"]*)"', anna.get(url).content.decode()))
    typed = form | {"title": "Звонок", "kind": "call", "owner": cast.anna.pk}
    assert anna.post(url, typed | {"place": "У клиента"}, headers={"HX-Request": "true"}).status_code == 204
    late = anna.post(url, typed | {"text": "О ткани"}, headers={"HX-Request": "true"})
    page = late.content.decode()
    assert late.status_code == 422 and "тем временем изменили" in page and "О ткани" in page
    assert Task.objects.get().place == "У клиента"
    typed["seen"] = re.search(r'name="seen"[^>]*value="([^"]*)"', page)[1]
    assert anna.post(url, typed | {"text": "О ткани"}, headers={"HX-Request": "true"}).status_code == 204


def test_a_comment_sent_twice_is_said_once(cast, deal, anna):
    task = add(deal, cast.anna, title="Звонок", kind="call", due_at=soon())
    said_once = {"text": "Занято", "key": uuid4()}
    for _twice in range(2):
        anna.post(f"/tasks/{task.pk}/comments/", said_once)
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("what", ["completions", "edit"])
def test_what_is_typed_about_an_activity_that_somebody_closed_meanwhile_is_not_lost(cast, deal, enter, what):
    task = add(deal, cast.anna, title="Позвонить", due_at=soon())
    finish(task, cast.irina, "Не берут трубку")
    body = {"result": "Просят смету", "title": "Просят смету", "kind": "call", "owner": cast.anna.pk, "answering": "1"}
    answer = enter(cast.anna).post(f"/tasks/{task.pk}/{what}/", body | {"day": f"{soon():%Y-%m-%d}"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Просят смету" in page and "уже закрыто" in page
    task.refresh_from_db()
    assert (task.done_by, task.result, task.title) == (cast.irina, "Не берут трубку", "Позвонить")

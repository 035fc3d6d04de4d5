"""The rhythm in the browser's own words: put off in two clicks from the board, changed, ended by a request (R-234 to R-239)."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from crm.activities.models import Task
from crm.activities.verbs import reschedule
from crm.office.calendar import add_working_days, company_date
from crm.pipelines.moves import open_card, take
from deals.models import Deal, Project, Reminder, Turn

from .test_rhythm import ANSWERS, fresh, opened

HTMX = {"HX-Request": "true"}


@pytest.fixture
def deal(cast):
    deal = open_card(Reminder, by=cast.anna, owner=cast.anna, title="Клиника", source="referral")
    take(deal, "schedule", cast.anna, ANSWERS)
    return fresh(deal)


@pytest.fixture
def anna(cast):
    client = Client()
    client.force_login(cast.anna, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_put_off_by_a_week_from_the_board(cast, deal, anna):
    """R-236: the board's step opens the channels, a button there moves one of them."""
    board = anna.get("/boards/reminder/").content.decode()
    assert 'data-plan-url="/deals/{id}/turns/"' in board
    dialog = anna.get(f"/deals/{deal.pk}/turns/", headers=HTMX).content.decode()
    call = opened(deal, "call")
    assert dialog.count("+1 нед") == 2 and "не нужно" in dialog and f"/deals/turns/{call.pk}/shifts/" in dialog
    before = company_date(call.task.due_at)
    assert anna.post(f"/deals/turns/{call.pk}/shifts/", {"by": "week"}, headers=HTMX).status_code == 204
    after = company_date(Task.objects.get(pk=call.task_id).due_at)
    assert after == add_working_days(before + timedelta(days=7), 0)
    sent = {"by": "week", "key": uuid4()}
    for _twice in range(2):
        assert anna.post(f"/deals/turns/{call.pk}/shifts/", sent, headers=HTMX).status_code == 204
    again = company_date(Task.objects.get(pk=call.task_id).due_at)
    assert again == add_working_days(after + timedelta(days=7), 0)
    assert anna.post(f"/deals/turns/{call.pk}/shifts/", {"by": "century"}, headers=HTMX).status_code == 404


def test_a_week_more_is_taken_back(cast, deal, anna):
    """R-236: the toast has the way back, as long as nothing came between."""
    call = opened(deal, "call")
    shift = lambda: anna.post(f"/deals/turns/{call.pk}/shifts/", {"by": "week"}, headers=HTMX)  # noqa: E731
    back = json.loads(shift()["HX-Trigger"])["toast"]["undo"]
    assert anna.post(back, headers=HTMX).status_code == 204
    assert Task.objects.get(pk=call.task_id).due_at == call.task.due_at
    shift()
    reschedule(Task.objects.get(pk=call.task_id), call.task.due_at, cast.irina)
    assert anna.post(back, headers=HTMX).status_code == 409


def test_waiting_for_its_day_is_not_being_stuck(cast, deal, anna):
    """R-237: cards of the columns that dates move show no red days, those that wait for the agreement do."""
    new = open_card(Reminder, by=cast.anna, owner=cast.anna, title="Школа")
    Deal.objects.update(stage_since=timezone.now() - timedelta(days=90))
    board = anna.get("/boards/reminder/").content.decode()
    card = lambda pk: board[board.index(f'id="card-{pk}"') :].partition("</article>")[0]  # noqa: E731
    assert "days--long" not in card(deal.pk) and "days--long" in card(new.pk)


def test_the_rhythm_is_changed_on_the_card(cast, deal, anna):
    page = anna.get(f"/deals/{deal.pk}/").content.decode()
    assert "Ритм напоминаний" in page and "Пришла заявка" in page
    form = anna.get(f"/deals/{deal.pk}/rhythms/", headers=HTMX).content.decode()
    assert 'value="4"' in form
    wrong = anna.post(f"/deals/{deal.pk}/rhythms/", {**ANSWERS, "letter_times": 0, "call_times": 0}, headers=HTMX)
    assert wrong.status_code == 422 and "все три" in wrong.content.decode()
    post = {**ANSWERS, "letter_times": 0, "key": uuid4(), "version": deal.version}
    assert anna.post(f"/deals/{deal.pk}/rhythms/", post, headers=HTMX).status_code == 204
    assert not Turn.objects.filter(channel="letter", task__state="open").exists()
    stale = anna.post(f"/deals/{deal.pk}/rhythms/", {**ANSWERS, "version": deal.version}, headers=HTMX)
    assert stale.status_code == 422 and "изменил" in stale.content.decode()


def test_a_request_begins_one_project_and_the_reminding_goes_on(cast, deal, anna):
    """R-239: sent twice it begins one."""
    post = {"request": "Столы и стулья", "key": uuid4()}
    for _n in range(2):
        answer = anna.post(f"/deals/{deal.pk}/requests/", post, headers=HTMX)
        made = Project.objects.get(pipeline="project")
        assert answer["HX-Redirect"] == made.get_absolute_url()
    assert (made.brief, made.owner, made.source) == ("Столы и стулья", cast.anna, "referral")
    assert fresh(deal).is_open and deal.links.get().target_id == made.pk
    assert anna.post(f"/deals/{deal.pk}/requests/", {"request": ""}, headers=HTMX).status_code == 422


def test_other_deals_have_no_rhythm(cast, anna):
    project = open_card(Project, by=cast.anna, owner=cast.anna, title="Заказ")
    for name in ("turns", "rhythms", "requests"):
        assert anna.get(f"/deals/{project.pk}/{name}/").status_code == 404
    assert "Ритм напоминаний" not in anna.get(f"/deals/{project.pk}/").content.decode()
    assert Deal.objects.count() == 1

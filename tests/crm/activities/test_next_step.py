"""The next step of a card: kept on the card by everything that is done with activities (R-253)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from crm.activities.models import Task
from crm.activities.next_step import lacks_step
from crm.activities.verbs import Unseen, add, cancel, edit, finish, reopen, reschedule
from crm.cards import steps
from crm.cards.models import Card, Event
from crm.cards.verbs import hand_over, share
from crm.jinja import day
from crm.office.models import office
from crm.pipelines.declare import of
from crm.pipelines.moves import open_card, take
from deals.models import Attraction
from leads.intake import receive

from .conftest import soon, step


def test_every_verb_keeps_it(cast, deal):
    near, far = soon(), soon(days=5)
    later = add(deal, cast.anna, title="Позже", due_at=far)
    assert step(deal) == ("Позже", far)
    call = add(deal, cast.anna, title="Звонок", due_at=near)
    assert step(deal) == ("Звонок", near)
    reschedule(call, soon(days=9), cast.anna)
    assert step(deal) == ("Позже", far)
    finish(later, cast.anna)
    assert step(deal)[0] == "Звонок"
    reopen(later, cast.anna)
    assert step(deal)[0] == "Позже"
    cancel(later, cast.anna)
    assert step(deal)[0] == "Звонок"
    reschedule(call, None, cast.anna)
    assert step(deal) == ("", None) and lacks_step(deal)
    fields = {"title": "Встреча", "due_at": near, "owner": cast.anna}
    edit(call, cast.anna, **fields)
    assert step(deal) == ("Встреча", near) and not lacks_step(deal)


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (None, "none"),
        ("2026-11-24T08:19:00", "late"),
        ("2026-11-24T15:00:00", "today"),
        ("2026-11-24T20:59:00", "today"),
        ("2026-11-24T21:01:00", "later"),
    ],
)
def test_four_states_by_the_companys_clock(db, at, found):
    now = datetime(2026, 11, 24, 8, 20, tzinfo=UTC)
    moment = at and datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert steps.state(moment, now) == found


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2026-11-26T10:00", "late"),
        ("2026-11-26T19:00", "today"),
        ("2026-11-27T09:00", "tomorrow"),
        ("2026-11-28T09:00", "week"),
        ("2026-11-30T09:00", "next"),
        ("2026-12-06T23:00", "next"),
        ("2026-12-07T00:30", "later"),
    ],
)
def test_spans_of_a_thursday(cast, deal, at, found):
    from crm.office.calendar import company_zone

    now = datetime(2026, 11, 26, 12, tzinfo=company_zone())
    moment = datetime.fromisoformat(at).replace(tzinfo=company_zone())
    assert steps.span(moment, now) == found
    Card.objects.filter(pk=deal.pk).update(next_step_at=moment)
    holding = [name for name in steps.SPANS if Card.objects.filter(steps.inside(name, now)).exists()]
    assert holding == [found] and steps.spanned(Card.objects, now).get().span == found


def test_sunday_has_no_rest_of_the_week(db):
    from crm.office.calendar import company_zone

    sunday = datetime(2026, 11, 29, 12, tzinfo=company_zone())
    assert steps.day_in("week", sunday) is None
    assert steps.day_in("tomorrow", sunday).isoformat() == "2026-11-30"
    assert steps.day_in("next", sunday).isoformat() == "2026-12-01"
    assert steps.day_in("later", sunday).isoformat() == "2026-12-07"
    spans = list(steps.cuts(sunday).values())
    assert [end for _start, end in spans[:-1]] == [start for start, _end in spans[1:]]
    assert all(start is None or end is None or start <= end for start, end in spans)


def test_only_those_who_see_the_card_are_named(cast, deal):
    with pytest.raises(Unseen):
        add(deal, cast.anna, title="Звонок", due_at=soon(), owner=cast.pavel)
    with pytest.raises(Unseen):
        add(deal, cast.anna, title="Звонок", due_at=soon(), participants=[cast.pavel])
    with pytest.raises(PermissionDenied):
        add(deal, cast.pavel, title="Звонок", due_at=soon())
    assert not Task.objects.exists()
    share(deal, cast.pavel, cast.anna)
    task = add(deal, cast.anna, title="Звонок", due_at=soon(), owner=cast.pavel)
    assert Task.objects.workable_by(cast.pavel).get() == task


def test_seeing_a_card_is_not_doing_others_tasks(cast, deal):
    share(deal, cast.pavel, cast.anna)
    add(deal, cast.anna, title="Звонок", due_at=soon())
    assert Task.objects.visible_to(cast.pavel).exists() and not Task.objects.workable_by(cast.pavel).exists()


def test_tasks_follow_the_card_to_its_new_owner(cast, deal):
    mine = add(deal, cast.anna, title="Звонок", due_at=soon())
    done = add(deal, cast.anna, title="Письмо", due_at=soon())
    irinas = add(deal, cast.anna, title="Решить", due_at=soon(), owner=cast.irina)
    finish(done, cast.anna)
    hand_over(deal, cast.pavel, cast.anna)
    owners = dict(Task.objects.values_list("title", "owner__name"))
    assert owners == {mine.title: "Павел Жуков", done.title: "Анна Лебедева", irinas.title: "Ирина Снегирёва"}


def test_done_with_a_touch_moves_the_deal(cast):
    """R-216: a call that was held is a touch; one that was only ticked off is not."""
    card = open_card(Attraction, by=cast.anna, owner=cast.anna, title="Сеть кафе")
    take(card, "search", by=cast.anna, answers={})
    take(card, "find", by=cast.anna, answers={})
    silent = add(card, cast.anna, kind="call", title="Звонок", due_at=soon())
    finish(silent, cast.anna)
    assert Card.objects.get(pk=card.pk).stage == "found"
    held = add(card, cast.anna, kind="call", title="Звонок", due_at=soon())
    finish(held, cast.anna, "Договорились", touched=True)
    assert Card.objects.get(pk=card.pk).stage != "found"
    assert Event.objects.get(kind="touch").data["text"] == "Договорились"


def test_finish_plans_what_is_next_once(cast, deal):
    task = add(deal, cast.anna, title="Звонок", due_at=soon())
    then = {"kind": "meeting", "title": "Встреча", "due_at": soon(days=3), "owner": cast.anna}
    finish(task, cast.anna, then=then)
    finish(task, cast.anna, then=then)
    assert step(deal)[0] == "Встреча" and Task.objects.count() == 2


def test_a_closed_card_lacks_nothing(cast, deal):
    assert lacks_step(deal)
    Card.objects.filter(pk=deal.pk).update(closed_at=timezone.now())
    deal.refresh_from_db()
    assert not lacks_step(deal)


def test_a_lead_that_goes_on_by_itself_owes_no_step(cast, enter):
    """Its work is in the deal, and on its day the system moves it (R-114, R-253); a lead under discussion still owes one."""

    def lead(title):
        made = receive("phone", by=cast.anna, owner=cast.anna, title=title, source="referral", may_refer=True)
        take(made, "discuss", cast.anna)
        return made

    lead("Обсуждаемый"), take(lead("Готовый"), "convert", cast.anna, {"has_brief": "yes"})
    Task.objects.all().delete()
    Card.objects.update(next_step_at=None, next_step="")
    ready = Card.objects.get(title="Готовый", pipeline="leads")
    client, on = enter(cast.anna), day(ready.stage_since + timedelta(days=office().lead_archive_days))
    goal = of("leads").stages["saved"].label
    found = client.get("/boards/leads/?step=none").content.decode()
    assert "Обсуждаемый" in found and "Готовый" not in found
    board = client.get("/boards/leads/").content.decode()
    card = board[board.index(f'id="card-{ready.pk}"') :].partition("</article>")[0]
    assert "step--later" in card and f"<b>{on}</b>" in card and f"перейдёт в «{goal}»" in card
    bare = client.get("/day/").content.decode().partition("Нет следующего дела")[2]
    assert "Обсуждаемый" in bare and f'id="wait-{ready.pk}"' not in bare
    page = client.get(f"/leads/{ready.pk}/").content.decode()
    assert f"перейдёт в «{goal}»" in page and "Нет следующего дела" not in page
    assert not lacks_step(ready) and lacks_step(Card.objects.get(title="Обсуждаемый"))

"""What one held before a card went to somebody else opens nothing any more: addresses, forms, undo, notices (R-015)."""

import json
import re

import pytest
from django.urls import resolve, reverse

from crm.activities.verbs import add
from crm.cards.verbs import change, hand_over, share, unshare
from crm.notifications.models import Notice
from crm.pipelines.moves import open_card
from deals.models import Project
from expenses.verbs import register

from .test_routes import OPEN, address, has_record
from .world import text_of, undone, visit

pytestmark = pytest.mark.django_db

LOST = {"lead", "deal", "deal-name", "expense"}
RECORDS = {door.name for door in OPEN if door.args}


def held(world, actor):
    """Every address of a record that stands on the pages of A's cards, and is not a client's."""
    found = set()
    for name in ("lead", "deal", "expense"):
        page = visit(world, actor).get(getattr(world.a, name).get_absolute_url())
        found |= set(re.findall(r'="(/[\w/-]*\d+/[\w/-]*)["?#]', text_of(page)))
    names = {place: resolve(place).view_name for place in found}
    return {
        p for p, name in names.items() if name in RECORDS and not name.startswith(("clients:", "people:", "boards:"))
    }


def give_away(world):
    for card in (world.a.lead, world.a.deal, world.a.expense):
        hand_over(card, world.cast.pavel, world.cast.irina)


def test_nothing_held_before_opens_afterwards(world):
    with undone():
        browser, a = visit(world, "owner"), world.a
        places = held(world, "owner") | {
            address(d, a) for d in OPEN if d.args.split() in (["room"], ["folder"], ["task"], ["check"])
        }
        assert len(places) > 15
        moved = browser.post(reverse("cards:moves", args=[a.lead.pk]), {"to": "other"}, headers={"HX-Request": "true"})
        places.add(json.loads(moved["HX-Trigger"])["toast"]["undo"])
        assert a.deal.title in text_of(browser.get(reverse("notices")))
        give_away(world)
        for place in places:
            for answer in (browser.get(place), browser.post(place, {"text": "x", "title": "x", "to": "new"})):
                assert answer.status_code in (404, 405), place
                assert not a.mint.groups(text_of(answer)) & LOST, place


def test_no_page_shows_what_was_given_away(world):
    with undone():
        give_away(world)
        for door in OPEN:
            if not has_record(door, world.a):
                answer = visit(world, "owner").get(address(door, world.a))
                assert not world.a.mint.groups(text_of(answer)) & LOST, door
        # The new one finds all of it, the feed from before included.
        text = text_of(visit(world, "other").get(world.a.deal.get_absolute_url()))
        assert {"deal", "deal-name", "expense"} <= world.a.mint.groups(text)


def test_an_invitation_taken_back_takes_everything_back(world):
    with undone():
        viewer, a = world.people["viewer"], world.a
        Notice.objects.create(user=viewer, card_id=a.deal.pk, kind="assigned")
        places = held(world, "viewer")
        assert places and a.deal.title in text_of(visit(world, "viewer").get(reverse("notices")))
        for card in (a.lead, a.deal):
            unshare(card, viewer, a.user)
        for place in places:
            assert visit(world, "viewer").get(place).status_code in (404, 405), place
        for door in OPEN:
            if not has_record(door, a):
                assert not a.mint.found(text_of(visit(world, "viewer").get(address(door, a)))), door


def test_an_author_keeps_the_expense_and_not_its_deal(world):
    """The expense stays its author's; what the deal is called by now is no longer theirs to know (R-304)."""
    with undone():
        a, b = world.cast.anna, world.cast.pavel
        deal = open_card(Project, by=a, owner=a, title="Прежнее имя")
        expense = register(a, title="Столешницы", deal=deal, amount=100)
        hand_over(deal, b, a)
        change(deal, {"title": "Новое имя"}, b)
        for place in (expense.get_absolute_url(), "/boards/expenses/", "/boards/expenses/list/",
                      reverse("expenses:edit", args=[expense.pk]), f"/boards/expenses/cards/{expense.pk}/"):  # fmt: skip
            text = text_of(visit(world, "owner").get(place))
            assert "Столешницы" in text and "Новое имя" not in text, place


def test_an_expense_follows_its_deal_to_other_eyes(world):
    """Who sees an expense only through its deal sees it no longer once it belongs to another deal."""
    with undone():
        a, viewer, worker = world.cast.anna, world.people["viewer"], world.people["worker"]
        first, second = (open_card(Project, by=a, owner=a, title=name) for name in ("Лобби", "Бар"))
        share(first, viewer, a)
        share(second, worker, a)
        expense = register(a, title="Столешницы", deal=first, amount=100)
        place = expense.get_absolute_url()
        assert visit(world, "viewer").get(place).status_code == 200
        change(expense, {"deal": second}, a)
        assert visit(world, "viewer").get(place).status_code == 404
        assert visit(world, "worker").get(place).status_code == 200


def test_a_task_alone_opens_nothing(world):
    """Named in a task of a card that is not seen, one sees neither (R-015)."""
    with undone():
        a, b = world.cast.anna, world.cast.pavel
        task = add(world.a.deal, a, title="Замер", due_at=world.a.task.due_at)
        type(task).objects.filter(pk=task.pk).update(owner=b)
        task.participants.add(b)
        for door in OPEN:
            if not has_record(door, world.a):
                assert "Замер" not in text_of(visit(world, "other").get(address(door, world.b))), door

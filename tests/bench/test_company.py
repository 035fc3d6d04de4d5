"""The big company's rows are what the product itself would have written: every door opens, every step can be taken."""

import pytest
from django.db.models import Count, Q, Sum
from django.urls import reverse

from crm.activities.models import Task
from crm.bench.fill import fill
from crm.cards.access import viewers
from crm.cards.models import Card, Event
from crm.cards.words import fold
from crm.clients.models import Company
from crm.demo import PASSWORD
from crm.people.models import User
from crm.pipelines.declare import KINDS, of
from crm.pipelines.moves import take
from deals.models import Deal, Project
from expenses.models import Expense

from . import signed_in


@pytest.fixture
def big(db):
    fill(managers=3, leads=80, deals=120, expenses=60, events=1500)


def test_cards_are_whole(big):
    assert Card.objects.count() == 260
    for card in Card.objects.all():
        card = card.as_kind()
        events = list(card.events.filter(kind__in=["created", "moved"]).order_by("id"))
        assert [event.entry for event in events] == list(range(1, card.entry + 1))
        assert (events[-1].data.get("to") or events[-1].data["stage"]) == card.stage
        assert events[-1].at == card.stage_since
        assert (card.closed_at is None) == of(card).stages[card.stage].is_open
        assert card.words == fold(card.build_words())
        first = Task.objects.filter(card_id=card.pk).open().order_by("due_at", "id").first()
        assert (card.next_step_at, card.next_step) == ((first.due_at, first.title) if first else (None, ""))
        if card.owner_id:
            assert card.owner_id in viewers(card)
        if card.pipeline != "expenses":
            assert card.room.last_seq == card.message_count == card.room.messages.count()
    assert Deal.objects.annotate(n=Count("folders")).exclude(n=7).count() == 0
    last = Company.objects.order_by("pk").last().pk
    assert Company.objects.create(name="Новая").pk > last


def test_deals_know_what_their_expenses_come_to(big):
    paid = Deal.objects.annotate(p=Sum("expenses__paid_total", default=0)).filter(p__gt=0)
    assert paid and all(deal.paid_total == deal.p for deal in paid)
    waiting = Q(expenses__stage__in=["order", "bank"])
    for deal in Deal.objects.annotate(w=Sum("expenses__amount", filter=waiting, default=0)):
        assert deal.approved_total == deal.w


def test_every_page_opens_and_every_board_has_cards(big):
    executive = signed_in(User.objects.get(email="executive1@bench.example"))
    for slug in KINDS:
        text = executive.get(reverse("boards:board", args=[slug])).content.decode()
        assert 'class="board-card"' in text
        for card in KINDS[slug].objects.filter(pipeline=slug)[:5]:
            assert executive.get(card.get_absolute_url()).status_code == 200


def test_the_work_can_go_on(big):
    deal = Project.objects.filter(pipeline="project", stage="clarifying").first()
    take(deal, "sign", deal.owner, {})
    assert Project.objects.get(pk=deal.pk).stage == "contract"
    expense = Expense.objects.filter(stage="approval").first()
    take(expense, "approve", User.objects.executives().first(), {})
    assert expense.decisions.count() == 1


def test_the_same_seed_gives_the_same_company(db):
    from django.db import transaction

    def told():
        with transaction.atomic():
            fill(2, 20, 20, 10, 100)
            found = list(Card.objects.order_by("pk").values_list("title", "stage", "amount"))
            events = Event.objects.count()
            transaction.set_rollback(True)
        return [row[:2] for row in found], events

    assert told()[1] == told()[1]


def test_people_sign_in_with_the_demo_password(big):
    assert User.objects.get(email="manager1@bench.example").check_password(PASSWORD)

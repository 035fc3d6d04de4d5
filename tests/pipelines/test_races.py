"""Two at once: a hundred approvals make one decision, the same form acts once, nobody waits for each other (T2, B9, B10)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO
from threading import Barrier
from time import sleep
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from chats.verbs import post
from crm.activities.verbs import add, finish
from crm.cards.models import Card
from crm.cards.verbs import change, hand_over, link, share, unshare
from crm.clients.models import Company, Contact
from crm.oversight.asking import ask
from crm.oversight.reminding import tell_late
from crm.oversight.watch import watch
from crm.pipelines.moves import Refused, open_card, take
from deals.models import Attraction, Deal, Project
from expenses.models import Decision, Expense
from expenses.payments import pay
from expenses.verbs import register
from files.models import File
from files.verbs import card_folder, put
from leads.imports.taking_back import clear
from leads.intake import receive
from leads.models import Lead

HANDS = 16


def at_once(times, act):
    """Run ``act(n)`` many times at once on its own connections; returns what each came to."""
    gate = Barrier(HANDS)

    def hand(first):
        gate.wait()
        try:
            return [act(n) for n in range(first, times, HANDS)]
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as hands:
        return [one for many in hands.map(hand, range(HANDS)) for one in many]


@pytest.fixture
def waiting(lasting_cast):
    cast = lasting_cast
    payee = Company.objects.create(name="Каменный двор", owner=cast.anna)
    cast.expense = register(
        cast.anna, title="Столешницы", company=payee, amount=Decimal(100), due_on=date(2026, 12, 1), purpose="Кварц"
    )
    take(cast.expense, "send", cast.anna)
    return cast


def test_a_hundred_approvals_make_one_decision(waiting):
    def decide(n):
        by = (waiting.irina, waiting.oleg)[n % 2]
        try:
            take(waiting.expense, *(("approve", by) if n % 3 else ("give_back", by, {"remark": "Нет"})))
            return "decided"
        except Refused as refusal:
            assert str(refusal)
            return "refused"

    outcomes = at_once(100, decide)
    assert outcomes.count("decided") == 1 and len(outcomes) == 100
    assert Decision.objects.count() == 1


def test_without_the_lock_many_would_decide(waiting):
    """The negative control: the same race on plain rows decides more than once."""
    gate = Barrier(HANDS)

    def decide(n):
        expense = Expense.objects.get(pk=waiting.expense.pk)
        if n < HANDS:
            gate.wait()
        if expense.stage != "approval":
            return 0
        expense.approve()
        expense.save(update_fields=["stage"])
        return 1

    assert sum(at_once(HANDS, decide)) > 1


def test_one_form_sent_many_times_opens_one_card(lasting_cast):
    key = uuid4()
    anna = lasting_cast.anna
    opened = at_once(32, lambda n: open_card(Project, by=anna, owner=anna, title="Лобби", key=key).pk)
    assert len(set(opened)) == 1 and Project.objects.count() == 1


def together(*acts):
    """Do these at once, each on its own connection; returns what went wrong."""
    gate, wrong = Barrier(len(acts)), []

    def hand(act):
        gate.wait()
        try:
            act()
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as hands:
        list(hands.map(hand, acts))
    return wrong


@pytest.fixture
def owing(lasting_cast):
    """A deal with four approved expenses."""
    cast = lasting_cast
    cast.deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби", amount=Decimal(1000))
    payee = Company.objects.create(name="Каменный двор", owner=cast.anna)
    cast.expenses = [
        register(
            cast.anna, title="Свет", company=payee, amount=Decimal(100), due_on=date(2026, 12, 1), purpose="Аванс",
            deal=cast.deal,
        )
        for _n in range(4)
    ]  # fmt: skip
    for expense in cast.expenses:
        take(expense, "send", cast.anna)
        take(expense, "approve", cast.irina)
    return cast


def signed_in(user, number):
    """So many browsers of one person."""
    browsers = [Client() for _n in range(number)]
    for browser in browsers:
        browser.force_login(user)
    return browsers


def payments_of(cast):
    return [partial(pay, expense, Decimal(100), date(2026, 11, 23), by=cast.natalia) for expense in cast.expenses]


def test_payments_of_one_deal_at_once_are_all_counted(owing):
    """R-315, R-318."""
    assert together(*payments_of(owing)) == []
    deal = Project.objects.get(pk=owing.deal.pk)
    assert (deal.paid_total, deal.approved_total) == (400, 0)


def test_a_deal_is_handed_over_while_its_expenses_are_paid(owing):
    assert together(partial(hand_over, owing.deal, owing.pavel, owing.irina), *payments_of(owing)) == []
    assert Expense.objects.visible_to(owing.pavel).count() == 4


def test_what_is_late_is_done_while_the_clock_tells_of_it(lasting_cast):
    cast, now = lasting_cast, datetime(2026, 11, 23, 12, tzinfo=UTC)
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    for _round in range(8):
        tasks = [add(deal, cast.anna, title=f"Дело {n}", due_at=now - timedelta(days=3)) for n in range(3)]
        assert together(partial(tell_late, now), *(partial(finish, task, cast.anna) for task in tasks)) == []


def test_questions_are_asked_while_the_chat_goes_on(lasting_cast):
    """A question takes the card and then its chat, and so does an answer, which closes the question's task."""
    cast = lasting_cast
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    for _round in range(6):
        words = (partial(post, deal.room, "Говорю", cast.anna) for _n in range(3))
        assert together(partial(ask, deal, "Что с клиентом?", cast.irina), *words) == []


def test_two_expenses_change_places_between_two_deals(owing):
    """Each leaves the deal that the other comes to."""
    other = open_card(Project, by=owing.anna, owner=owing.anna, title="Холл", amount=Decimal(1000))
    one, two = owing.expenses[:2]
    places = [Deal.objects.get(pk=deal.pk) for deal in (owing.deal, other)]
    change(two, {"deal": places[1]}, owing.irina)
    for _round in range(6):
        places.reverse()
        assert (
            together(*(partial(change, e, {"deal": d}, owing.irina) for e, d in zip((one, two), places, strict=True)))
            == []
        )
    assert {Deal.objects.get(pk=deal.pk).approved_total for deal in places} == {300, 100}


def test_a_rest_is_paid_while_its_whole_is_reversed(owing):
    """Either is refused, and the money stands once (R-317)."""
    for whole in owing.expenses:
        answers = {"paid": 40, "paid_on": date(2026, 11, 23), "rest": "extra"}
        take(whole, "settle", owing.natalia, answers)
        rest = whole.rests.get().as_kind()
        take(rest, "send", owing.anna)
        take(rest, "approve", owing.irina)
        wrong = together(
            partial(take, whole, "reverse", owing.natalia, {"remark": "Ошибка"}),
            partial(pay, rest, Decimal(60), date(2026, 11, 23), by=owing.natalia),
        )
        assert len(wrong) == 1 and wrong[0].startswith(("Refused", "ValidationError"))
        kept = Expense.objects.filter(pk__in=[whole.pk, rest.pk]).order_by("pk").values_list("stage", "paid_total")
        assert list(kept) in ([("bank", 0), ("cancelled", 0)], [("paid", 40), ("paid", 60)])
    paid = sum(Expense.objects.values_list("paid_total", flat=True))
    assert Project.objects.get(pk=owing.deal.pk).paid_total == paid


def test_two_linked_deals_close_at_once_and_hand_their_tasks_to_each_other(lasting_cast):
    """One closes with its tasks there; the other is asked anew, for nothing moves to a closed card."""
    cast = lasting_cast
    for _round in range(6):
        deals = [open_card(Project, by=cast.anna, owner=cast.anna, title=f"Лобби {n}") for n in range(2)]
        link(*deals)
        for deal in deals:
            add(deal, cast.anna, title="Дело")
        browsers, answers = signed_in(cast.anna, 2), []

        def close(deal, near, browser, answers=answers):
            body = {"to": "done", "open_tasks": near.pk, "answering": "1"}
            answers.append(browser.post(f"/cards/{deal.pk}/moves/", body).status_code)

        assert together(*(partial(close, *three) for three in zip(deals, deals[::-1], browsers, strict=True))) == []
        assert sorted(answers) == [200, 422]


def test_one_form_sent_six_times_makes_one_supplier(lasting_cast):
    cast, key = lasting_cast, uuid4()
    form = {"title": "", "payee": "Новый двор", "amount": "100", "kind": "full", "vat": "22", "key": key}
    answers, browsers = [], signed_in(cast.anna, 6)
    assert together(*(lambda b=b: answers.append(b.post("/expenses/new/", form)) for b in browsers)) == []
    assert {answer.status_code for answer in answers} == {303} and len({a["Location"] for a in answers}) == 1
    assert Company.objects.filter(name="Новый двор").count() == Expense.objects.count() == 1
    at = Expense.objects.get().get_absolute_url()
    form |= {"payee": "Другой двор", "key": uuid4()}
    assert together(*(lambda b=b: answers.append(b.post(f"{at}edit/", form)) for b in browsers)) == []
    assert Company.objects.filter(name="Другой двор").count() == 1
    assert Expense.objects.get().company.name == "Другой двор"


def test_an_expense_registered_while_somebody_is_taken_off_its_deal_is_not_theirs(lasting_cast):
    """R-015, R-311."""
    cast = lasting_cast
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби", amount=Decimal(1000))
    for _round in range(20):
        share(deal, cast.pavel, cast.anna)
        registers = partial(register, cast.anna, title="Свет", deal=deal, amount=Decimal(1))
        assert together(registers, partial(unshare, deal, cast.pavel, cast.anna)) == []
        assert not Expense.objects.visible_to(cast.pavel).exists()


def test_a_lead_s_files_come_to_a_deal_while_files_are_put_there(lasting_cast):
    """Both are there, under two names, and the card counts both (R-262, C-10)."""
    cast = lasting_cast
    company = Company.objects.create(name="Гавань", owner=cast.anna)
    for n in range(8):
        deal = open_card(Project, by=cast.anna, owner=cast.anna, title=f"Лобби {n}", company=company)
        lead = open_card(Lead, by=cast.anna, owner=cast.anna, title="Лид", company=company)
        put(card_folder(lead), "Смета.txt", BytesIO(b"lead %d" % n), cast.anna)
        answers = {"source": "referral", "may_refer": "yes", "has_brief": "yes", "target": str(deal.pk)}
        wrong = together(
            partial(take, lead, "convert_directly", cast.irina, answers),
            partial(put, deal.folders.get(parent=None), "Смета.txt", BytesIO(b"deal %d" % n), cast.anna),
        )
        assert wrong == []
        files = File.objects.there().filter(folder__card=deal)
        assert Deal.objects.get(pk=deal.pk).file_count == files.count()


def test_a_client_is_saved_while_deals_of_theirs_lead_to_others(lasting_cast):
    """The form holds the client and then its cards, the move holds a card and opens another of the same client."""
    cast, browser = lasting_cast, signed_in(lasting_cast.anna, 1)[0]
    client = Company.objects.create(name="Гавань", owner=cast.anna)
    for _round in range(6):
        deals = [open_card(Attraction, by=cast.anna, owner=cast.anna, title="Лобби", company=client) for _n in range(3)]
        answers, body = [], {"name": "Гавань", "kind": "client", "version": Company.objects.get(pk=client.pk).version}
        save = partial(browser.post, f"/clients/companies/{client.pk}/edit/", body)
        moves = (partial(take, deal, "enter_pool", cast.anna, {"has_request": "no"}) for deal in deals)
        assert together(lambda save=save, answers=answers: answers.append(save().status_code), *moves) == []
        assert answers == [303]


def test_a_title_changed_while_its_client_is_saved_is_found(lasting_cast):
    cast = lasting_cast
    client = Company.objects.create(name="Гавань", owner=cast.anna)
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби", company=client)
    changed = Barrier(2)

    def rename():
        with transaction.atomic():
            change(deal, {"title": "Веранда"}, cast.anna)
            changed.wait()
            sleep(0.5)  # the client's words are being gathered by now

    def save():
        changed.wait()
        with transaction.atomic():
            client.refresh_words()

    assert together(rename, save) == []
    assert Card.objects.matching("Веранда").get().pk == deal.pk


def test_a_contact_is_saved_while_leads_bring_them_phones(lasting_cast):
    """The form and the conversions hold the contact's cards first and the contact then (R-112)."""
    cast, browser = lasting_cast, signed_in(lasting_cast.anna, 1)[0]
    contact = Contact.objects.create(name="Вера", owner=cast.anna)
    answers = {"source": "referral", "may_refer": "yes", "has_brief": "yes"}
    for turn in range(8):
        leads = [
            open_card(
                Lead, by=cast.anna, owner=cast.anna, title="Лобби", contact=contact, phone=f"+7921555{turn}{n:03}"
            )
            for n in range(3)
        ]
        took, body = [], {"name": "Вера", "kind": "client", "version": Contact.objects.get(pk=contact.pk).version}
        save = partial(browser.post, f"/clients/contacts/{contact.pk}/edit/", body)
        moves = (partial(take, lead, "convert_directly", cast.irina, answers) for lead in leads)
        assert together(lambda save=save, took=took: took.append(save().status_code), *moves) == []
        assert took in ([303], [422])  # saved, or told that somebody has changed the contact
        assert {Lead.objects.get(pk=lead.pk).stage for lead in leads} == {"deal"}


def test_the_watch_looks_while_an_import_is_taken_back(lasting_cast):
    """Both lock cards in the order of their ids (R-011)."""
    cast = lasting_cast
    for _round in range(8):
        leads = [receive("import", by=cast.irina, owner=cast.anna, title=f"Лид {n}").pk for n in range(40)]
        long_ago = timezone.now() - timedelta(days=60)
        Card.objects.filter(pk__in=leads).update(stage_since=long_ago, created_at=long_ago)
        clear_all = partial(in_transaction, clear, sorted(leads, reverse=True))
        wrong = together(watch, clear_all)
        # The watch that met a removed card says nothing of it, and looks again in a minute.
        assert [words for words in wrong if "IntegrityError" not in words] == []
        watch()


def in_transaction(act, *given):
    with transaction.atomic():
        act(*given)

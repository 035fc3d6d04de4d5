"""What somebody waited for is what they go on from: who may, whose it is, and in which order cards are held (B9, B10)."""

from datetime import date
from decimal import Decimal
from functools import partial
from threading import Event as Flag
from threading import Thread
from time import sleep

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from crm.cards.models import Card
from crm.cards.verbs import change, hand_over, lock, share, touch, unshare
from crm.clients.models import Company, Contact
from crm.clients.verbs import add_channels
from crm.clients.views import hold
from crm.pipelines.moves import Refused, open_card, take
from crm.pipelines.undo import undo
from deals.models import Attraction, Deal, Project, Reminder
from expenses.verbs import register
from leads.intake import receive
from leads.models import Lead
from tests.conftest import person

from .test_races import signed_in, together

KNOWN = {"source": "referral", "may_refer": "yes"}
PHONE = "+79215550000"


def after(first, second):
    """What ``second`` returns or raises that begins while ``first`` holds what it has locked."""
    held, got = Flag(), []

    def one():
        with transaction.atomic():
            first()
            held.set()
            sleep(0.7)
        connection.close()

    def two():
        held.wait(10)
        try:
            with transaction.atomic():
                got.append(second())
        except Exception as error:
            got.append(type(error))
        connection.close()

    hands = [Thread(target=one), Thread(target=two)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return got[0]


@pytest.fixture
def deal(lasting_cast):
    return open_card(Project, by=lasting_cast.irina, owner=lasting_cast.anna, title="Дом")


def test_a_card_that_was_waited_for_knows_its_new_owner(lasting_cast, deal):
    cast = lasting_cast

    def look():
        found = lock(deal)
        return found.owner_id, found.owner.pk

    assert after(partial(hand_over, deal, cast.pavel, cast.irina), look) == (cast.pavel.pk, cast.pavel.pk)


def test_given_twice_at_once_it_is_seen_by_the_last_alone(lasting_cast, deal):
    """R-015."""
    cast, vera = lasting_cast, person("vera", "Вера Третья", "manager")
    after(partial(hand_over, deal, cast.pavel, cast.irina), partial(hand_over, deal, vera, cast.oleg))
    assert Deal.objects.get(pk=deal.pk).owner == vera
    seeing = [user.name for user in (cast.anna, cast.pavel, vera) if Card.objects.visible_to(user).exists()]
    assert seeing == ["Вера Третья"]


def test_words_after_a_wait_name_the_new_client(lasting_cast, deal):
    firm = Company.objects.create(name="Гавань", owner=lasting_cast.anna)
    firm.refresh_words()
    rename = partial(change, deal, {"title": "Веранда"}, lasting_cast.anna)
    after(partial(change, deal, {"company": firm}, lasting_cast.anna), rename)
    assert Card.objects.matching("Гавань").get().pk == deal.pk


def test_whose_access_ended_meanwhile_neither_writes_nor_moves(lasting_cast):
    cast = lasting_cast
    cast.vera = person("vera", "Вера Третья", "manager")
    for act, expected in (
        (lambda deal: change(deal, {"title": "Чужое"}, cast.anna), PermissionDenied),
        (lambda deal: take(deal, "clarify", cast.anna), Refused),
        (lambda deal: share(deal, cast.vera, cast.anna, work=True), PermissionDenied),
        (lambda deal: unshare(deal, cast.vera, cast.anna), PermissionDenied),
        (lambda deal: touch(deal, "call", cast.anna), PermissionDenied),
    ):
        deal = open_card(Project, by=cast.irina, owner=cast.anna, title="Дом")
        assert after(partial(hand_over, deal, cast.pavel, cast.irina), partial(act, deal)) is expected
        now = Deal.objects.get(pk=deal.pk)
        assert (now.title, now.stage, now.last_touch_at) == ("Дом", "new", None)
        assert not Deal.objects.visible_to(cast.vera).exists()


def test_a_client_who_is_a_payee_too_is_saved_while_their_expense_is_sent(lasting_cast):
    cast, browser = lasting_cast, signed_in(lasting_cast.anna, 1)[0]
    company = Company.objects.create(name="Двор", owner=cast.anna)
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Дом", company=company)
    about = {"company": company, "amount": Decimal(100), "due_on": date(2026, 12, 1), "purpose": "К", "deal": deal}
    for turn in range(10):
        expense = register(cast.anna, title="Возврат", **about)
        body = {"name": f"Двор {turn}", "kind": "client", "version": Company.objects.get(pk=company.pk).version}
        save = partial(browser.post, f"/clients/companies/{company.pk}/edit/", body)
        assert together(save, partial(take, expense, "send", cast.anna)) == []


def test_requisites_of_two_payees_change_at_once(lasting_cast):
    cast = lasting_cast
    one, two = (Company.objects.create(name=name, owner=cast.anna, account="1") for name in ("Камень", "Свет"))
    deals = [open_card(Project, by=cast.anna, owner=cast.anna, title=f"Дом {n}") for n in range(2)]
    about = {"amount": Decimal(100), "due_on": date(2026, 12, 1), "purpose": "Кварц"}
    for company, order in ((one, deals), (two, deals[::-1])):
        for deal in order:
            take(register(cast.anna, title="Счёт", company=company, deal=deal, **about), "send", cast.anna)
    browsers = signed_in(cast.anna, 2)

    def save(company, browser, turn):
        company.refresh_from_db()
        body = {"name": company.name, "kind": "client", "account": f"{turn:020}", "version": company.version}
        assert browser.post(f"/clients/companies/{company.pk}/edit/", body).status_code == 303

    for turn in range(8):
        assert together(partial(save, one, browsers[0], turn), partial(save, two, browsers[1], turn)) == []


def test_a_lead_of_nobody_is_converted_while_its_contact_is_saved(lasting_cast):
    cast = lasting_cast
    contact = Contact.objects.create(name="Вера", owner=cast.anna)
    add_channels(contact, [PHONE])
    open_card(Project, by=cast.anna, owner=cast.anna, title="Дом", contact=contact)
    lead = receive("mail", title="Лобби", phone=PHONE, email="a@b.example")
    answers = {**KNOWN, "owner": cast.anna.pk, "has_brief": "yes"}
    held = Flag()

    def form():
        with transaction.atomic():
            list(contact.cards.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
            held.set()
            sleep(0.7)
            hold(contact)

    def convert():
        held.wait(10)
        take(lead, "convert_directly", cast.irina, answers)

    assert together(form, convert) == []


def test_what_is_not_there_yet_is_made_once(lasting_cast):
    """R-118, R-219."""
    cast = lasting_cast
    client = Company.objects.create(name="Гавань", owner=cast.anna)
    deals = [open_card(Attraction, by=cast.anna, owner=cast.anna, title="Лобби", company=client) for _n in range(3)]
    assert together(*(partial(take, deal, "enter_pool", cast.anna, {"has_request": "no"}) for deal in deals)) == []
    assert Reminder.objects.open().filter(pipeline="reminder", company=client).count() == 1
    leads = [open_card(Lead, by=cast.anna, owner=cast.anna, title="Лобби", phone=PHONE) for _n in range(3)]
    answers = {**KNOWN, "has_brief": "yes"}
    assert together(*(partial(take, lead, "convert_directly", cast.irina, answers) for lead in leads)) == []
    assert Contact.objects.filter(channels__value=PHONE).distinct().count() == 1


def test_undo_of_a_lead_given_out_leaves_an_invitation(cast):
    cast.pavel.distributes_leads = True
    cast.pavel.save()
    lead = receive("mail", title="Лобби", email="a@b.example")
    share(lead, cast.anna, cast.irina)
    undo(take(lead, "discuss", cast.pavel, {**KNOWN, "owner": cast.anna.pk}), cast.pavel)
    assert Card.objects.visible_to(cast.anna).get().pk == lead.pk
    assert not Card.objects.workable_by(cast.anna).exists()


def test_a_lead_given_on_is_not_taken_back_by_who_gave_it_first(cast, client):
    cast.pavel.distributes_leads = True
    cast.pavel.save()
    lead = receive("mail", title="Лобби", email="a@b.example")
    event = take(lead, "discuss", cast.pavel, {**KNOWN, "owner": cast.anna.pk})
    hand_over(lead, cast.oleg, cast.irina)
    client.force_login(cast.pavel)
    assert client.post(f"/events/{event.pk}/undos/").status_code == 404
    assert Lead.objects.get(pk=lead.pk).stage == "discuss"

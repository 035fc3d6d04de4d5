"""What a conversion leaves on the client, and that its undo leaves nothing (R-111 to R-113, R-118, C-6)."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chats.verbs import post
from crm.cards.models import CardLink
from crm.clients.models import Channel, ClientKind, Company, Contact
from crm.clients.verbs import add_channels, ensure_clients
from crm.pipelines.moves import open_card, take
from crm.pipelines.undo import undo
from deals.models import Attraction, Deal, Project, Reminder
from leads.intake import receive
from leads.models import Lead

ANSWERS = {"source": "referral", "may_refer": "yes", "has_brief": "yes"}
PHONE, MAIL = "+79215551408", "lobby@gavan.example"


@pytest.fixture
def lead(cast):
    lead = receive(
        "phone", by=cast.anna, owner=cast.anna, title="Лобби", firm="Гавань", person="Вера", phone=PHONE, email=MAIL
    )
    take(lead, "discuss", cast.anna, ANSWERS)
    return lead


def left():
    return [m.objects.count() for m in (Deal, Company, Contact, Channel, CardLink)]


def fresh(lead):
    return Lead.objects.get(pk=lead.pk)


def test_undo_leaves_neither_deal_nor_clients(cast, lead):
    event = take(lead, "convert", cast.anna, ANSWERS)
    assert left() == [1, 1, 1, 2, 1] and fresh(lead).contact.name == "Вера"
    undo(event, cast.anna)
    assert left() == [0, 0, 0, 0, 0]
    assert (fresh(lead).contact, fresh(lead).company, fresh(lead).stage) == (None, None, "discuss")
    take(lead, "convert", cast.anna, ANSWERS)
    assert left() == [1, 1, 1, 2, 1]


def test_the_deal_begins_with_what_was_said_about_the_lead(cast, lead):
    """R-112: a link and a copy as context, of people's words alone; whoever undoes the conversion takes it away too."""
    post(lead.room, "Просили образцы\nткани", cast.anna)
    post(lead.room, "Посмотрю склад", cast.irina)
    undo(take(lead, "convert", cast.anna, ANSWERS), cast.anna)
    take(lead, "convert", cast.anna, ANSWERS)
    first = Deal.objects.get().room.messages.get()
    said = first.text.partition("Из чата ")[2].splitlines()
    assert said[0] == f"{lead.number} {settings.SITE_URL}{lead.get_absolute_url()}"
    assert [re.sub(r"\d+ \w+, \d\d:\d\d", "тогда", line) for line in said[1:]] == [
        f"{cast.anna.name}, тогда: Просили образцы ткани", f"{cast.irina.name}, тогда: Посмотрю склад",
    ]  # fmt: skip
    assert first.author is None


def test_what_is_known_already_is_used_and_stays_as_it_was(cast, lead):
    company = Company.objects.create(name="ГАВАНЬ", owner=cast.anna, kind=ClientKind.PARTNER)
    contact = Contact.objects.create(name="Вера Порт", owner=cast.anna, kind=ClientKind.PARTNER, company=company)
    add_channels(contact, [PHONE])
    event = take(lead, "save_contact", cast.anna, ANSWERS | {"kind": "client"})
    assert (fresh(lead).company, fresh(lead).contact) == (company, contact)
    assert set(contact.channels.values_list("value", flat=True)) == {PHONE, MAIL}
    assert set(Contact.objects.values_list("kind", flat=True)) == {"client"}
    undo(event, cast.anna)
    assert (fresh(lead).company, fresh(lead).contact) == (None, None)
    assert list(Channel.objects.values_list("value", flat=True)) == [PHONE]
    assert Contact.objects.get().kind == Company.objects.get().kind == "partner"
    assert MAIL not in Contact.objects.get().words


def test_the_contact_of_the_lead_learns_its_phone_and_mail(cast, lead):
    """R-112: nothing that the lead knew is lost with it."""
    contact = Contact.objects.create(name="Секретарь", owner=cast.anna)
    Lead.objects.filter(pk=lead.pk).update(contact=contact)
    take(lead, "convert", cast.anna, ANSWERS)
    assert set(contact.channels.values_list("value", flat=True)) == {PHONE, MAIL}
    assert Project.objects.get().contact == contact and Contact.objects.count() == 1


def test_a_client_without_phone_and_mail_is_found_by_name(cast):
    lead = receive("manual", by=cast.anna, owner=cast.anna, title="Лобби", person="Вера Порт")
    take(lead, "discuss", cast.anna, ANSWERS)
    take(lead, "convert", cast.anna, ANSWERS)
    assert Contact.objects.matching("вера порт").get() == fresh(lead).contact


def test_what_is_known_wakes_no_other_card(cast, lead):
    """A client's other cards are locked only when there is something to write on them: two conversions do not meet."""
    contact = Contact.objects.create(name="Вера", owner=cast.anna)
    add_channels(contact, [PHONE], [MAIL])
    Company.objects.create(name="Гавань", owner=cast.anna)
    lead = fresh(lead)
    with CaptureQueriesContext(connection) as said:
        ensure_clients(lead)
    assert lead.contact == contact and not any("FOR NO KEY UPDATE" in query["sql"] for query in said)


def test_undo_lets_go_of_the_deal_it_was_attached_to(cast, lead):
    company = Company.objects.create(name="Гавань", owner=cast.anna)
    Lead.objects.filter(pk=lead.pk).update(company=company)
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Ресторан", company=company)
    event = take(lead, "convert", cast.anna, ANSWERS | {"target": str(deal.pk)})
    assert CardLink.objects.get().target_id == deal.pk
    undo(event, cast.anna)
    assert not CardLink.objects.exists() and Deal.objects.get() == deal
    take(lead, "convert", cast.anna, ANSWERS | {"target": "new"})
    assert Deal.objects.count() == 2


def test_who_used_the_client_meanwhile_keeps_it(cast, lead):
    event = take(lead, "convert", cast.anna, ANSWERS)
    contact = Contact.objects.get()
    open_card(Project, by=cast.anna, owner=cast.anna, title="Ещё", contact=contact)
    undo(event, cast.anna)
    assert Contact.objects.get() == contact


def test_a_contact_without_a_company_has_one_reminder_deal(cast):
    """R-219."""
    contact = Contact.objects.create(name="Дизайнер", owner=cast.anna)
    for title in ("Квартира", "Дача"):
        deal = open_card(Attraction, by=cast.anna, owner=cast.anna, title=title, contact=contact)
        take(deal, "enter_pool", cast.anna, {"has_request": "no"})
    assert Reminder.objects.filter(pipeline="reminder").count() == 1
    assert CardLink.objects.filter(rule="pool-reminder").count() == 2

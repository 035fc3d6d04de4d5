"""A lead from the phone: three fields, a warning while typing, and the way to its deal (R-012, R-113, C-20)."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from crm.clients.models import Contact
from crm.clients.verbs import add_channels
from crm.pipelines.moves import Incomplete, take
from deals.models import Deal
from leads.intake import receive
from leads.models import Lead

PHONE = "+7 921 555-14-08"
ANSWERS = {"source": "referral", "may_refer": "yes"}


def registered(client, **form):
    return client.post(reverse("leads:new"), {"channel": "phone", "key": str(uuid4()), **form})


def test_three_fields_are_in_view_and_the_rest_is_folded(cast, enter):
    text = enter(cast.anna).get(reverse("leads:new")).content.decode()
    form = text[text.index("data-dialog") :]
    view, more = form[: form.index("<details")], form[form.index("<details") :]
    named = re.findall(r'<(?:input(?! type="hidden")|select|textarea)[^>]* name="(\w+)"', view)
    assert named == ["person", "reach", "raw_text"]
    assert "maxlength" not in form  # what is pasted stays whole; that it is too long the answer says
    assert 'name="firm"' in more and '<details class="further">' in form


@pytest.mark.parametrize(
    ("form", "made"),
    [
        ({"person": "Марина"}, {"title": "Марина", "person": "Марина"}),
        ({"person": "Вера, кафе «Гавань»"}, {"person": "Вера", "firm": "кафе «Гавань»", "title": "кафе «Гавань»"}),
        ({"person": "Вера, Гавань", "firm": "ООО «Порт»"}, {"person": "Вера, Гавань", "firm": "ООО «Порт»"}),
        ({"reach": "8 921 555-14-08"}, {"title": "8 921 555-14-08", "phone": "8 921 555-14-08"}),
        ({"reach": "a@b.example"}, {"email": "a@b.example", "phone": ""}),
        ({"reach": "a@b.example", "phone": PHONE}, {"email": "a@b.example", "phone": PHONE}),
        ({"reach": "8 921", "phone": PHONE}, {"phone": PHONE, "comment": "Телефон или почта: 8 921"}),
        ({"raw_text": "Стол\nна 12 мест"}, {"title": "Стол", "raw_text": "Стол\nна 12 мест"}),
        ({"raw_text": "слово " * 100, "person": "Марина"}, {"person": "Марина"}),
        ({"raw_text": "Ш" * 1000}, {"title": "Ш" * 119 + "…"}),
    ],
)
def test_whatever_is_known_is_enough(cast, enter, form, made):
    assert registered(enter(cast.anna), **form).status_code == 303
    lead = Lead.objects.get()
    assert {name: getattr(lead, name) for name in made} == made
    assert lead.owner == cast.anna and lead.channel == "phone" and len(lead.title) <= 120


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"person": " "},
        {"reach": "нет @ почты"},
        {"reach": "x" * 100},
        {"person": "я" * 300},
        {"reach": "abc 12"},
        {"phone": "abc 12"},
        {"reach": "нет @ почты", "phone": "12"},
    ],
)
def test_nothing_known_or_unreadable_comes_back_as_typed(cast, enter, form):
    answer = registered(enter(cast.anna), **form)
    assert answer.status_code == 422 and 'class="err"' in answer.content.decode()
    assert not Lead.objects.exists()


def test_what_cannot_be_dialled_is_said_beside_the_field(cast, enter):
    """R-504: as an import of leads says it; a phone that came in unreadable does not stop other changes."""
    text = registered(enter(cast.anna), reach="abc 12").content.decode()
    assert 'id="id_reach_error"' in text and "Введите один телефон" in text
    lead = receive("mail", by=cast.anna, owner=cast.anna, title="Лобби", phone="звонить Вере")
    address, form = reverse("leads:edit", args=[lead.pk]), {"title": "Лобби отеля", "phone": "звонить Вере"}
    client = enter(cast.anna)
    assert client.post(address, form | {"version": lead.version}).status_code == 303
    refused = client.post(address, form | {"phone": "abc 12"})
    assert refused.status_code == 422 and 'id="id_phone_error"' in refused.content.decode()


def test_too_long_is_said_in_our_words(cast, enter):
    text = registered(enter(cast.anna), person="я" * 300).content.decode()
    assert "Не более 200 знаков, сейчас 300." in text and "Убедитесь" not in text


def test_a_mistake_under_more_is_shown(cast, enter):
    text = registered(enter(cast.anna), person="Марина", email="no mail").content.decode()
    assert '<details class="further" open>' in text


def test_the_same_form_twice_makes_one_lead(cast, enter):
    client, key = enter(cast.anna), str(uuid4())
    for _twice in range(2):
        assert registered(client, person="Марина", key=key).status_code == 303
    assert Lead.objects.count() == 1


def test_a_name_unlike_the_known_contacts_stays_in_sight(cast, enter):
    """The phone is a known client's, and somebody else has called: on the lead, in its chat and on its deal (R-112)."""
    contact = Contact.objects.create(name="Вера Куликова", owner=cast.anna)
    add_channels(contact, ["8 921 555-14-08"])
    client = enter(cast.anna)
    registered(client, person="Ирина Тестова", reach="8 921 555-14-08")
    lead = Lead.objects.get()
    text = client.get(lead.get_absolute_url()).content.decode()
    assert lead.contact == contact and "Вера Куликова" in text and "Как представились: <b>Ирина Тестова</b>" in text
    first = lead.room.messages.get(seq=1).text
    assert "Клиент: Ирина Тестова" in first and "Контакт: Вера Куликова +7 921 555-14-08" in first
    take(lead, "discuss", cast.anna, ANSWERS)
    take(lead, "convert", cast.anna, {"has_brief": "no"})
    assert "Ирина Тестова" in Deal.objects.get().comment


def test_the_contact_who_calls_again_is_named_once(cast, enter):
    contact = Contact.objects.create(name="Вера Куликова", owner=cast.anna)
    add_channels(contact, ["8 921 555-14-08"])
    client = enter(cast.anna)
    registered(client, person="Вера Куликова", reach="8 921 555-14-08")
    assert "представились" not in client.get(Lead.objects.get().get_absolute_url()).content.decode()


def test_who_is_already_here_is_said_and_no_more(cast, enter):
    contact = Contact.objects.create(name="Тайный клиент", owner=cast.pavel)
    add_channels(contact, ["8 911 000-00-01"], ["boss@buyer.example"])
    known = reverse("leads:known")
    for typed in (
        {"reach": "+7 911 000 00 01"},
        {"reach": "BOSS@buyer.example"},
        {"phone": "89110000001"},
        {"email": "boss@buyer.example"},
    ):
        text = enter(cast.anna).get(known, typed, headers={"HX-Request": "true"}).content.decode()
        assert "Павел Жуков" in text and "Тайный" not in text
        assert "Тайный" in enter(cast.pavel).get(known, typed).content.decode()
    for typed in ({}, {"reach": "8 911"}, {"reach": "\x00"}, {"reach": "x" * 5000}):
        assert enter(cast.anna).get(known, typed).content.decode().strip() == ""
    assert enter(cast.natalia).get(known, {"reach": "89110000001"}).status_code == 403


def test_the_forms_own_page_asks_from_beside_the_form(cast, enter):
    """Inside the form htmx is off there, so that it goes its own way without scripts."""
    text = enter(cast.anna).get(reverse("leads:new")).content.decode()
    outside = text[: text.index("hx-disable")]
    assert reverse("leads:known") in outside and "from:#own" in outside


# ——— to the deal and back ———


@pytest.fixture
def converted(cast):
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Лобби", source="referral", may_refer=True)
    take(lead, "discuss", cast.anna)
    take(lead, "convert", cast.anna, {"has_brief": "no"})
    lead.refresh_from_db()
    return lead


def test_entering_again_makes_no_second_deal(cast, converted):
    take(converted, "discuss", cast.anna)
    take(converted, "convert", cast.anna)
    assert Deal.objects.count() == 1


def test_an_executive_is_asked_whether_to_create_one_more(cast, converted):
    take(converted, "discuss", cast.irina)
    with pytest.raises(Incomplete) as asked:
        take(converted, "convert", cast.irina)
    field = asked.value.form.fields["target"]
    assert field.label == "Сделка уже создана: Лобби" and field.initial == "keep"
    take(converted, "convert", cast.irina, {"target": "keep"})
    assert Deal.objects.count() == 1
    take(converted, "discuss", cast.irina)
    take(converted, "convert", cast.irina, {"target": "new"})
    assert Deal.objects.count() == 2


def test_a_changed_brief_moves_no_deal_and_is_said(cast, enter, converted):
    page = converted.get_absolute_url()
    client = enter(cast.anna)
    assert "другой воронке" not in client.get(page).content.decode()
    form = {
        "title": "Лобби",
        "source": "referral",
        "may_refer": "yes",
        "has_brief": "yes",
        "version": converted.version,
    }
    assert client.post(reverse("leads:edit", args=[converted.pk]), form).status_code == 303
    assert Deal.objects.get().pipeline == "attraction"
    text = client.get(page).content.decode()
    assert "Процесс работы менеджера проекта" in text and "другой воронке" in text


def test_who_gives_a_lead_out_may_take_it_back(cast, enter):
    """They see it no longer, and «Отменить» stands under their eyes (C-6, G9)."""
    cast.pavel.distributes_leads = True
    cast.pavel.save()
    lead = receive("mail", title="Лобби", email="a@b.example")
    browser, moves = enter(cast.pavel), reverse("cards:moves", args=[lead.pk])
    answer = browser.post(moves, {"step": "discuss", "answering": 1, "owner": cast.anna.pk, **ANSWERS})
    assert answer.status_code == 200 and browser.get(lead.get_absolute_url()).status_code == 404
    event = lead.events.filter(kind="moved").get()
    back = reverse("cards:undos", args=[event.pk])
    for other in (cast.admin, cast.natalia):
        assert enter(other).post(back).status_code == 404
    assert browser.post(back).status_code == 200
    lead = Lead.objects.get(pk=lead.pk)
    assert (lead.stage, lead.owner) == ("new", None)
    assert browser.get(lead.get_absolute_url()).status_code == 200
    assert enter(cast.anna).get(lead.get_absolute_url()).status_code == 404

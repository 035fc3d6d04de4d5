"""What guards the intake: the exclusion list, the journal, and giving leads to people (R-104, R-117, G9)."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from crm.cards.verbs import share
from crm.clients.models import Contact
from crm.clients.verbs import add_channels
from crm.notifications.models import Notice
from crm.pipelines.moves import take
from crm.pipelines.undo import undo
from leads.exclusions import NotExcluded, add, exclude, excluded, read_address
from leads.intake import Excluded, admit, admit_sender, receive
from leads.models import Exclusion, IntakeRecord, Lead

ANSWERS = {"source": "referral", "may_refer": "yes"}


@pytest.fixture
def client_of_pavel(cast):
    contact = Contact.objects.create(name="Тайный клиент", owner=cast.pavel)
    add_channels(contact, ["8 911 000-00-01"], ["boss@buyer.example"])
    return contact


# ——— the list ———


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("8 (921) 555-14-08", ("phone", "+79215551408")),
        (" Spam@Example.RU ", ("mail", "spam@example.ru")),
        ("example.ru", ("domain", "example.ru")),
        ("@Example.ru", ("domain", "example.ru")),
        ("почта.рф", ("domain", "почта.рф")),
    ],
)
def test_an_address_is_read_as_what_it_looks_like(typed, read):
    assert read_address(typed) == read


@pytest.mark.parametrize("typed", ["", "   ", "12", "два слова", "x@", "@", "a" * 300, "a\x00b@c.example"])
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(ValueError):
        read_address(typed)


def test_an_executive_excludes_and_takes_off(cast, enter):
    irina = enter(cast.irina)
    page, new = reverse("leads:exclusions"), reverse("leads:exclusion_new")
    assert "Список пуст" in irina.get(page).content.decode()
    assert irina.post(new, {"address": "8 921 555-14-08"}).status_code == 303
    assert irina.post(new, {"address": "+7 (921) 5551408"}).status_code == 303
    row = Exclusion.objects.get()
    assert (row.kind, row.value, row.by) == ("phone", "+79215551408", cast.irina)
    with pytest.raises(Excluded):
        admit_sender("phone", "89215551408")
    text = irina.get(page, {"q": "8 921 555 14 08"}).content.decode()
    assert "+79215551408" in text
    assert "+79215551408" not in irina.get(page, {"q": "nobody"}).content.decode()
    assert "+79215551408" not in irina.get(page, {"kind": "mail"}).content.decode()
    off = reverse("leads:restorations", args=[row.pk])
    assert irina.get(off).status_code == 405 and irina.post(off).status_code == 303
    assert irina.post(off).status_code == 404
    assert excluded("89215551408") is None
    assert IntakeRecord.objects.filter(outcome="restored").count() == 1
    admit_sender("phone", "89215551408")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("mail.ru", "для всех"),
        ("snag.example", "собственная компания"),
        ("anna@snag.example", "собственная компания"),
        ("buyer.example", "существующие клиенты"),
        ("BOSS@buyer.example", "существующему клиенту"),
        ("8 911 000-00-01", "существующему клиенту"),
        ("что-то", "Введите"),
    ],
)
def test_own_free_and_clients_addresses_are_refused_in_words(cast, enter, client_of_pavel, typed, words):
    answer = enter(cast.irina).post(reverse("leads:exclusion_new"), {"address": typed})
    text = answer.content.decode()
    assert answer.status_code == 422 and words in text and f'value="{typed}"' in text
    assert "Тайный" not in text and not Exclusion.objects.exists()


def test_a_whole_domain_is_offered_and_never_taken(cast, enter):
    for mail in ("one@bad.example", "two@mail.ru"):
        add("mail", mail, cast.irina)
    irina = enter(cast.irina)
    text = irina.get(reverse("leads:exclusions")).content.decode()
    assert "Весь bad.example" in text and "Весь mail.ru" not in text
    assert excluded(email="other@bad.example") is None
    offered = irina.get(reverse("leads:exclusion_new") + "?address=bad.example").content.decode()
    assert 'value="bad.example"' in offered
    irina.post(reverse("leads:exclusion_new"), {"address": "bad.example"})
    assert excluded(email="Other@Bad.example").kind == "domain"
    assert "Весь bad.example" not in irina.get(reverse("leads:exclusions")).content.decode()


def test_only_executives_have_the_list(cast, enter):
    cast.pavel.distributes_leads = True
    cast.pavel.save()
    row, _new = add("mail", "one@bad.example", cast.irina)
    for who in (cast.anna, cast.pavel, cast.natalia, cast.admin):
        client = enter(who)
        for name, args in (("exclusions", []), ("exclusion_new", []), ("restorations", [row.pk])):
            address = reverse(f"leads:{name}", args=args)
            assert client.post(address, {"address": "x@y.example"}).status_code in (404, 405)
            assert client.get(address).status_code in (404, 405)
    assert Exclusion.objects.count() == 1


def test_spam_excludes_what_may_be_and_says_what_may_not(cast, enter, client_of_pavel):
    lead = receive("mail", owner=cast.anna, title="Реклама", phone="8 911 000-00-01", email="ad@bad.example")
    answer = enter(cast.anna).post(reverse("cards:moves", args=[lead.pk]), {"to": "spam", "key": str(uuid4())})
    assert answer.status_code == 200
    assert list(Exclusion.objects.values_list("value", flat=True)) == ["ad@bad.example"]
    told = answer.headers["HX-Trigger"].encode().decode("unicode_escape")
    assert "+79110000001" in told and "существующему клиенту" in told
    assert IntakeRecord.objects.get(outcome="refused").sender == "+79110000001"


def test_taking_the_move_back_takes_the_exclusion_back(cast):
    lead = receive("mail", owner=cast.anna, title="Реклама", email="ad@bad.example")
    event = take(lead, "exclude", cast.anna)
    assert excluded(email="ad@bad.example")
    undo(event, cast.anna)
    assert not Exclusion.objects.exists()


@pytest.mark.parametrize("fields", [{"phone": "доб."}, {"email": "no mail"}, {"phone": "12", "email": "@"}, {}])
def test_a_lead_with_unreadable_addresses_can_be_spam(cast, fields):
    lead = receive("mail", owner=cast.anna, title="Реклама", **fields)
    take(lead, "exclude", cast.anna)
    assert exclude(lead, cast.anna) == ([], [])


def test_own_addresses_raise(cast):
    with pytest.raises(NotExcluded):
        add("mail", "anybody@snag.example", cast.irina)


# ——— the journal ———


@pytest.fixture
def refused(cast):
    """An inquiry from the site that the list kept out."""
    add("mail", "ad@bad.example", cast.irina)
    with pytest.raises(Excluded):
        admit_sender("site", "", "ad@bad.example", "Купите базу\nдёшево", person="Рекламщик", firm="База")
    return IntakeRecord.objects.get(outcome="excluded")


def test_each_sees_the_journal_of_their_own(cast, enter, refused):
    own = receive(
        "phone", by=cast.anna, owner=cast.anna, title="Лид Анны", phone="8 921 555-14-08", raw_text="Слова Анны"
    )
    receive("mail", title="Ничей лид", email="nobody@x.example")
    page = reverse("leads:journal")

    def seen(who):
        text = enter(who).get(page).content.decode()
        return tuple(words in text for words in ("Слова Анны", "Ничей лид", "Купите базу"))

    assert seen(cast.irina) == (True, True, True)
    assert seen(cast.anna) == (True, False, False)
    assert seen(cast.pavel) == (False, False, False)
    cast.pavel.distributes_leads = True
    cast.pavel.save()
    assert seen(cast.pavel) == (False, True, True)
    for who in (cast.natalia, cast.admin):
        assert enter(who).get(page).status_code == 404
    assert own.get_absolute_url() in enter(cast.anna).get(page).content.decode()


def test_ones_own_refused_attempt_is_in_ones_journal(cast, enter):
    add("mail", "ad@bad.example", cast.irina)
    form = {"reach": "ad@bad.example", "raw_text": "Хочу базу", "channel": "phone", "key": str(uuid4())}
    client = enter(cast.anna)
    for _twice in range(2):
        answer = client.post(reverse("leads:new"), form)
        assert answer.status_code == 422 and "в списке исключений" in answer.content.decode()
    assert not Lead.objects.exists() and IntakeRecord.objects.count() == 1
    text = client.get(reverse("leads:journal")).content.decode()
    assert "Хочу базу" in text and "Зарегистрировать" not in text
    record = IntakeRecord.objects.get()
    assert client.post(reverse("leads:admissions", args=[record.pk])).status_code == 404
    enter(cast.irina).post(reverse("leads:admissions", args=[record.pk]))
    assert Lead.objects.get().owner == cast.anna
    assert Notice.objects.get(kind="assigned").user == cast.anna


def test_what_was_kept_out_becomes_a_lead_once(cast, enter, refused):
    irina = enter(cast.irina)
    admission = reverse("leads:admissions", args=[refused.pk])
    assert admission in irina.get(reverse("leads:journal")).content.decode()
    first, second = irina.post(admission), irina.post(admission)
    lead = Lead.objects.get()
    assert first["Location"] == second["Location"] == lead.get_absolute_url()
    assert (lead.person, lead.firm, lead.email, lead.channel) == ("Рекламщик", "База", "ad@bad.example", "site")
    assert lead.raw_text == "Купите базу\nдёшево" and lead.owner is None and lead.received_at == refused.at
    refused.refresh_from_db()
    assert refused.outcome == "admitted" and refused.lead_id == lead.pk
    assert admit(refused, cast.irina) == lead
    made = receive("phone", by=cast.irina, title="Другой")
    other = IntakeRecord.objects.get(lead=made)
    assert irina.post(reverse("leads:admissions", args=[other.pk])).status_code == 404


def test_the_journal_filters_and_says_when_nothing_fits(cast, enter, refused):
    receive("phone", by=cast.irina, title="Стол", raw_text="Стол на 12 мест", phone="8 921 555-14-08")
    page, irina = reverse("leads:journal"), enter(cast.irina)
    assert "Стол на 12" not in irina.get(page, {"channel": "site"}).content.decode()
    assert "Купите" not in irina.get(page, {"outcome": "lead"}).content.decode()
    assert "Стол на 12" in irina.get(page, {"q": "на 12"}).content.decode()
    assert "Сбросить фильтр" in irina.get(page, {"q": "нет такого"}).content.decode()


@pytest.mark.parametrize(
    "query", ["?q=%00", "?channel=x&outcome=y", "?page=-1", "?page=" + "9" * 30, "?q=" + "я" * 3000]
)
@pytest.mark.parametrize("name", ["journal", "exclusions", "exclusion_new", "known", "assignments", "imports"])
def test_absurd_queries_never_fail(cast, enter, refused, name, query):
    assert enter(cast.irina).get(reverse(f"leads:{name}") + query).status_code == 200


@pytest.mark.parametrize("rows", [1, 30])
def test_lists_take_the_same_statements_for_any_number_of_rows(cast, enter, django_assert_max_num_queries, rows):
    for n in range(rows):
        add("mail", f"ad{n}@bad{n}.example", cast.irina)
        receive("mail", owner=cast.anna, title=f"Лид {n}", email=f"m{n}@x.example")
    irina = enter(cast.irina)
    for name in ("journal", "exclusions"):
        irina.get(reverse(f"leads:{name}"))
        with django_assert_max_num_queries(9):
            assert irina.get(reverse(f"leads:{name}")).status_code == 200


def test_a_full_page_has_a_next_one_that_keeps_the_filter(cast, enter):
    for n in range(60):
        add("mail", f"ad{n}@bad.example", cast.irina)
    text = enter(cast.irina).get(reverse("leads:exclusions") + "?kind=mail").content.decode()
    assert "?kind=mail&amp;page=2" in text
    assert text.count("restorations") == 50


# ——— giving leads to people ———


def leads_of(cast):
    return [receive("mail", title=f"Ничей {n}") for n in range(3)]


def test_several_leads_are_given_at_once_and_each_is_reported(cast, enter):
    one, two, _three = leads_of(cast)
    theirs = receive("phone", by=cast.pavel, owner=cast.pavel, title="Уже Павла")
    page = reverse("leads:assignments")
    irina = enter(cast.irina)
    asked = irina.get(page, {"card": [one.pk, two.pk]}, headers={"HX-Request": "true"}).content.decode()
    assert "2 лида" in asked and asked.count('name="card"') == 2
    sent = {"card": [one.pk, two.pk, two.pk, theirs.pk, 999_999, "x", "9" * 40], "owner": cast.pavel.pk}
    answer = irina.post(page, sent, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200 and "Павел Жуков: 2 лида" in text
    assert text.count("<li") == 4 and "уже ответственный" in text and "Лида нет" in text
    assert set(Lead.objects.filter(owner=cast.pavel)) == {one, two, theirs}
    assert Lead.objects.visible_to(cast.pavel).count() == 3
    assert Notice.objects.filter(user=cast.pavel, kind="assigned").count() == 2
    assert irina.post(page, sent).status_code == 200 and Notice.objects.filter(user=cast.pavel).count() == 2


def test_when_all_are_given_a_toast_says_so(cast, enter):
    ids = [lead.pk for lead in leads_of(cast)]
    sent = {"card": ids, "owner": cast.pavel.pk}
    answer = enter(cast.irina).post(reverse("leads:assignments"), sent, headers={"HX-Request": "true"})
    says = json.loads(answer.headers["HX-Trigger"])
    assert answer.status_code == 204 and says["toast"]["text"] == "Павел Жуков: 3 лида" and "card-changed" in says
    assert Lead.objects.filter(owner=cast.pavel).count() == 3


def test_the_list_lets_those_who_distribute_choose(cast, enter):
    one, *_rest = leads_of(cast)
    receive("phone", by=cast.anna, owner=cast.anna, title="Лид Анны")
    page = reverse("boards:list", args=["leads"])
    text = enter(cast.irina).get(page).content.decode()
    assert f'value="{one.pk}" data-bulk-one' in text and reverse("cards:owners", args=[one.pk]) in text
    assert "Список исключений" in text and "Не назначены" in text
    alone = enter(cast.irina).get(page, {"nobody": "1"}).content.decode()
    assert one.title in alone and "Лид Анны" not in alone
    text = enter(cast.anna).get(page, {"nobody": "1"}).content.decode()
    assert "data-bulk" not in text and "Список исключений" not in text and "Не назначены" not in text
    assert "Журнал обращений" in text and "Лид Анны" in text
    other = enter(cast.irina).get(reverse("boards:list", args=["project"])).content.decode()
    assert "Журнал обращений" not in other and "data-bulk" not in other


def test_a_wrong_person_is_refused(cast, enter):
    one, *_rest = leads_of(cast)
    irina = enter(cast.irina)
    for owner in ("", "x", cast.natalia.pk, cast.gone.pk):
        answer = irina.post(reverse("leads:assignments"), {"card": [one.pk], "owner": owner})
        assert answer.status_code == 422 and f'value="{one.pk}"' in answer.content.decode()
    assert not Lead.objects.exclude(owner=None).exists()


def test_a_dispatcher_gives_what_is_nobodys_and_nothing_else(cast, enter):
    cast.pavel.distributes_leads = True
    cast.pavel.save()
    one, *_rest = leads_of(cast)
    hers = receive("phone", by=cast.anna, owner=cast.anna, title="Лид Анны")
    answer = enter(cast.pavel).post(reverse("leads:assignments"), {"card": [one.pk, hers.pk], "owner": cast.pavel.pk})
    assert "Лид Анны" not in answer.content.decode()
    assert dict(Lead.objects.filter(pk__in=[one.pk, hers.pk]).values_list("pk", "owner")) == {
        one.pk: cast.pavel.pk, hers.pk: cast.anna.pk,
    }  # fmt: skip
    assert enter(cast.anna).post(reverse("leads:assignments"), {"card": [one.pk]}).status_code == 404


def test_what_is_only_seen_is_not_given(cast, enter):
    cast.pavel.distributes_leads = True
    cast.pavel.save()
    hers = receive("phone", by=cast.anna, owner=cast.anna, title="Лид Анны")
    share(hers, cast.pavel, cast.anna)
    answer = enter(cast.pavel).post(reverse("leads:assignments"), {"card": [hers.pk], "owner": cast.pavel.pk})
    assert answer.status_code == 200 and "Лида нет или он не ваш" in answer.content.decode()
    assert Lead.objects.get().owner == cast.anna


def test_handing_over_one_lead_tells_the_new_owner(cast, enter):
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Лид")
    answer = enter(cast.irina).post(reverse("cards:owners", args=[lead.pk]), {"owner": cast.pavel.pk})
    assert answer.status_code == 204
    assert Notice.objects.get(kind="assigned").user == cast.pavel


def test_a_move_that_names_the_owner_tells_them_and_undo_takes_it_back(cast):
    lead = receive("mail", title="Ничей")
    event = take(lead, "discuss", cast.irina, {**ANSWERS, "owner": cast.pavel.pk})
    assert Notice.objects.filter(kind="assigned").get().user == cast.pavel
    undo(event, cast.irina)
    assert not Notice.objects.filter(kind="assigned").exists()

import re
from datetime import time
from decimal import Decimal
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import override

from crm.office import catalogues, memory, starter
from crm.office.models import Account, Entry, Office, TaskTemplate, office

pytestmark = pytest.mark.django_db

TITLES = {
    "discuss-lead": "Обсудить лид с руководством",
    "strategy-meeting": "Организовать встречу с руководителями: обсудить стратегию по сделке",
    "clarify-request": "Уточнить запрос клиента",
    "decision-meeting": "Организовать встречу с руководителями: принять итоговое решение по КП",
    "payment": "Оплата: …",
    "approve-expense": "Утвердить оплату",
    "payment-order": "Подготовить п/п",
}


def test_a_fresh_company_has_the_agreed_rules():
    rules = office()
    assert (rules.zone, rules.day_start, rules.day_end, rules.short_day_end) == (
        "Europe/Moscow",
        time(9),
        time(18),
        time(17),
    )
    assert (rules.lead_archive_days, rules.undo_seconds, rules.stuck_days) == (7, 10, 5)
    assert rules.margin_threshold == Decimal(20)
    assert not any(getattr(rules, field.name) for field in Office._meta.fields if field.name.startswith("asks_"))


def test_there_is_one_office_and_it_comes_back_by_itself():
    Office(name="Другая").save()
    assert Office.objects.get().name == "Другая"
    with pytest.raises(IntegrityError), transaction.atomic():
        Office.objects.bulk_create([Office(pk=2)])
    Office.objects.all().delete()
    assert office().zone == "Europe/Moscow"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("zone", "Moscow"),
        ("zone", "../etc/passwd"),
        ("day_end", time(8)),
        ("short_day_end", time(19)),
        ("short_day_end", time(9)),
        ("lead_archive_days", 0),
        ("margin_threshold", Decimal("100.01")),
        ("undo_seconds", 3600),
    ],
)
def test_rules_that_make_no_sense_are_refused(field, value):
    rules = Office.load()
    setattr(rules, field, value)
    with pytest.raises(ValidationError) as refused:
        rules.full_clean()
    assert field in refused.value.message_dict


def test_reading_costs_nothing_until_something_changes(django_assert_num_queries):
    office(), catalogues.entries("source"), catalogues.template("discuss-lead")
    with django_assert_num_queries(0):
        office(), catalogues.entries("need"), catalogues.name_of("source", "mail"), catalogues.templates("offer")


def test_a_change_made_by_another_process_is_heard_in_seconds(monkeypatch):
    assert catalogues.name_of("source", "mail") == "Почта info@"
    Entry.objects.filter(catalogue="source", code="mail").update(name="Почта")
    Office.objects.update(revision=uuid4())
    assert catalogues.name_of("source", "mail") == "Почта info@"
    now = memory.monotonic()
    monkeypatch.setattr(memory, "monotonic", lambda: now + memory.FRESH_SECONDS)
    assert catalogues.name_of("source", "mail") == "Почта"


def test_a_change_that_was_rolled_back_is_forgotten(monkeypatch):
    assert office().stuck_days == 5
    with pytest.raises(KeyError), transaction.atomic():
        rules = Office.load()
        rules.stuck_days = 9
        rules.save()
        assert office().stuck_days == 9
        raise KeyError
    now = memory.monotonic()
    monkeypatch.setattr(memory, "monotonic", lambda: now + memory.FRESH_SECONDS)
    assert office().stuck_days == 5


def test_the_starter_words_are_there_exactly():
    assert [entry.name for entry in catalogues.entries("source")] == [
        "Почта info@",
        "Сайт",
        "Звонок",
        "Рекомендация",
        "Архитектор или дизайнер",
        "Выставка",
        "Повторное",
    ]
    assert {code: catalogues.template(code).title for code in TITLES} == TITLES
    assert [(template.title, len(template.checklist)) for template in catalogues.templates("offer")] == [
        ("Подбор и спецификация", 12),
        ("Запрос цен поставщикам", 7),
        ("Расчёт сметы", 9),
        ("Образцы и визуализация", 5),
        ("Тендерная документация", 11),
        ("Логистика и монтаж", 6),
    ]
    assert len(catalogues.template("clarify-request").checklist) == 10
    for template in TaskTemplate.objects.all():
        template.full_clean()


def test_loading_the_words_again_changes_nothing_of_ours():
    Entry.objects.filter(catalogue="source", code="mail").update(name="Почта")
    TaskTemplate.objects.filter(code="discuss-lead").update(days=3)
    before = Entry.objects.count(), TaskTemplate.objects.count()
    starter.load(apps)
    assert (Entry.objects.count(), TaskTemplate.objects.count()) == before
    assert Entry.objects.get(catalogue="source", code="mail").name == "Почта"
    assert TaskTemplate.objects.get(code="discuss-lead").days == 3


def test_a_retired_entry_is_not_offered_but_keeps_its_name():
    Entry.objects.get(catalogue="source", code="exhibition").delete()
    Entry.objects.create(catalogue="source", code="fair", name="Ярмарка", active=False)
    assert "fair" not in dict(catalogues.choices("source"))
    assert dict(catalogues.choices("source", "fair"))["fair"] == "Ярмарка"
    assert catalogues.name_of("source", "fair") == "Ярмарка"
    assert catalogues.name_of("source", "exhibition") == "exhibition"


def test_a_catalogue_has_each_name_once():
    with pytest.raises(ValidationError):
        Entry(catalogue="source", name="сайт").full_clean()
    Entry(catalogue="need", name="Сайт").full_clean()


def test_a_title_says_what_it_is_about():
    assert catalogues.template("payment").titled("ООО «Три кита»") == "Оплата: ООО «Три кита»"
    assert catalogues.template("payment").titled() == "Оплата: …"
    assert catalogues.template("discuss-lead").titled("Кафе") == "Обсудить лид с руководством"


def test_an_unknown_template_is_said_so():
    with pytest.raises(TaskTemplate.DoesNotExist):
        catalogues.template("nothing")


@pytest.mark.parametrize("checklist", ["text", [""], ["  "], [1], ["x" * 201], {"a": "b"}])
def test_a_checklist_is_a_list_of_lines(checklist):
    with pytest.raises(ValidationError):
        TaskTemplate(title="Задача", checklist=checklist).full_clean()


def test_an_own_account_is_told_by_firm_bank_and_its_end():
    account = Account(
        firm="ООО «Интерьер»",
        inn="7707083893",
        bank="ПАО Сбербанк",
        bik="044525225",
        number="40702810938120061991",
    )
    account.full_clean()
    account.save()
    assert str(account) == "ООО «Интерьер», ПАО Сбербанк, …1991"
    with pytest.raises(ValidationError):
        Account(firm="ООО", inn="77070838", bank="Банк", bik="0445", number="407").full_clean()


def test_the_settings_speak_russian():
    fields = [field for model in apps.get_app_config("office").get_models() for field in model._meta.fields]
    with override("ru"):
        for field in fields:
            if field.editable and not field.primary_key:
                assert re.search("[а-яё]", str(field.verbose_name).lower()), field

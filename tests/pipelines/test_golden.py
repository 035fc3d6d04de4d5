"""Every process printed as a table; the golden file beside this test is what was agreed."""

from pathlib import Path

import pytest

from crm.pipelines.declare import PIPELINES, table

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("slug", ["leads", "attraction", "reminder", "project", "expenses"])
def test_process_is_as_agreed(slug):
    assert table(slug) == (GOLDEN / f"{slug}.txt").read_text()


def test_every_process_has_a_golden_table():
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(PIPELINES)


NAMES = {
    "leads": [
        "Сбор заявок из разных источников", "Обсудить заявку и поставить задачу о встрече", "Лид интересен, создать сделку",
        "Прочие обращения", "Спам, в список исключений", "Сохранить контакт / компанию",
    ],
    "attraction": [
        "Новые", "Сбор информации (поиск ЛПР)", "ЛПР найден. Обсудить стратегию", "Презентация компании",
        "Попадание в пул поставщиков", "Не сотрудничаем",
    ],
    "reminder": [
        "Новые (заполнить потребности и ритм)", "Напоминание запланировано", "Пора напомнить", "Просрочено",
        "Есть интерес / заявка", "Не беспокоить",
    ],
    "project": [
        "Поступило ТЗ", "Уточнение запроса", "Подготовка предложения", "Принятие решения", "КП отправлено клиенту",
        "Договор и оплата", "Комплектация и поставка", "Проект завершён", "Отказ",
    ],
    "expenses": [
        "Документы на оплату / доплату / уточнение", "Руководителю на утверждение оплаты", "Бухгалтеру: подготовить п/п",
        "П/п подготовлено (в банке)", "Счета оплачены", "Отменён",
    ],
}  # fmt: skip


@pytest.mark.django_db  # a fresh company has no words of its own for them
@pytest.mark.parametrize("slug", NAMES)
def test_stages_have_exactly_the_customers_names_in_order(slug):
    assert [str(stage.label) for stage in PIPELINES[slug].stages.values()] == NAMES[slug]

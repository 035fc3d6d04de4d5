"""The words a fresh company starts with: catalogues and ready tasks, to be renamed and extended in settings."""

from uuid import uuid4

ENTRIES: dict[str, list[tuple[str, str]]] = {
    "source": [
        ("mail", "Почта info@"),
        ("site", "Сайт"),
        ("call", "Звонок"),
        ("referral", "Рекомендация"),
        ("designer", "Архитектор или дизайнер"),
        ("exhibition", "Выставка"),
        ("repeat", "Повторное"),
    ],
    "article": [
        ("furniture", "Закупка мебели"),
        ("materials", "Закупка света, текстиля и отделки"),
        ("logistics", "Логистика"),
        ("assembly", "Монтаж"),
        ("samples", "Образцы и визуализация"),
        ("fees", "Вознаграждение партнёров"),
        ("rent", "Аренда"),
        ("payroll", "Зарплата"),
        ("taxes", "Налоги"),
        ("bank-fee", "Комиссия банка"),
        ("marketing", "Маркетинг"),
        ("software", "Связь и программы"),
        ("other", "Прочее"),
    ],
    "need": [
        ("furniture", "Мебель"),
        ("light", "Свет"),
        ("carpets", "Ковровые покрытия"),
        ("flooring", "Напольные покрытия"),
        ("textile", "Текстиль"),
        ("acoustics", "Акустика"),
        ("doors", "Двери и перегородки"),
        ("decor", "Декор"),
        ("plumbing", "Сантехника"),
        ("consulting", "Консалтинг"),
    ],
    "object_type": [
        ("office", "Офис"),
        ("restaurant", "Ресторан"),
        ("flat", "Квартира"),
        ("hotel", "Отель"),
        ("shop", "Магазин или шоурум"),
        ("lobby", "Общественные зоны"),
        ("clinic", "Клиника"),
        ("school", "Учебное заведение"),
        ("other", "Прочее"),
    ],
    "service": [
        ("furnishing", "Комплектация"),
        ("consulting", "Экспертный консалтинг"),
    ],
    "folder": [
        ("brief", "ТЗ"),
        ("offer", "КП"),
        ("contract", "Договор"),
        ("invoices", "Счета"),
        ("suppliers", "Поставщики"),
        ("photos", "Фото"),
    ],
    "loss_reason": [
        ("price", "Дорого"),
        ("competitor", "Выбрали другого поставщика"),
        ("own-supplier", "Работают со своим поставщиком"),
        ("budget", "Нет бюджета"),
        ("terms", "Не устроили сроки"),
        ("range", "Нет нужных позиций"),
        ("cancelled", "Проект отменён или отложен"),
        ("silence", "Клиент не отвечает"),
        ("not-ours", "Не наш профиль"),
        ("other", "Другое"),
    ],
}

# code, title, hint, working days, group, checklist
TEMPLATES: list[tuple[str, str, str, int, str, list[str]]] = [
    ("discuss-lead", "Обсудить лид с руководством", "", 2, "lead", []),
    (
        "strategy-meeting",
        "Организовать встречу с руководителями: обсудить стратегию по сделке",
        "",
        2,
        "attraction",
        [],
    ),
    (
        "clarify-request",
        "Уточнить запрос клиента",
        "",
        2,
        "project",
        [
            "Площадь объекта",
            "Сроки",
            "Бюджет",
            "Стилистика и бренды",
            "Ведомость позиций",
            "Замеры и планы",
            "Кто ЛПР",
            "Доставка и монтаж",
            "Условия оплаты",
            "Проводится ли тендер",
        ],
    ),
    (
        "decision-meeting",
        "Организовать встречу с руководителями: принять итоговое решение по КП",
        "",
        2,
        "project",
        [],
    ),
    ("remind-letter", "Напомнить о компании: письмо", "", 0, "reminder", []),
    ("remind-call", "Напомнить о компании: звонок", "", 0, "reminder", []),
    ("remind-meeting", "Напомнить о компании: встреча", "", 0, "reminder", []),
    (
        "offer-selection",
        "Подбор и спецификация",
        "подобрать позиции по ТЗ",
        2,
        "offer",
        [
            "Разобрать ТЗ на позиции",
            "Сверить размеры с планом",
            "Мебель: основной вариант",
            "Мебель: вариант на замену",
            "Свет",
            "Напольные и ковровые покрытия",
            "Текстиль и декор",
            "Отделки, ткани и цвета",
            "Пожарные и санитарные требования",
            "Артикулы и ссылки на производителя",
            "Количество и запас",
            "Сверить спецификацию с клиентом",
        ],
    ),
    (
        "offer-prices",
        "Запрос цен поставщикам",
        "письма и сроки ответа",
        2,
        "offer",
        [
            "Список поставщиков по позициям",
            "Письма с запросом отправлены",
            "Срок ответа назначен",
            "Цены получены",
            "Скидки и условия оплаты",
            "Сроки изготовления и наличие",
            "Сравнение предложений",
        ],
    ),
    (
        "offer-estimate",
        "Расчёт сметы",
        "смета дохода и расхода",
        2,
        "offer",
        [
            "Закупка по позициям",
            "НДС",
            "Курс валюты и запас на его рост",
            "Доставка",
            "Монтаж",
            "Вознаграждение партнёра",
            "Смета расхода",
            "Смета дохода",
            "Прибыль не ниже порога",
        ],
    ),
    (
        "offer-samples",
        "Образцы и визуализация",
        "ткани, отделки, рендер",
        2,
        "offer",
        [
            "Образцы тканей",
            "Образцы отделок",
            "Расстановка на плане",
            "Визуализация",
            "Показ клиенту",
        ],
    ),
    (
        "offer-tender",
        "Тендерная документация",
        "формы, гарантии, сроки",
        2,
        "offer",
        [
            "Условия тендера прочитаны",
            "Срок подачи",
            "Вопросы заказчику",
            "Заявка по форме",
            "Техническое предложение",
            "Ценовое предложение",
            "Учредительные документы",
            "Справки и выписки",
            "Обеспечение заявки",
            "Гарантийные письма производителей",
            "Подписано и подано",
        ],
    ),
    (
        "offer-logistics",
        "Логистика и монтаж",
        "подъём, склад, бригада",
        2,
        "offer",
        [
            "Объём и вес груза",
            "Подъезд, подъём и пропуска",
            "Склад на время ожидания",
            "Стоимость доставки",
            "Бригада и срок монтажа",
            "Вывоз упаковки",
        ],
    ),
    ("payment", "Оплата: …", "", 0, "expense", []),
    ("approve-expense", "Утвердить оплату", "", 1, "expense", []),
    ("payment-order", "Подготовить п/п", "", 1, "expense", []),
]


def load(apps) -> None:
    """Add whatever is missing, changing no row that is there; ``apps`` is a registry, a migration's or the real one."""
    office, entry, template = (apps.get_model("office", name) for name in ("Office", "Entry", "TaskTemplate"))
    office.objects.get_or_create(pk=1)
    entry.objects.bulk_create(
        (
            entry(catalogue=catalogue, code=code, name=name, position=10 * place)
            for catalogue, names in ENTRIES.items()
            for place, (code, name) in enumerate(names, 1)
        ),
        ignore_conflicts=True,
    )
    template.objects.bulk_create(
        (
            template(
                code=code, title=title, hint=hint, days=days, group=group, checklist=checklist, position=10 * place
            )
            for place, (code, title, hint, days, group, checklist) in enumerate(TEMPLATES, 1)
        ),
        ignore_conflicts=True,
    )
    office.objects.update(revision=uuid4())

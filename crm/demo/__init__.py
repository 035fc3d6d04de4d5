"""The demo company: a firm that furnishes interiors, its people, and half a year of their work ending now."""

PASSWORD = "demo-interior"  # noqa: S105

# name, position, roles, whether they distribute leads, mail
PEOPLE = [
    ("Дмитрий Соколов", "Генеральный директор", ["executive"], True, "sokolov@interior.example"),
    ("Елена Воронцова", "Коммерческий директор", ["executive"], True, "vorontsova@interior.example"),
    ("Мария Белова", "Менеджер проекта", ["manager"], False, "belova@interior.example"),
    ("Алексей Орлов", "Менеджер проекта", ["manager"], False, "orlov@interior.example"),
    ("Ольга Никитина", "Менеджер проекта", ["manager"], False, "nikitina@interior.example"),
    ("Павел Громов", "Менеджер по работе с клиентами", ["manager"], False, "gromov@interior.example"),
    ("Анна Ковалёва", "Менеджер по работе с клиентами", ["manager"], False, "kovaleva@interior.example"),
    ("Игорь Зимин", "Менеджер по работе с клиентами", ["manager"], False, "zimin@interior.example"),
    ("Светлана Осипова", "Менеджер проекта", ["manager"], False, "osipova@interior.example"),
    ("Юлия Тихонова", "Координатор обращений", ["manager"], True, "tikhonova@interior.example"),
    ("Наталья Медведева", "Главный бухгалтер", ["accountant"], False, "medvedeva@interior.example"),
    ("Роман Сафонов", "Системный администратор", ["administrator"], False, "safonov@interior.example"),
]

LOGINS = [(position, email, PASSWORD) for _name, position, _roles, _distributes, email in PEOPLE]

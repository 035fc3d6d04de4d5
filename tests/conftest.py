"""The cast that every test knows, and a clean memory for each of them."""

from types import SimpleNamespace

import pytest
from django.apps import apps

from crm.office import memory
from crm.people.models import Role, User


@pytest.fixture(autouse=True)
def fresh_memory():
    """What one test remembered of rows that were rolled back is nothing to the next."""
    memory.forget()
    yield
    memory.forget()


def person(email, name, *roles, **more):
    return User.objects.create_user(f"{email}@snag.example", "drafting-table", name=name, roles=list(roles), **more)


def hire():
    """Two managers, two executives, an accountant, an administrator, and one who left."""
    return SimpleNamespace(
        anna=person("anna", "Анна Лебедева", Role.MANAGER),
        pavel=person("pavel", "Павел Жуков", Role.MANAGER),
        irina=person("irina", "Ирина Снегирёва", Role.EXECUTIVE),
        oleg=person("oleg", "Олег Ванчугов", Role.EXECUTIVE),
        natalia=person("natalia", "Наталья Гущина", Role.ACCOUNTANT),
        admin=person("admin", "Роман Админов", Role.ADMINISTRATOR),
        gone=person("gone", "Глеб Ушедший", Role.MANAGER, is_active=False),
    )


@pytest.fixture
def cast(db):
    return hire()


@pytest.fixture
def lasting_cast(transactional_db):
    """The cast in a database that threads and browsers see; what migrations loaded is there again after a flush."""
    from crm.cards.access import permission_id
    from crm.office.starter import load

    load(apps)
    memory.forget()
    permission_id.cache_clear()
    return hire()

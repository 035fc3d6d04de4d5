"""The cast that every test knows, and a clean memory for each of them."""

import gc
from functools import cache
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from crm.office import memory
from crm.people.models import Role, User

from .post_office import PostOfficeBox, opened

# Time is measured in benchmarks: a slow machine fails nothing here.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


class TogetherOrAlone(LoadScopeScheduling):
    """Tests that share one costly run of the product go to one worker, any other to whoever is free."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return file if file.endswith("/test_up.py") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return TogetherOrAlone(config, log)


def pytest_collection_finish():
    """What was imported stays: collected again and again it takes a tenth of the run."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def fresh_memory(monkeypatch):
    """What one test remembered of rows that were rolled back is nothing to the next.

    Nor does a slow machine ask the office's row once more in between, where statements are counted.
    """
    monkeypatch.setattr(memory, "FRESH_SECONDS", 3600)
    memory.forget()
    yield
    memory.forget()


@cache
def secret():
    """The cast's one password as it is stored: Argon2 is slow on purpose, so it is computed once."""
    return make_password("drafting-table")


def person(email, name, *roles, **more):
    return User.objects.create(
        email=f"{email}@snag.example", password=secret(), name=name, roles=[str(role) for role in roles], **more
    )


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


@pytest.fixture
def post_office(settings):
    """Letters leave through a real mail server; what it took in stands in ``letters``."""
    box = PostOfficeBox()
    server = opened(box)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield box
    server.stop()

"""One world for each module of doors, made once; whatever a test does in it is taken back."""

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings

from crm.cards.access import permission_id
from crm.office import memory

from .world import build


@pytest.fixture(scope="module", autouse=True)
def files_apart(tmp_path_factory):
    """Clocks go days ahead here and sweep what is old: the files of other tests lie elsewhere."""
    place = tmp_path_factory.mktemp("files")
    apart = {**settings.FILES_STORAGE, "OPTIONS": {"location": place}}
    with override_settings(MEDIA_ROOT=place, STORAGES={**settings.STORAGES, "files": apart}):
        yield


@pytest.fixture(scope="module")
def world(files_apart, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with transaction.atomic():
            yield build()
            transaction.set_rollback(True)
        permission_id.cache_clear()
        memory.forget()

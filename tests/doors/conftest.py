"""One world for each module of doors, made once; whatever a test does in it is taken back."""

import pytest
from django.db import transaction

from crm.cards.access import permission_id
from crm.office import memory

from .world import build


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with transaction.atomic():
            yield build()
            transaction.set_rollback(True)
        permission_id.cache_clear()
        memory.forget()

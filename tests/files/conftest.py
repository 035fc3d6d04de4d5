"""A deal with its folder, and files put into it; every test has a storage of its own."""

import io

import pytest

from crm.pipelines.moves import open_card
from deals.models import Project
from files import verbs


@pytest.fixture(autouse=True)
def files_apart(settings, tmp_path):
    """Bytes of one test lie where no other test looks."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.STORAGES = settings.STORAGES | {
        "files": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": settings.MEDIA_ROOT},
        }
    }
    return settings.MEDIA_ROOT


@pytest.fixture
def deal(cast):
    return open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")


@pytest.fixture
def folder(deal):
    return deal.folders.get(parent=None)


@pytest.fixture
def put(cast, folder):
    """Put bytes into the deal's folder as its manager."""

    def put(name="План.txt", content=b"words", where=None, by=None, **more):
        return verbs.put(where or folder, name, io.BytesIO(content), by or cast.anna, **more)

    return put

"""Signed-in people, and files of leads as other programs write them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse


@pytest.fixture
def enter():
    """A browser without scripts, signed in."""

    def sign_in(user):
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def upload(enter):
    """Send a file as this person; returns the answer."""

    def send(user, content, name="leads.csv"):
        data = content if isinstance(content, bytes) else content.encode()
        return enter(user).post(reverse("leads:imports"), {"file": SimpleUploadedFile(name, data)})

    return send

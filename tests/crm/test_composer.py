"""What is written on a card's page is kept once, however often its form arrives."""

import re
from uuid import uuid4

import pytest

from chats.models import Message, Room
from crm.activities.models import Task
from crm.cards.models import Event
from leads.intake import receive

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lead(cast):
    return receive("phone", by=cast.anna, owner=cast.anna, title="Мебель в лобби", phone="8 921 555-14-08")


def addresses(lead):
    room = Room.objects.get(card=lead)
    return {
        "chat": (f"/chats/{room.pk}/messages/", Message.objects.filter(room=room).exclude(author=None)),
        "call": (f"/cards/{lead.pk}/touches/", Event.objects.filter(card=lead, kind=Event.Kind.TOUCH)),
        "note": (f"/cards/{lead.pk}/notes/", Event.objects.filter(card=lead, kind=Event.Kind.NOTE)),
        "task": (f"/cards/{lead.pk}/tasks/", Task.objects.filter(card=lead)),
    }


@pytest.mark.parametrize("mode", ["chat", "call", "note", "task"])
def test_the_same_form_twice_is_kept_once(client, cast, lead, mode):
    client.force_login(cast.anna)
    address, kept = addresses(lead)[mode]
    typed = {"text": "Ждёт смету до пятницы", "key": str(uuid4())}
    first, second = (client.post(address, typed, headers=HTMX) for _time in range(2))
    assert first.status_code == second.status_code < 300
    assert kept.count() == 1
    client.post(address, typed | {"key": str(uuid4())}, headers=HTMX)
    assert kept.count() == 2


def test_the_chat_page_sends_its_key_without_scripts(client, cast, lead):
    client.force_login(cast.anna)
    room = Room.objects.get(card=lead)
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', client.get(f"/chats/{room.pk}/").content.decode())[1]
    refused = client.post(f"/chats/{room.pk}/messages/", {"text": "", "key": key})
    assert refused.status_code == 422 and key in refused.content.decode()

"""An imported file taken back: untouched leads go, those worked on stay, in parts that may be interrupted (C-22)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chats.verbs import post
from crm.cards.models import Card
from crm.cards.verbs import hand_over, note
from crm.notifications.models import Outbox
from crm.notifications.outbox import drain
from leads.imports import running, taking_back
from leads.models import ImportRow, IntakeRecord, Lead, LeadImport

from .test_import import checked, start


def rows_of(number):
    return "Имя;Почта\n" + "".join(f"Имя {n};m{n}@x.example\n" for n in range(number))


@pytest.fixture
def imported(cast, enter, upload):
    def make(number, by=None):
        batch = checked(upload(by or cast.anna, rows_of(number)))
        start(enter(by or cast.anna), batch)
        drain()
        assert Lead.objects.filter(import_batch=batch.batch).count() == number
        return batch

    return make


def back(client, batch):
    answer = client.post(reverse("leads:withdrawals", args=[batch.pk]))
    assert answer.status_code == 303 and answer["Location"] == batch.get_absolute_url()
    batch.refresh_from_db()
    return batch


def test_untouched_leads_go_and_those_worked_on_stay(cast, enter, imported):
    batch, client = imported(6), enter(cast.anna)
    noted, talked, given, *_others = Lead.objects.order_by("pk")
    note(noted, "Перезвонить", cast.anna)
    post(talked.room, "Кто возьмёт?", cast.anna)
    hand_over(given, cast.pavel, cast.anna)
    asked = client.get(reverse("leads:withdrawals", args=[batch.pk])).content.decode()
    assert "Уйдут 3 лида" in asked and "Останутся 3 лида" in asked and Lead.objects.count() == 6
    back(client, batch)
    assert set(Lead.objects.all()) == {noted, talked, given} and Card.objects.count() == 3
    assert batch.counts() == {"kept": 3, "gone": 3} and batch.taken_back_by == cast.anna and batch.cleared_at
    assert IntakeRecord.objects.filter(outcome="withdrawn", lead=None).count() == 3
    text = client.get(batch.get_absolute_url()).content.decode()
    assert "Отменено" in text and cast.anna.name in text and noted.number in text
    assert "3 лида удалены" in text and "Останутся 3 лида" in text
    kept = client.get(batch.get_absolute_url() + "?state=kept").content.decode()
    assert "Имя 0" in kept and "Имя 5" not in kept


def test_asked_twice_it_is_done_once(cast, enter, imported):
    batch, client = imported(2), enter(cast.anna)
    when = back(client, batch).taken_back_at
    assert back(client, batch).taken_back_at == when and batch.counts() == {"gone": 2}


def test_the_file_can_be_imported_again(cast, enter, upload, imported):
    batch, client = imported(3), enter(cast.anna)
    kept = Lead.objects.order_by("pk").first()
    note(kept, "Перезвонить", cast.anna)
    back(client, batch)
    again = checked(upload(cast.anna, rows_of(3)))
    assert again != batch and again.counts() == {"ready": 2, "repeat": 1}
    start(client, again)
    assert Lead.objects.count() == 3
    assert LeadImport.objects.filter(cleared_at=None).get() == again


def test_killed_in_the_middle_it_goes_on(cast, enter, imported, monkeypatch):
    monkeypatch.setattr(taking_back, "PART", 2)
    batch, client = imported(7), enter(cast.anna)
    back(client, batch)
    assert batch.cleared_at is None and batch.counts() == {"done": 5, "gone": 2}
    text = client.get(batch.get_absolute_url()).content.decode()
    assert 'value="2" max="7"' in text and "every 2s" in text
    honest, died = taking_back.hint_card, []

    def dies(card, people, **more):
        if not died:
            died.append(card.pk)
            raise SystemExit  # as a worker that is killed: its transaction is gone with it
        honest(card, people, **more)

    monkeypatch.setattr(taking_back, "hint_card", dies)
    with pytest.raises(SystemExit):
        drain()
    assert died and Lead.objects.count() == 5 and batch.counts() == {"done": 5, "gone": 2}
    drain()
    batch.refresh_from_db()
    assert batch.cleared_at and batch.counts() == {"gone": 7} and not Lead.objects.exists()
    assert not Outbox.objects.filter(done_at=None, kind="lead-import-back").exists()


def test_a_lead_touched_meanwhile_stays(cast, enter, imported, monkeypatch):
    monkeypatch.setattr(taking_back, "PART", 2)
    batch = back(enter(cast.anna), imported(4))
    last = Lead.objects.order_by("-pk").first()
    note(last, "Перезвонить", cast.anna)
    drain()
    assert Lead.objects.get() == last and batch.counts() == {"kept": 1, "gone": 3}


def test_an_import_under_way_stops(cast, enter, upload, monkeypatch):
    monkeypatch.setattr(running, "PART", 2)
    batch, client = checked(upload(cast.anna, rows_of(5))), enter(cast.anna)
    start(client, batch)
    back(client, batch)
    drain()
    assert not Lead.objects.exists() and batch.counts() == {"ready": 3, "gone": 2}


def test_only_its_person_and_only_for_a_month(cast, enter, imported):
    batch = imported(2)
    address = reverse("leads:withdrawals", args=[batch.pk])
    for stranger in (cast.pavel, cast.irina, cast.admin, cast.natalia):
        client = enter(stranger)
        assert client.get(address).status_code == client.post(address).status_code == 404
    LeadImport.objects.update(started_at=timezone.now() - timedelta(days=31))
    client = enter(cast.anna)
    assert client.get(address).status_code == 303 and back(client, batch).taken_back_at is None
    assert Lead.objects.count() == 2
    assert address not in client.get(batch.get_absolute_url()).content.decode()


def test_another_file_is_left_alone(cast, enter, upload, imported):
    start(enter(cast.pavel), checked(upload(cast.pavel, "Имя\nЧужой\n")))
    back(enter(cast.anna), imported(2))
    assert Lead.objects.get().person == "Чужой" and ImportRow.objects.filter(state="done").count() == 1

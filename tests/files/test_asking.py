"""Moves that ask for a file: sent in the dialog or lying in the folder already, once the company wants it (R-244, R-307)."""

import io
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.clients.models import Company
from crm.office import memory
from crm.office.calendar import company_today
from crm.office.models import Entry, Office
from crm.pipelines.moves import Incomplete, take
from expenses.verbs import register
from files import bin, verbs
from files.models import File
from tests.doors.world import signed_in


@pytest.fixture
def switched(db):
    """The company wants both files."""
    Office.load()
    Office.objects.update(asks_offer_file=True, asks_invoice=True)
    memory.forget()


@pytest.fixture
def deal(deal, switched):
    take(deal, "clarify", deal.owner)
    deal.refresh_from_db()
    return deal


@pytest.fixture
def expense(cast, switched):
    supplier = Company.objects.create(name="Поставщик", owner=cast.anna)
    due = company_today()
    return register(cast.anna, title="Стулья", amount=100, purpose="Стулья", due_on=due, company=supplier)


def move(client, card, **more):
    return client.post(f"/cards/{card.pk}/moves/", more, headers={"HX-Request": "true"})


def offer():
    return SimpleUploadedFile("КП Лобби.pdf", b"%PDF-1.4 offer")


def test_the_offer_is_sent_in_the_dialog_and_lies_in_its_subfolder(deal, cast):
    anna, key = signed_in(cast.anna), str(uuid4())
    asked = move(anna, deal, to="decision", key=key)
    page = asked.content.decode()
    assert asked.status_code == 422 and 'hx-encoding="multipart/form-data"' in page and 'name="offer_file"' in page
    assert move(anna, deal, to="decision", answering="1", key=key).status_code == 422
    for _twice in range(2):
        assert move(anna, deal, to="decision", answering="1", key=key, offer_file=offer()).status_code == 200
    file = File.objects.get()
    deal.refresh_from_db()
    assert (deal.stage, file.name, file.folder.name, file.author) == ("decision", "КП Лобби.pdf", "КП", cast.anna)
    assert deal.events.filter(kind="file").count() == 1


def test_what_is_in_the_subfolder_is_not_asked_for_again(deal, cast, folder):
    file = verbs.put(folder.children.get(name="КП"), "КП.pdf", io.BytesIO(b"1"), cast.anna)
    bin.put_away(file, cast.anna)
    with pytest.raises(Incomplete):
        take(deal, "decide", cast.anna)
    bin.restore(file, cast.anna)
    take(deal, "decide", cast.anna)


def test_a_renamed_subfolder_is_still_the_offers_place(deal, cast, folder):
    Entry.objects.filter(catalogue="folder", code="offer").update(name="Предложения")
    memory.forget()
    sent = {"offer_file": offer()}
    take(deal, "decide", cast.anna, answers={}, files=sent)
    assert File.objects.get().folder.name == "Предложения"


def test_a_file_that_lies_elsewhere_in_the_folder_may_be_chosen(deal, cast, folder, put):
    file = put("Предложение.docx")
    anna = signed_in(cast.anna)
    page = move(anna, deal, to="decision").content.decode()
    assert f'<option value="{file.pk}">Предложение.docx</option>' in page
    theirs = register(cast.pavel, title="Чужой")
    other = verbs.put(verbs.card_folder(theirs), "x.txt", io.BytesIO(b"1"), cast.pavel)
    for wrong in (other.pk, "x", "", 10**30):
        assert move(anna, deal, to="decision", answering="1", offer_file_there=wrong).status_code == 422, wrong
    assert move(anna, deal, to="decision", answering="1", offer_file_there=file.pk).status_code == 200
    assert File.objects.filter(folder__card=deal).count() == 1


def test_who_skips_the_decision_brings_the_offer_all_the_same(deal, cast):
    with pytest.raises(Incomplete) as missing:
        take(deal, "send", cast.anna)
    assert "offer_file" in missing.value.form.fields


def test_the_invoice_is_sent_with_the_expense(expense, cast):
    anna = signed_in(cast.anna)
    assert 'name="invoice_file"' in move(anna, expense, to="approval").content.decode()
    sent = SimpleUploadedFile("Счёт №7.pdf", b"%PDF-1.4 invoice")
    assert move(anna, expense, to="approval", answering="1", invoice_file=sent).status_code == 200
    expense.refresh_from_db()
    file = File.objects.get()
    assert (expense.stage, file.name, file.folder.card_id, file.folder.parent) == (
        "approval",
        "Счёт №7.pdf",
        expense.pk,
        None,
    )


def test_what_cannot_be_stored_does_not_move_the_card(expense, cast, settings):
    settings.FILES_MOST_BYTES = 3
    sent = SimpleUploadedFile("Счёт.pdf", b"%PDF-1.4 invoice")
    answer = move(signed_in(cast.anna), expense, to="approval", answering="1", invoice_file=sent)
    expense.refresh_from_db()
    assert answer.status_code == 409 and "больше допустимых" in answer.content.decode()
    assert expense.stage == "documents" and not File.objects.exists()


def test_nothing_is_asked_unless_it_is_switched_on(deal, expense, cast):
    Office.objects.update(asks_offer_file=False, asks_invoice=False)
    memory.forget()
    take(deal, "decide", cast.anna)
    take(expense, "send", cast.anna)

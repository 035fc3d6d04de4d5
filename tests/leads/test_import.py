"""A file of leads: read whatever wrote it, checked before anything is made, imported once (R-103, C-22)."""

import csv
import io

import pytest
from django.urls import reverse

from crm.clients.models import Contact
from crm.clients.verbs import add_channels
from crm.notifications.models import Notice, Outbox
from crm.notifications.outbox import drain
from leads.exclusions import add
from leads.imports import reading, running
from leads.imports.checking import check
from leads.models import Exclusion, ImportRow, IntakeRecord, Lead, LeadImport

FILE = """Имя;Компания;Телефон;Почта;Что нужно;Источник;Бюджет;Дата;ТЗ
Марина Орлова;Северный порт;8 921 555-14-08;MARINA@port.example;Стойка ресепшн;Рекомендация;1 200 000,50;20.11.2026 10:15;да
Игорь Власов;;+7 (812) 123-45-67;;"Столы; 12 мест
и кресла";;;;
"""


def verdicts(batch):
    return {row.line: (row.state, " ".join(words for _field, words in row.remarks)) for row in batch.rows.all()}


def checked(answer):
    assert answer.status_code == 303, answer.content.decode()[-2000:]
    return LeadImport.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])


def start(client, batch):
    answer = client.post(reverse("leads:starts", args=[batch.pk]))
    assert answer.status_code == 303
    return answer


def test_a_file_becomes_leads(cast, enter, upload):
    batch = checked(upload(cast.anna, FILE))
    assert Lead.objects.count() == 0 and batch.counts() == {"ready": 2}
    text = enter(cast.anna).get(batch.get_absolute_url()).content.decode()
    assert "Импортировать 2 лида" in text and "Марина Орлова" in text
    start(enter(cast.anna), batch)
    first, second = Lead.objects.order_by("pk")
    assert (first.person, first.firm, first.owner, first.channel) == (
        "Марина Орлова",
        "Северный порт",
        cast.anna,
        "import",
    )
    assert (first.source, str(first.amount), first.has_brief) == ("referral", "1200000.50", True)
    assert first.received_at.isoformat() == "2026-11-20T07:15:00+00:00"
    assert (first.import_batch, first.stage, first.title) == (batch.batch, "new", "Северный порт")
    assert second.raw_text == "Столы; 12 мест\nи кресла" and second.title == "Игорь Власов"
    assert IntakeRecord.objects.filter(channel="import", outcome="lead").count() == 2
    assert batch.counts() == {"done": 2}
    batch.refresh_from_db()
    assert batch.started_at and batch.finished_at


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "cp866", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_any_usual_encoding_and_delimiter_reads(encoding, delimiter):
    out = io.StringIO()
    rows = [["Имя", "Компания, город", "Телефон"], ["Марина; она же", "Порт, СПб", "8 921 555-14-08"]]
    csv.writer(out, delimiter=delimiter).writerows(rows)
    table = reading.read(out.getvalue().encode(encoding))
    assert [table.columns, table.rows[0][1]] == rows and table.rows[0][0] == 2


def test_excel_says_its_delimiter():
    assert reading.read(b"sep=,\r\nname,phone;x\r\nAnna,1\r\n").columns == ["name", "phone;x"]


BAD = {
    "empty": b"",
    "blank": b"\n\r\n \n",
    "headings alone": "Имя;Телефон\n".encode(),
    "picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20,
    "workbook": b"PK\x03\x04" + b"\x00" * 100,
    "old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100,
    "NUL": "Имя;Телефон\nМарина\x00;8 921 555-14-08\n".encode(),
    "open quote": ('Имя;Телефон\n"Марина;8\n' + "x" * 200_000).encode(),
    "huge cell": ("Имя\n" + "я" * 120_000).encode(),
    "half of utf-16": b"\xff\xfeA",
    "many columns": (";".join("abc" for _ in range(100)) + "\n1").encode(),
    "many rows": ("Имя\n" + "Марина\n" * 10_001).encode(),
    "too large": b"a;b\n" * (3 * 2**20),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_answered_in_words(cast, upload, name):
    answer = upload(cast.anna, BAD[name])
    text = answer.content.decode()
    assert answer.status_code == 422 and 'class="err"' in text
    assert LeadImport.objects.count() == 0


@pytest.mark.parametrize("post", [{}, {"file": "a word"}])
def test_no_file_is_answered_in_words(cast, enter, post):
    assert enter(cast.anna).post(reverse("leads:imports"), post).status_code == 422


def test_fifty_megabytes_are_refused(cast, upload):
    assert upload(cast.anna, b"x" * (50 * 2**20)).status_code == 422


def test_every_row_says_what_is_wrong_with_it(cast, upload):
    batch = checked(upload(cast.anna, (
        "Имя;Телефон;Почта;Источник;Бюджет;ТЗ;Дата\n"
        "Верно;8 921 555-14-08;;;;;\n"
        "Номер;12;;;;;\n"
        "Почта;;не почта;;;;\n"
        "Откуда;;a@b.example;Луна;;;\n"
        "Сумма;;a@c.example;;много;;\n"
        "Ответ;;a@d.example;;;может быть;\n"
        "Срок;;a@e.example;;;;31.02.2026\n"
        "Завтра;;a@e.example;;;;31.12.2031\n"
        ";;;;;да;\n"
        "Лишнее;;a@f.example;;;;;;ещё\n"
        f"{'я' * 10_000};;a@g.example;;;;\n"
        "Мало\n"
    )))  # fmt: skip
    said = verdicts(batch)
    assert [state for state, _words in said.values()] == ["ready"] + ["broken"] * 10 + ["ready"]
    for line, word in {3: "8 912 345-67-89", 4: "name@example.ru", 5: "справочник", 6: "рублях", 7: "да", 8: "дат", 9: "впереди", 10: "телефона", 11: "заголовков", 12: "200"}.items():  # fmt: skip  # noqa: E501
        assert word in said[line][1], (line, said[line][1])


def test_repeats_known_contacts_and_excluded_senders_are_kept_out(cast, enter, upload):
    contact = Contact.objects.create(name="Тайный клиент", owner=cast.pavel)
    add_channels(contact, ["8 911 000-00-01"])
    add("phone", "+79110000002", cast.irina)
    add("domain", "spam.example", cast.irina)
    text = (
        "Имя;Телефон;Почта\nПервая;8 911 000-00-00;\nПервая;8 911 000-00-00;\nДругая;+7 911 0000000;\n"
        "Клиент;8 911 000-00-01;\nСпам;8 911 000-00-02;\nПочта;;x@spam.example\n"
    )
    batch = checked(upload(cast.anna, text))
    said = verdicts(batch)
    assert [state for state, _words in said.values()] == ["ready", "repeat", "repeat", "known", "excluded", "excluded"]
    assert "Павел Жуков" in said[5][1] and "Тайный" not in said[5][1]
    start(enter(cast.anna), batch)
    assert Lead.objects.count() == 1
    kept = IntakeRecord.objects.filter(outcome="excluded", channel="import")
    assert {record.sender for record in kept} == {"+79110000002", "spam.example"}
    assert kept.first().said["person"]


def test_known_contacts_are_created_when_asked_for(cast, enter, upload):
    contact = Contact.objects.create(name="Клиент", owner=cast.anna)
    add_channels(contact, ["8 911 000-00-01"])
    batch = checked(upload(cast.anna, "Имя;Телефон\nКлиент;8 911 000-00-01\n"))
    assert batch.counts() == {"known": 1}
    fields = {"column_0": "person", "column_1": "phone", "takes_known": "on"}
    assert enter(cast.anna).post(batch.get_absolute_url(), fields).status_code == 303
    start(enter(cast.anna), batch)
    assert Lead.objects.get().contact == contact


def test_the_same_file_and_the_same_press_make_nothing_twice(cast, enter, upload):
    add("mail", "ad@bad.example", cast.irina)
    text = FILE + "Спам;;;ad@bad.example;;;;;\n"
    batch = checked(upload(cast.anna, text))
    assert checked(upload(cast.anna, text)) == batch
    client = enter(cast.anna)
    start(client, batch)
    start(client, batch)
    again = checked(upload(cast.anna, text))
    start(client, again)
    assert again == batch and Lead.objects.count() == 2
    assert IntakeRecord.objects.filter(outcome="excluded").count() == 1


def test_the_same_rows_of_another_file_or_person_make_nothing_twice(cast, enter, upload):
    start(enter(cast.anna), checked(upload(cast.anna, FILE)))
    other = checked(upload(cast.pavel, FILE + "Новый;;;new@x.example;;;;;\n"))
    assert other.counts() == {"repeat": 2, "ready": 1}
    start(enter(cast.pavel), other)
    assert Lead.objects.count() == 3


def test_two_files_checked_before_either_is_imported(cast, enter, upload):
    """The check is of its moment; the last word is the database's."""
    one, two = checked(upload(cast.anna, FILE)), checked(upload(cast.pavel, FILE))
    start(enter(cast.anna), one)
    start(enter(cast.pavel), two)
    assert Lead.objects.count() == 2 and two.counts() == {"repeat": 2}
    assert not Lead.objects.filter(owner=cast.pavel).exists()


def test_a_sender_excluded_after_the_check_makes_no_lead(cast, enter, upload):
    batch = checked(upload(cast.anna, FILE))
    add("mail", "marina@port.example", cast.irina)
    start(enter(cast.anna), batch)
    assert batch.counts() == {"excluded": 1, "done": 1}


def test_columns_can_be_named_otherwise(cast, enter, upload):
    batch = checked(upload(cast.anna, "A;B;C\nМарина;8 921 555-14-08;x\n"))
    assert batch.counts() == {"broken": 1} and batch.fields == ["", "", ""]
    client = enter(cast.anna)
    page = batch.get_absolute_url()
    twice = client.post(page, {"column_0": "person", "column_1": "person"})
    assert twice.status_code == 422 and "Два столбца" in twice.content.decode()
    assert client.post(page, {"column_2": "comment"}).status_code == 422
    assert client.post(page, {"column_0": "password"}).status_code == 422
    assert client.post(page, {"column_0": "person", "column_1": "phone", "column_2": "comment"}).status_code == 303
    start(client, batch)
    assert (Lead.objects.get().person, Lead.objects.get().comment) == ("Марина", "x")
    assert client.post(page, {"column_0": "phone", "column_1": "person"}).status_code == 303
    batch.refresh_from_db()
    assert batch.fields == ["person", "phone", "comment"]


def test_english_headings_and_several_phones(cast, enter, upload):
    batch = checked(
        upload(cast.anna, 'Name,Company,Phone,E-mail,Message\nAnn,Port,"8 921 555-14-08, 8 812 123-45-67",,Hello\n')
    )
    assert batch.fields == ["person", "firm", "phone", "email", "raw_text"]
    start(enter(cast.anna), batch)
    lead = Lead.objects.get()
    assert lead.phone == "8 921 555-14-08" and "8 812 123-45-67" in lead.comment


def test_who_answers_for_the_leads(cast, enter, upload):
    text = "Имя;Ответственный\nМарина;Павел Жуков\nИгорь;\nЧужой;Никто\n"
    own = checked(upload(cast.anna, text))
    assert own.fields == ["person", ""] and own.counts() == {"ready": 3}
    start(enter(cast.anna), own)
    assert set(Lead.objects.values_list("owner", flat=True)) == {cast.anna.pk}
    Lead.objects.all().delete()
    batch = checked(upload(cast.irina, text))
    assert batch.counts() == {"ready": 2, "broken": 1}
    start(enter(cast.irina), batch)
    assert dict(Lead.objects.values_list("person", "owner__name")) == {"Марина": "Павел Жуков", "Игорь": None}
    assert Notice.objects.filter(kind="leads-imported").get().user == cast.pavel
    assert "Вашим стал 1 новый лид" in enter(cast.pavel).get(reverse("notices")).content.decode()


def test_what_was_not_created_comes_back_to_be_mended(cast, enter, upload):
    batch = checked(
        upload(cast.anna, 'Имя;Телефон;Комментарий\nМарина;+12;=HYPERLINK("http://x")\nВерно;8 921 555-14-08;@x\n')
    )
    client = enter(cast.anna)
    answer = client.get(reverse("leads:mend", args=[batch.pk]))
    data = answer.content
    assert data.startswith(b"\xef\xbb\xbf") and "attachment" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert (
        len(rows) == 2
        and rows[1][:4] == ["Марина", "'+12", '\'=HYPERLINK("http://x")', "2"]
        and "Телефон" in rows[1][4]
    )
    mended = checked(upload(cast.anna, data.decode("utf-8-sig").replace("'+12", "'+7 921 555-14-09")))
    assert mended.counts() == {"ready": 1}
    start(client, mended)
    lead = Lead.objects.get()
    assert (lead.phone, lead.comment) == ("+7 921 555-14-09", '=HYPERLINK("http://x")')


def test_a_long_file_goes_on_in_the_worker(cast, enter, upload, monkeypatch):
    monkeypatch.setattr(running, "PART", 10)
    batch = checked(upload(cast.anna, "Имя;Почта\n" + "".join(f"Имя {n};m{n}@x.example\n" for n in range(35))))
    client = enter(cast.anna)
    start(client, batch)
    assert batch.counts() == {"ready": 25, "done": 10}
    text = client.get(batch.get_absolute_url()).content.decode()
    assert 'value="10" max="35"' in text and "every 2s" in text
    assert client.get(batch.get_absolute_url(), headers={"HX-Request": "true"}).status_code == 200
    drain()
    batch.refresh_from_db()
    assert batch.finished_at and batch.counts() == {"done": 35}
    assert Lead.objects.count() == 35 and not Outbox.objects.filter(done_at=None, kind="lead-import").exists()


def test_a_row_that_fails_stops_no_other(cast, enter, upload, monkeypatch):
    from django.db import DataError

    honest = running.receive

    def fails(channel, **fields):
        if fields["person"] == "Игорь Власов":
            raise DataError("no")
        return honest(channel, **fields)

    batch = checked(upload(cast.anna, FILE))
    monkeypatch.setattr(running, "receive", fails)
    start(enter(cast.anna), batch)
    assert batch.counts() == {"broken": 1, "done": 1}


def test_only_its_person_imports_a_file_and_others_do_not_see_it(cast, enter, upload):
    batch = checked(upload(cast.anna, FILE))
    pages = [reverse(f"leads:{name}", args=[batch.pk]) for name in ("import", "mend", "starts", "removals")]
    for stranger in (cast.pavel, cast.admin, cast.natalia):
        client = enter(stranger)
        for address in pages:
            assert {client.get(address).status_code, client.post(address).status_code} <= {404, 405}
    irina = enter(cast.irina)
    assert irina.get(pages[0]).status_code == 200 and irina.post(pages[2]).status_code == 404
    assert enter(cast.natalia).get(reverse("leads:imports")).status_code == 404
    assert Lead.objects.count() == 0


def test_a_file_can_be_removed_until_it_is_imported(cast, enter, upload):
    batch = checked(upload(cast.anna, FILE))
    client = enter(cast.anna)
    assert client.post(reverse("leads:removals", args=[batch.pk])).status_code == 303
    assert not ImportRow.objects.exists()
    batch = checked(upload(cast.anna, FILE))
    start(client, batch)
    client.post(reverse("leads:removals", args=[batch.pk]))
    assert LeadImport.objects.filter(pk=batch.pk).exists()


@pytest.mark.parametrize(
    "query", ["?state=%00", "?page=-1", "?page=x", "?state=broken&page=99", "?state=" + "я" * 3000]
)
def test_absurd_queries_never_fail(cast, enter, upload, query):
    batch = checked(upload(cast.anna, FILE))
    assert enter(cast.anna).get(batch.get_absolute_url() + query).status_code == 200


@pytest.mark.parametrize("rows", [1, 45])
def test_a_files_page_takes_the_same_statements_for_any_number_of_rows(
    cast, enter, upload, django_assert_max_num_queries, rows
):
    batch = checked(upload(cast.anna, "Имя\n" + "".join(f"Имя {n}\n" for n in range(rows))))
    client = enter(cast.anna)
    client.get(batch.get_absolute_url())
    with django_assert_max_num_queries(14):
        client.get(batch.get_absolute_url())


@pytest.mark.parametrize("rows", [10, 300])
def test_a_check_takes_the_same_statements_for_any_number_of_rows(cast, upload, django_assert_max_num_queries, rows):
    batch = checked(upload(cast.anna, "Имя;Телефон\n" + "".join(f"Имя {n};+7921{n:07}\n" for n in range(rows))))
    table = list(batch.rows.values_list("line", "cells"))
    with django_assert_max_num_queries(9):
        check(batch, table)
    assert batch.counts() == {"ready": rows}


def test_nothing_is_excluded_by_an_import(cast, enter, upload):
    start(enter(cast.anna), checked(upload(cast.anna, FILE)))
    assert not Exclusion.objects.exists()

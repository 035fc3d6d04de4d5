"""The working calendar's pages: a year to look at, a day to change, a year taken from a file, a warning in time."""

import json
import re
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm.office import calendar, memory
from crm.office.changes import version_of
from crm.office.models import CalendarDay, SettingsChange

from .test_calendar_file import calendar_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def keeper(client, cast):
    client.force_login(cast.admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(answer):
    return answer.content.decode()


def day(on):
    return reverse("office:day", args=[on])


@pytest.mark.parametrize(("year", "decree"), [(2025, "1335"), (2026, "1466")])
def test_shipped_years_are_facts(keeper, year, decree):
    page = text_of(keeper.get(reverse("office:calendar", args=[year])))
    assert "рабочих дней 247" in page and decree in page
    assert page.count('id="day-') == 365


def test_moved_and_shortened_days_are_marked(keeper):
    page = text_of(keeper.get(reverse("office:calendar", args=[2025])))
    for on, marks in (("2025-11-01", 'data-kind="short" data-moved'), ("2025-05-02", 'data-kind="off" data-moved'),
                      ("2025-01-01", 'data-kind="off" title'), ("2025-03-07", 'data-kind="short" title')):  # fmt: skip
        assert f'id="day-{on}" href="{day(on)}" hx-get="{day(on)}" hx-target="#dialog" {marks}' in page, on


def test_a_day_is_changed_with_a_note_and_given_back(keeper, cast):
    on = date(2026, 12, 30)
    keeper.post(day(on), {"kind": "off", "note": "Едем на каток"}, headers=HTMX)
    assert not calendar.is_working(on)
    page = text_of(keeper.get(reverse("office:calendar")))
    assert "Едем на каток" in page and 'data-kind="off" data-moved data-own' in page
    change = SettingsChange.objects.get()
    assert change.by == cast.admin and change.values["kind"] == [None, "off"]
    assert "По календарю: рабочий день" in text_of(keeper.get(day(on), headers=HTMX))
    keeper.post(reverse("office:day_reset", args=[on]), headers=HTMX)
    assert calendar.is_working(on) and not CalendarDay.objects.exists()
    keeper.post(reverse("office:undo", args=[SettingsChange.objects.first().pk]), headers=HTMX)
    assert CalendarDay.objects.get().note == "Едем на каток"


@pytest.mark.parametrize("on", ["2026-02-30", "1999-12-31", "today", "20261230x"])
def test_a_date_that_is_none_is_not_there(keeper, on):
    assert keeper.get(day(on)).status_code == 404
    assert keeper.get(reverse("office:calendar", args=[1999])).status_code == 404


def test_who_was_second_is_told(keeper):
    on = date(2026, 12, 30)
    keeper.post(day(on), {"kind": "short"}, headers=HTMX)
    answer = keeper.post(day(on), {"kind": "off", "note": "Моё"}, headers=HTMX)
    assert answer.status_code == 422 and "Сейчас сохранено: сокращённый рабочий день" in text_of(answer)
    assert "Моё" in text_of(answer) and CalendarDay.objects.get().kind == "short"


def send(client, data, **more):
    file = SimpleUploadedFile("calendar.json", data if isinstance(data, bytes) else json.dumps(data).encode())
    return client.post(reverse("office:import"), {"file": file, **more}, headers=HTMX)


def year_2027(*moved):
    return calendar_of(2027, moved={(1, 8), (2, 22), *moved}, short={(2, 20)})


def test_a_file_is_looked_at_before_it_is_taken(keeper):
    looked = send(keeper, year_2027())
    assert looked.status_code == 200 and re.search(r"Измен\w+ \d+ дат", text_of(looked))
    assert not CalendarDay.objects.exists() and not SettingsChange.objects.exists()
    taken = keeper.post(reverse("office:import"), {"text": json.dumps(year_2027()), "take": "1"}, headers=HTMX)
    assert taken.headers["HX-Redirect"] == reverse("office:calendar", args=[2027])
    assert 2027 in calendar.known_years()
    assert SettingsChange.objects.get().act == "imported"
    history = text_of(keeper.get(reverse("office:history")))
    assert "2027 год" in history and "взято из файла" in history
    assert "Ничего не изменится" in text_of(send(keeper, year_2027()))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"year": 2027}', b"[" * 50_000, b" " * 100_001, b"\xff\xfe"])
def test_a_file_that_is_no_calendar_is_told_and_changes_nothing(keeper, data):
    answer = send(keeper, data, take="1")
    assert answer.status_code == 422 and 'role="alert"' in text_of(answer)
    assert not CalendarDay.objects.exists()


def test_our_own_day_survives_an_import_and_comes_back_to_the_decree(keeper):
    on = date(2027, 1, 11)
    keeper.post(day(on), {"kind": "short", "note": "Инвентаризация"}, headers=HTMX)
    data = year_2027((1, 11))
    assert "Изменено нами и останется" in text_of(send(keeper, data))
    keeper.post(reverse("office:import"), {"text": json.dumps(data), "take": "1"}, headers=HTMX)
    assert calendar.is_short(on)
    keeper.post(reverse("office:day_reset", args=[on]), headers=HTMX)
    assert not calendar.is_working(on)
    row = CalendarDay.objects.get(date=on)
    assert row.official and not row.note
    keeper.post(day(on), {"kind": "work", "version": version_of(row)}, headers=HTMX)
    assert calendar.is_working(on)
    row.refresh_from_db()
    assert (row.official, row.decreed) == (False, "off")


@pytest.mark.parametrize(
    ("now", "wanted"), [((2026, 10, 31, 12), None), ((2026, 11, 1, 12), 2027), ((2027, 1, 1, 12), 2027)]
)
def test_the_warning_comes_in_november(keeper, cast, monkeypatch, now, wanted):
    monkeypatch.setattr(calendar.timezone, "now", lambda: datetime(*now, tzinfo=UTC))
    keeper.force_login(cast.admin, backend="django.contrib.auth.backends.ModelBackend")
    assert calendar.year_to_enter() == wanted
    warned = "не заполнен" in text_of(keeper.get(reverse("office:accounts")))
    assert warned == (wanted is not None)


def test_a_year_costs_a_flat_number_of_queries(keeper, django_assert_max_num_queries):
    address = reverse("office:calendar", args=[2026])
    keeper.get(address)
    with django_assert_max_num_queries(6):
        keeper.get(address)
    CalendarDay.objects.bulk_create(CalendarDay(date=date(2026, 7, n), kind="off") for n in range(1, 31))
    memory.touch()
    keeper.get(address)
    with django_assert_max_num_queries(6):
        keeper.get(address)

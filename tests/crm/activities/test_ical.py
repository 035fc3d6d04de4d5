"""The iCalendar feed, read back by a calendar program's own library: what the person may see now, at a secret address."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import recurring_ical_events
import time_machine
from django.test import Client
from icalendar import Calendar

from crm.activities.models import FeedKey, Task
from crm.activities.verbs import add, cancel, finish
from crm.cards.verbs import hand_over, share
from crm.office.calendar import company_zone, is_working

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=company_zone()), tick=True):
        yield


def at(day, hour=12, month=11):
    return datetime(2026, month, day, hour, tzinfo=company_zone())


@pytest.fixture
def address(cast, enter):
    """Anna's address, as her profile tells it once."""
    text = enter(cast.anna).post("/activities/addresses/").content.decode()
    return urlsplit(text.split('readonly value="')[1].split('"')[0]).path


def read(address):
    """What a calendar program gets, without signing in."""
    answer = Client().get(address)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    assert "no-store" in answer["Cache-Control"]
    return Calendar.from_ical(answer.content)


def titles(address):
    return {str(e["summary"]) for e in read(address).walk("VEVENT")}


def test_a_program_reads_times_places_and_reminders(cast, deal, address):
    add(
        deal,
        cast.anna,
        kind="meeting",
        title="Замер; холл, 3 этаж\nи лифт",
        due_at=at(25, 15),
        duration=90,
        place="Московский пр., 111",
        remind=[15],
    )
    add(deal, cast.anna, title="Смета", due_at=at(26, 18), all_day=True, remind=[0])
    found = {str(e["summary"])[:5]: e for e in read(address).walk("VEVENT")}
    meeting, estimate = found["Замер"], found["Смета"]
    assert (
        str(meeting["summary"]) == "Замер; холл, 3 этаж\nи лифт" and str(meeting["location"]) == "Московский пр., 111"
    )
    assert meeting.decoded("dtstart") == at(25, 15) and meeting.decoded("duration") == timedelta(minutes=90)
    assert meeting.walk("VALARM")[0].decoded("trigger") == timedelta(minutes=-15)
    assert estimate.decoded("dtstart") == date(2026, 11, 26) and estimate.decoded("dtend") == date(2026, 11, 27)
    assert estimate.walk("VALARM")[0].decoded("trigger") == timedelta(hours=9)
    assert f"/deals/{deal.pk}/" in str(meeting["url"]) and "Лобби" in str(meeting["description"])


def test_repeats_come_on_working_days(cast, deal, address):
    add(deal, cast.anna, title="Сводка", due_at=at(28, 10), repeat=Task.Repeat.WEEKLY)
    add(deal, cast.anna, title="Оплата", due_at=at(1, 18, 12), all_day=True, repeat=Task.Repeat.MONTHLY)
    span = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
    found = recurring_ical_events.of(read(address)).between(*span)
    weekly = sorted(e.decoded("dtstart").astimezone(company_zone()) for e in found if e["summary"] == "Сводка")
    assert weekly[0] == at(28, 10) and weekly[1] == at(7, 10, 12) and len(weekly) > 10
    assert all(is_working(d.date()) and d.hour == 10 for d in weekly[1:])
    monthly = sorted(e.decoded("dtstart") for e in found if e["summary"] == "Оплата")
    assert monthly == [date(2026, 12, 1), date(2027, 1, 11), date(2027, 2, 1)]


def test_only_ones_own_and_only_what_is_seen_at_the_moment(cast, deal, address):
    share(deal, cast.pavel, cast.anna, work=True)
    add(deal, cast.anna, title="Моё", due_at=at(25))
    add(deal, cast.anna, title="Чужое", due_at=at(25), owner=cast.pavel)
    add(deal, cast.anna, title="Вместе", due_at=at(25), owner=cast.pavel, participants=[cast.anna])
    cancel(add(deal, cast.anna, title="Отменённое", due_at=at(25)), cast.anna)
    finish(add(deal, cast.anna, title="Сделанное", due_at=at(24)), cast.anna)
    assert titles(address) == {"Моё", "Вместе", "✓ Сделанное"}
    hand_over(deal, cast.irina, cast.anna)
    assert titles(address) == set()


def test_the_address_ends(cast, deal, address, enter):
    anna = enter(cast.anna)
    assert "Закончить" in anna.get("/activities/address/").content.decode()
    assert address.split("/")[-1].removesuffix(".ics") not in anna.get("/activities/address/").content.decode()
    assert address.split("/")[-1].removesuffix(".ics") != FeedKey.objects.get().digest
    fresh = urlsplit(
        anna.post("/activities/addresses/").content.decode().split('readonly value="')[1].split('"')[0]
    ).path
    assert Client().get(address).status_code == 404 and Client().get(fresh).status_code == 200
    assert anna.post("/activities/revocations/").status_code == 200
    assert Client().get(fresh).status_code == 404 and not FeedKey.objects.exists()


def test_whoever_left_reads_nothing(cast, deal, address):
    cast.anna.is_active = False
    cast.anna.save()
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("rows", [1, 30])
def test_the_same_statements_for_any_number_of_rows(cast, deal, address, django_assert_max_num_queries, rows):
    for n in range(rows):
        add(deal, cast.anna, title=f"Дело {n}", due_at=at(25), remind=[15], repeat=Task.Repeat.DAILY)
    Client().get(address)
    with django_assert_max_num_queries(4):
        assert len(titles(address)) == rows

"""Notices outside the CRM: gathered, asked once more, worded when they leave, never to the wrong person (R-514, R-015)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from chats.models import Room
from chats.verbs import post
from crm.cards.verbs import hand_over
from crm.notifications import bundles, outbox
from crm.notifications.models import Notice, Outbox, Preferences
from crm.notifications.notices import notify, read
from crm.notifications.wishes import Channel, Group, quiet_until, settle, wants
from crm.pipelines.moves import take
from crm.pipelines.undo import undo
from tests.doors.world import signed_in
from tests.post_office import Moody

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Moscow")


def at(day, hour, minute=0):
    """A moment of November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def wish(user, quiet=(None, None), days_off=False, **channels):
    start, end = quiet
    settle(Preferences(user=user, channels=channels, quiet_from=start, quiet_until=end, quiet_days_off=days_off))


def ask(cast, deal, text):
    notify([cast.anna.pk], deal, "question", by=cast.irina, wait=False, text=text)


def drained(clock, minutes):
    clock.shift(timedelta(minutes=minutes))
    while outbox.drain():
        pass


@pytest.fixture
def clock():
    with time_machine.travel(at(23, 12), tick=False) as travel:
        yield travel


def test_several_within_two_minutes_are_one_letter(cast, deal, clock, post_office):
    ask(cast, deal, "Первый")
    drained(clock, 1)
    ask(cast, deal, "Второй")
    ask(cast, deal, "Третий")
    assert not post_office.letters
    drained(clock, 1.1)
    ((to, letter),) = post_office.letters
    assert to == [cast.anna.email] and letter["Subject"].strip().startswith("3 новых: Руководитель спрашивает")
    text = letter.get_content()
    assert all(word in text for word in ("Первый", "Второй", "Третий", deal.get_absolute_url()))
    drained(clock, 10)
    assert len(post_office.letters) == 1
    ask(cast, deal, "Четвёртый")
    drained(clock, 3)
    assert "Четвёртый" in post_office.letters[1][1]["Subject"] and "новых" not in post_office.letters[1][1]["Subject"]


def test_two_workers_gather_once(cast, deal, clock, post_office):
    for n in range(3):
        ask(cast, deal, f"Вопрос {n}")
    assert Outbox.objects.filter(kind="bundle").count() == 3
    drained(clock, 3)
    assert Outbox.objects.filter(kind="notices-mail").count() == 1 and len(post_office.letters) == 1


def test_what_was_read_is_not_sent(cast, deal, clock, post_office):
    ask(cast, deal, "Прочитан")
    read(cast.anna)
    ask(cast, deal, "Новый")
    drained(clock, 3)
    assert "Прочитан" not in post_office.letters[0][1].get_content()


def test_read_between_gathering_and_sending(cast, deal, clock, moody):
    box = moody(Moody(["451 busy"]))
    ask(cast, deal, "Прочитан")
    drained(clock, 3)
    read(cast.anna)
    drained(clock, 30)
    assert box.seen == 1 and not box.letters


def test_never_of_a_card_that_is_seen_no_more(cast, deal, clock, moody):
    """Handed over while the letter waits for the server: the former owner's letter never leaves."""
    box = moody(Moody(["451 busy"]))
    ask(cast, deal, "Тайное")
    drained(clock, 3)
    hand_over(deal, cast.pavel, cast.irina)
    drained(clock, 30)
    assert not [to for to, letter in box.letters if to == [cast.anna.email]]


def test_never_to_who_left(cast, deal, clock, post_office):
    wish(cast.anna, activities=["mail"])
    ask(cast, deal, "Тайное")
    notify([cast.anna.pk], None, "late-many", slot="late:1", count=4)
    cast.anna.is_active = False
    cast.anna.save()
    drained(clock, 3)
    assert not post_office.letters


def test_a_move_taken_back_is_not_told(cast, expense, clock, post_office):
    drained(clock, 3)
    before = len(post_office.letters)
    event = take(expense, "approve", cast.irina)
    undo(event, cast.irina)
    drained(clock, 3)
    assert len(post_office.letters) == before


def test_undo_takes_back_nothing_that_people_said_meanwhile(cast, deal, clock, post_office):
    """A mention in the chat stands, though the card was moved a moment before it and back a moment after."""
    event = take(deal, "clarify", cast.anna)
    clock.shift(timedelta(seconds=4))
    post(Room.objects.get(card=deal), f"@{cast.irina.name}, посмотрите", cast.anna)
    clock.shift(timedelta(seconds=4))
    undo(event, cast.anna)
    assert Notice.objects.get(user=cast.irina).kind == "mention"


def test_what_comes_while_others_are_gathered_is_told_too(cast, deal, clock, post_office, monkeypatch):
    """A notice that was written before the gathering and committed in the middle of it goes with its own bundle."""
    wish(cast.anna, questions=["mail"])
    queue, late = bundles._channels[Channel.MAIL], []

    def meanwhile(user, ids, key):
        queue(user, ids, key)
        if not late:
            late.append(True)
            ask(cast, deal, "Второй")
            Notice.objects.filter(data__text="Второй").update(at=timezone.now() - timedelta(seconds=1))

    monkeypatch.setitem(bundles._channels, Channel.MAIL, meanwhile)
    ask(cast, deal, "Первый")
    drained(clock, 2.1)
    drained(clock, 2.1)
    told = [letter.get_content() for _to, letter in post_office.letters]
    assert len(told) == 2 and "Первый" in told[0] and "Второй" in told[1]


def test_the_reader_s_own_language(cast, deal, clock, post_office):
    cast.anna.language = "en"
    cast.anna.save()
    ask(cast, deal, "What is new?")
    drained(clock, 3)
    assert post_office.letters[0][1]["Subject"].strip().startswith("An executive asks")


def test_by_default_questions_and_approvals_are_mailed_and_assignments_are_not(cast, deal, clock, post_office):
    notify([cast.anna.pk], deal, "assigned", by=cast.irina, wait=False)
    assert not Outbox.objects.filter(kind="bundle").exists()
    notify([cast.anna.pk], deal, "returned", by=cast.irina, wait=False, remark="Нет счёта")
    drained(clock, 3)
    assert len(post_office.letters) == 1 and "Нет счёта" in post_office.letters[0][1].get_content()


def test_each_chooses_what_comes_by_mail(cast, deal, clock, post_office):
    wish(cast.anna, questions=["app"], assigned=["app", "mail"])
    ask(cast, deal, "В приложении")
    notify([cast.anna.pk], deal, "assigned", by=cast.irina, wait=False)
    drained(clock, 3)
    ((_to, letter),) = post_office.letters
    assert "В приложении" not in letter.get_content() and "ответственны" in letter.get_content()


def test_muted_between_the_notice_and_the_letter(cast, deal, clock, post_office):
    ask(cast, deal, "Вопрос")
    wish(cast.anna, questions=["app"])
    drained(clock, 3)
    assert not post_office.letters


def test_what_others_wait_for_cannot_be_muted_in_the_crm(cast, deal):
    wish(cast.anna, questions=[], chats=[])
    assert wants(cast.anna.pk, Group.QUESTIONS, "app") and not wants(cast.anna.pk, Group.CHATS, "app")
    ask(cast, deal, "Вопрос")
    assert Notice.objects.of(cast.anna).count() == 1


def test_muted_in_the_bell_and_still_mailed(cast, deal, clock, post_office):
    wish(cast.anna, digest=["telegram"], chats=["mail"])
    notify([cast.anna.pk], None, "digest", count=3)
    notify([cast.anna.pk], deal, "mention", wait=False, who="Ирина", text="Смотрите")
    assert Notice.objects.of(cast.anna).count() == 0
    drained(clock, 3)
    assert len(post_office.letters) == 1


@pytest.mark.parametrize(
    "quiet, days_off, now, then",
    [
        ((None, None), False, at(22, 3), at(22, 3)),
        ((time(21), time(8)), False, at(23, 20, 59), at(23, 20, 59)),
        ((time(21), time(8)), False, at(23, 21), at(24, 8)),
        ((time(21), time(8)), False, at(24, 7, 59), at(24, 8)),
        ((time(13), time(14)), False, at(24, 13, 30), at(24, 14)),
        ((None, None), True, at(21, 12), at(23, 0)),
        ((time(21), time(8)), True, at(20, 22), at(23, 8)),
        ((time(9), time(9)), False, at(23, 9), at(23, 9)),
        # Days off from 31 December to 11 January; the moment comes in another zone.
        ((time(20), time(9)), True, datetime(2026, 12, 30, 19, tzinfo=UTC), datetime(2027, 1, 11, 9, tzinfo=ZONE)),
    ],
)
def test_quiet_hours(cast, quiet, days_off, now, then):
    wish(cast.anna, quiet, days_off)
    assert quiet_until(cast.anna.pk, now) == then


def test_a_quiet_night_ends_in_one_letter(cast, deal, clock, post_office):
    wish(cast.anna, (time(21), time(8)))
    clock.move_to(at(23, 22))
    for n in range(5):
        ask(cast, deal, f"Ночной {n}")
        drained(clock, 15)
    assert not post_office.letters
    clock.move_to(at(24, 8, 0))
    drained(clock, 1)
    ((_to, letter),) = post_office.letters
    assert letter["Subject"].strip().startswith("5 новых")
    assert not Outbox.objects.filter(done_at=None).exists()


def test_the_digest_waits_for_the_end_of_quiet_hours_and_can_be_put_off(cast, deal, clock, post_office):
    outbox.put("digest", "digest:1", {"user": cast.anna.pk, "date": "2026-11-23"})
    wish(cast.anna, (time(8), time(13)))
    drained(clock, 1)
    row = Outbox.objects.get(key="digest:1")
    assert row.run_after == at(23, 13) and row.tries == 0 and not post_office.letters
    wish(cast.anna, digest=["app"])
    clock.move_to(at(23, 13))
    drained(clock, 1)
    assert not post_office.letters and Outbox.objects.filter(key="digest:1", done_at=None).count() == 0


def test_the_page_of_wishes(cast):
    anna = signed_in(cast.anna)
    text = anna.get("/notices/wishes/").content.decode()
    assert "Утверждения и оплаты" in text and 'name="questions" value="app"' in text
    answer = anna.post("/notices/wishes/", {"assigned": ["mail"], "quiet_from": "21:00", "quiet_until": "08:00"})
    assert answer.status_code == 200
    assert wants(cast.anna.pk, Group.ASSIGNED, "mail") and not wants(cast.anna.pk, Group.QUESTIONS, "mail")
    assert wants(cast.anna.pk, Group.QUESTIONS, "app") and not wants(cast.anna.pk, Group.DIGEST, "app")
    assert wants(cast.anna.pk, Group.MONEY, "telegram"), "what was not offered stays as it was"
    assert quiet_until(cast.anna.pk, at(23, 22)) == at(24, 8)
    answer = anna.post("/notices/wishes/", {"quiet_from": "21:00"})
    assert answer.status_code == 422 and 'value="21:00"' in answer.content.decode()
    assert wants(cast.pavel.pk, Group.QUESTIONS, "mail"), "another person's are their own"


def test_a_notice_asks_no_more_of_the_database_for_ten_people(cast, deal, django_assert_max_num_queries):
    people = [cast.anna.pk, cast.pavel.pk, cast.irina.pk, cast.oleg.pk, cast.natalia.pk, cast.admin.pk]
    notify(people[:1], deal, "question", wait=False, text="Раз")
    with django_assert_max_num_queries(2):
        notify(people, deal, "question", wait=False, text="Два")
    assert timezone.now()

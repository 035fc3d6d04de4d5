"""Letters leave through a real server that is slow, busy, refuses or breaks off: each arrives once, nothing is lost (B13)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from crm.notifications import outbox
from crm.notifications.mail import send
from crm.notifications.models import Outbox
from tests.doors.world import signed_in
from tests.post_office import LastWord, Moody, PostOfficeBox

pytestmark = pytest.mark.django_db


def patiently(turns=14):
    """Drain again and again, as far into the future as the back-off asks."""
    for _turn in range(turns):
        outbox.drain()
        Outbox.objects.filter(done_at=None).update(run_after=timezone.now() - timedelta(seconds=1))


def arrived(box):
    return [letter["Message-ID"] for _to, letter in box.letters]


@pytest.fixture
def courier():
    """``courier(func, **how)`` registers a courier for the kind "probe", for this test alone."""

    def register(func, **how):
        return outbox.courier("probe", **how)(func)

    yield register
    outbox._couriers.pop("probe", None)
    outbox._outside.discard("probe")


def test_every_letter_arrives_once(moody):
    """Forty letters, a server that hangs, is busy and breaks off in turn."""
    box = moody(Moody(["451 busy", "hang", "break", "452 full", "break", "421 later"]))
    for n in range(40):
        send(f"letter:{n}", f"n{n}@snag.example", f"Письмо {n}", "Текст")
    patiently()
    assert sorted(arrived(box)) == sorted(f"<letter.{n}@localhost>" for n in range(40))
    assert not Outbox.objects.filter(done_at=None).exists()


def test_a_letter_taken_without_an_answer_is_known_by_its_id(moody):
    box = moody(LastWord(["break"]))
    send("letter:1", "anna@snag.example", "Письмо", "Текст")
    patiently(3)
    assert len(box.letters) == 2 and set(arrived(box)) == {"<letter.1@localhost>"}


def test_what_is_refused_for_good_is_dead_at_once(moody):
    box = moody(Moody(["550 no such person"]))
    send("letter:1", "wrong@snag.example", "Письмо", "Текст")
    send("letter:2", "anna@snag.example", "Письмо", "Текст")
    outbox.drain()
    row = Outbox.objects.get(key="letter:1")
    assert row.dead_at and row.tries == 1 and row.last_error == "SMTP 550"
    assert arrived(box) == ["<letter.2@localhost>"]
    patiently(3)
    assert box.seen == 2


def test_twelve_tries_and_no_more(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send("letter:1", "anna@snag.example", "Письмо", "Текст")
    waits = []
    for _try in range(13):
        now = timezone.now()
        outbox.drain(now + timedelta(hours=2))
        row = Outbox.objects.get()
        waits.append(int((row.run_after - now).total_seconds()) - 7200)
        Outbox.objects.update(run_after=now)
    assert row.dead_at and row.tries == 12
    assert waits[:4] == [30, 60, 120, 240] and max(waits) == 3600


def test_a_dead_server_is_asked_once_a_turn(settings, courier):
    """A hundred letters that wait for a server that does not answer keep nothing else from leaving."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    told = []
    courier(lambda payload, key: told.append(key), outside=True)
    for n in range(100):
        send(f"letter:{n}", "anna@snag.example", "Письмо", "Текст")
    outbox.put("probe", "probe:1", {})
    assert outbox.drain() == 2 and told == ["probe:1"]


def test_a_server_that_is_away_is_named_once(settings, caplog):
    """What refused, and how it is set; not again for each letter and each try, but again once it was back in between."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    for n in range(3):
        send(f"letter:{n}", "anna@snag.example", "Письмо", "Текст")
    patiently(3)
    said = [one.getMessage() for one in caplog.records if one.name == "crm.outbox"]
    assert len(said) == 1 and "ConnectionRefusedError" in said[0]
    assert "letter" in said[0] and "127.0.0.1:9" in said[0] and "EMAIL_URL" in said[0]
    Outbox.objects.update(done_at=timezone.now())
    send("letter:9", "anna@snag.example", "Письмо", "Текст")
    patiently(2)
    assert len([one for one in caplog.records if one.name == "crm.outbox"]) == 2


def test_a_courier_that_fails_in_sql_spoils_nothing(courier):
    def broken(payload, key):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    courier(broken)
    outbox.put("probe", "probe:1", {})
    outbox.drain()
    row = Outbox.objects.get()
    assert row.tries == 1 and row.done_at is None and row.last_error == "DataError"


def test_an_error_says_nothing_of_anybody(courier):
    def broken(payload, key):
        raise ValueError("Марина Тайная, +7 921 555-14-08")

    courier(broken)
    outbox.put("probe", "probe:1", {})
    outbox.drain()
    assert Outbox.objects.get().last_error == "ValueError"


def test_later_is_no_try(courier):
    until = timezone.now() + timedelta(hours=3)

    def wait(payload, key):
        raise outbox.Later(until)

    courier(wait, outside=True)
    outbox.put("probe", "probe:1", {})
    outbox.drain()
    row = Outbox.objects.get()
    assert (row.tries, row.run_after, row.dead_at) == (0, until, None)


def test_who_was_killed_in_the_middle_is_followed_by_another(courier):
    """A row taken by a sender that died is free after its lease, and given up when it kills every sender."""
    tried = []

    def killed(payload, key):
        tried.append(key)
        raise SystemExit

    courier(killed, outside=True)
    outbox.put("probe", "probe:1", {})
    now = timezone.now()
    for n in range(14):
        try:
            outbox.drain(now + n * outbox.LEASE)
        except SystemExit:
            assert outbox.drain(now + n * outbox.LEASE) == 0, "it is leased"
    assert len(tried) == 12 and Outbox.objects.get().dead_at


def test_an_unknown_kind_waits():
    outbox.put("of tomorrow", "tomorrow:1", {})
    assert outbox.drain() == 0 and Outbox.objects.get().tries == 0


def test_what_was_delivered_is_forgotten_after_a_month():
    now = timezone.now()
    for days in (1, 29, 31, 90):
        Outbox.objects.create(key=f"a:{days}", kind="letter", done_at=now - timedelta(days=days))
    Outbox.objects.create(key="dead", kind="letter", dead_at=now - timedelta(days=90))
    assert outbox.sweep() == 2
    assert set(Outbox.objects.values_list("key", flat=True)) == {"a:1", "a:29", "dead"}


def test_the_administrator_sees_what_did_not_arrive_and_sends_it_again(cast, moody):
    box = moody(Moody(["550 no", "554 no"]))
    send("letter:1", "one@snag.example", "Тайная тема", "Тайный текст")
    send("letter:2", "two@snag.example", "Тайная тема", "Тайный текст")
    outbox.drain()
    admin = signed_in(cast.admin)
    text = admin.get("/notices/undelivered/").content.decode()
    assert "one@snag.example" in text and "почтовый сервер отказал: SMTP 550" in text and "SMTP 554" in text
    assert "Тайн" not in text
    row = Outbox.objects.get(key="letter:1")
    assert admin.post(f"/notices/undelivered/{row.pk}/resends/").status_code == 303
    outbox.drain()
    assert arrived(box) == ["<letter.1@localhost>"]
    assert admin.post(f"/notices/undelivered/{row.pk}/resends/").status_code == 404
    admin.post("/notices/undelivered/resends/")
    outbox.drain()
    assert len(box.letters) == 2 and "two@" not in admin.get("/notices/undelivered/").content.decode()


def test_the_page_that_causes_a_letter_does_not_meet_the_server(moody, cast, deal):
    """A question is asked while the mail server hangs: the answer to it never touches the server."""
    box = moody(Moody(["hang"]))
    answer = signed_in(cast.irina).post(f"/cards/{deal.pk}/questions/", {"text": "Что нового?"})
    assert answer.status_code < 400 and box.seen == 0
    assert Outbox.objects.filter(kind="bundle").exists()


@pytest.mark.django_db(transaction=True)
def test_one_worker_alone_waits_for_the_server(settings):
    from threading import Thread

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    box, counts = PostOfficeBox(), []
    from tests.post_office import opened

    server = opened(box)
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    for n in range(30):
        send(f"letter:{n}", "anna@snag.example", "Письмо", "Текст")

    def work():
        counts.append(outbox.drain_outside())
        connection.close()

    threads = [Thread(target=work) for _one in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    while outbox.drain_outside():
        pass
    server.stop()
    assert sorted(arrived(box)) == sorted(f"<letter.{n}@localhost>" for n in range(30))

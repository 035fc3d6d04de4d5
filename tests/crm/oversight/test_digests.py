"""Digests of the morning and warnings of the evening: once, in working hours, to the right person, never empty (R-017, D.8)."""

from datetime import datetime
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection

from crm.activities.models import Task
from crm.activities.next_step import refresh_next_step
from crm.cards.models import Card
from crm.cards.verbs import hand_over
from crm.notifications.models import Notice, Outbox
from crm.notifications.outbox import drain
from crm.oversight.digests import send_digests, warn_first_stages
from crm.oversight.models import Digest, Violation
from crm.pipelines.moves import open_card
from deals.models import Project
from leads.intake import receive

ZONE = ZoneInfo("Europe/Moscow")


def at(day, hour, minute=0):
    """A moment of November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.fixture
def deal(cast):
    """Anna's deal with a call overdue since Thursday."""
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Тайное лобби", amount=1000)
    Task.objects.create(card_id=deal.pk, title="Позвонить", owner=cast.anna, due_at=at(19, 15))
    refresh_next_step(deal.pk)
    Card.objects.filter(pk=deal.pk).update(stage="offer", stage_since=at(19, 10), created_at=at(19, 10))
    Violation.objects.create(card_id=deal.pk, kind="overdue", person=cast.anna, since=at(19, 15))
    return deal


def leave(now):
    """The letters of that moment."""
    with time_machine.travel(now, tick=False):
        drain()


def told(user):
    return Notice.objects.filter(user=user, kind="digest").count()


def test_each_at_its_hour_and_once(cast, deal):
    """Managers at 08:45, executives at 09:00, on working days; those with nothing to say get nothing, then or later."""
    assert send_digests(at(22, 12)) == 0, "Sunday"
    assert send_digests(at(23, 8, 44)) == 0
    assert send_digests(at(23, 8, 46)) == 1 and told(cast.anna) == 1
    assert send_digests(at(23, 9, 1)) == 2 and told(cast.irina) == told(cast.oleg) == 1
    assert send_digests(at(23, 15)) == 0 and told(cast.pavel) == 0
    assert Digest.objects.get(user=cast.pavel).empty
    assert send_digests(at(24, 9, 30)) == 3


def test_three_days_of_outage_end_in_one_digest(cast, deal):
    send_digests(at(19, 9, 1))
    assert (
        send_digests(at(24, 17)) == 3
        and told(cast.irina) == 1 + Digest.objects.filter(user=cast.irina, date=at(19, 9).date(), empty=False).count()
    )
    assert send_digests(at(25, 18)) == 0, "never when the day is over"


def test_the_letter_says_whom_to_ask(cast, deal, post_office):
    """Client, card, manager, reason and days, with its address; twice drained, once delivered."""
    send_digests(at(23, 9, 1))
    leave(at(23, 9, 2))
    leave(at(23, 9, 3))
    letters = {to[0]: letter for to, letter in post_office.letters}
    assert len(post_office.letters) == 3 and set(letters) == {cast.anna.email, cast.irina.email, cast.oleg.email}
    text = letters[cast.irina.email].get_content()
    assert "КОГО СПРОСИТЬ" in text and "Тайное лобби" in text and "Анна Лебедева" in text
    assert "Позвонить: просрочено на" in text and deal.get_absolute_url() in text and "/control/" in text
    assert letters[cast.irina.email]["Message-ID"] == f"<digest.{cast.irina.pk}.2026-11-23@localhost>"
    assert "ПРОСРОЧЕНО" in (own := letters[cast.anna.email].get_content()) or "НАЧНИТЕ" in own


def test_a_letter_shows_what_its_reader_may_see_when_it_leaves(cast, deal, post_office):
    """Handed over between the digest and the letter: the former owner's letter knows nothing of it."""
    send_digests(at(23, 9, 1))
    hand_over(deal, cast.pavel, cast.irina)
    leave(at(23, 9, 2))
    assert "Тайное лобби" not in "".join(
        letter.get_content() for to, letter in post_office.letters if to == [cast.anna.email]
    )


def test_who_left_gets_no_letter(cast, deal, post_office):
    send_digests(at(23, 9, 1))
    cast.anna.is_active = False
    cast.anna.save()
    leave(at(23, 9, 2))
    assert [cast.anna.email] not in [to for to, _letter in post_office.letters]


def test_a_dead_mail_server_is_tried_again(cast, deal, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send_digests(at(23, 9, 1))
    leave(at(23, 9, 2))
    row = Outbox.objects.filter(kind="digest").first()
    assert row.done_at is None and row.tries == 1 and row.run_after > at(23, 9, 2)


def test_a_letter_that_could_not_leave_all_day_is_not_sent_beside_the_next_one(cast, deal, post_office):
    """Two mornings in one box would say the same thing twice; on a day off nothing is said at all."""
    send_digests(at(20, 9, 1))
    leave(at(21, 12))
    assert post_office.letters == [] and not Outbox.objects.filter(kind="digest", done_at=None).exists()
    send_digests(at(23, 9, 1))
    Outbox.objects.filter(kind="digest").update(done_at=None)
    leave(at(23, 9, 2))
    assert sorted(to for to, _letter in post_office.letters) == sorted(
        [user.email] for user in (cast.anna, cast.irina, cast.oleg)
    )


def test_one_digest_that_cannot_be_made_holds_up_no_other(cast, deal):
    """What is wrong with Anna's rows is not Irina's loss; mended, hers comes too."""
    cards = Card.objects.filter(pk=deal.pk)
    cards.update(pipeline="unheard of")
    made = send_digests(at(23, 8, 50))
    cards.update(pipeline="project")
    assert made == 0 and not Digest.objects.filter(user=cast.anna).exists() and Digest.objects.get(user=cast.pavel)
    assert send_digests(at(23, 9, 1)) == 3 and told(cast.anna) == 1


def test_an_hour_before_the_end_of_the_day(cast):
    """R-105: the responsible person is warned of each card, once a day; nobody is warned at night or of nobody's card."""
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Лобби", phone="")
    receive("phone", by=cast.irina, title="Ничей", phone="")
    Card.objects.filter(pipeline="leads").update(stage_since=at(23, 10))
    assert warn_first_stages(at(23, 16, 59)) == 0
    assert (warn_first_stages(at(23, 17, 1)), warn_first_stages(at(23, 17, 2))) == (1, 0)
    assert warn_first_stages(at(23, 18)) == 0 and warn_first_stages(at(22, 17, 30)) == 0
    assert warn_first_stages(at(24, 17, 30)) == 1
    assert set(Notice.objects.filter(kind="first-stage-warning").values_list("user_id", "card_id")) == {
        (cast.anna.pk, lead.pk)
    }


@pytest.mark.django_db(transaction=True)
def test_ten_clocks_at_once_make_one_digest(lasting_cast):
    receive("phone", by=lasting_cast.anna, owner=lasting_cast.anna, title="Лобби", phone="")
    now = at(23, 9, 5)

    def tick():
        try:
            send_digests(now)
        finally:
            connection.close()

    clocks = [Thread(target=tick) for _n in range(10)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert (
        told(lasting_cast.anna) == 1
        and Outbox.objects.filter(key__startswith="digest:").count() == Notice.objects.filter(kind="digest").count()
    )

"""Numbers without gaps under many writers, one message per key, and sockets that end with access, hints or no hints."""

import threading
import time
from uuid import uuid4

from django.db import connection, transaction

from chats.models import Message, Room
from chats.verbs import post, read
from crm.cards.access import dismiss
from crm.cards.verbs import share, unshare
from crm.people.models import User
from crm.pipelines.moves import open_card
from deals.models import Project
from tests.doors.test_sockets import SOON, dial
from tests.doors.world import cookie, signed_in

__all__ = ["dial"]
WRITERS, EACH = 8, 25


def at_once(*acts):
    """Run these in threads of their own, with connections of their own, and raise what any of them raised."""
    failed = []

    def run(act):
        try:
            act()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_reader_who_asks_for_what_came_after_misses_nothing(lasting_cast):
    room = open_card(Project, by=lasting_cast.anna, owner=lasting_cast.anna, title="Лобби").room
    writing, seen = threading.Event(), []

    def follow():
        """T3: the cursor that a page keeps, asked as fast as it goes while others write."""
        last, more = 0, True
        while more:
            more = not writing.is_set()
            found = list(Message.objects.filter(room=room, seq__gt=last).order_by("seq").values_list("seq", flat=True))
            seen.extend(found)
            last = found[-1] if found else last

    def write():
        for n in range(EACH):
            post(room, f"Строка {n}", lasting_cast.anna, uuid4())

    reader = threading.Thread(target=lambda: at_once(follow))
    reader.start()
    at_once(*[write] * WRITERS)
    writing.set()
    reader.join()
    assert seen == list(range(1, WRITERS * EACH + 2))
    room.refresh_from_db()
    assert room.last_seq == room.card.message_count == len(seen) and room.last_change == len(seen) - 1


def test_the_same_key_at_once_is_one_message(lasting_cast):
    room = open_card(Project, by=lasting_cast.anna, owner=lasting_cast.anna, title="Лобби").room
    key = uuid4()
    at_once(*[lambda: post(room, "Раз", lasting_cast.anna, key)] * 8)
    assert list(room.messages.values_list("seq", "text"))[1:] == [(2, "Раз")]
    at_once(*[lambda n=n: read(Room(pk=room.pk), lasting_cast.irina, n) for n in range(8)])
    assert room.readings.get(user=lasting_cast.irina).seq == 7


def test_who_loses_the_card_while_waiting_for_it_says_nothing(lasting_cast):
    cast = lasting_cast
    deal, held, answers = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби"), threading.Event(), []
    share(deal, cast.pavel, cast.anna)

    def take_back():
        with transaction.atomic():
            unshare(deal, cast.pavel, cast.anna)
            held.set()
            time.sleep(1)

    def say():
        pavel = signed_in(cast.pavel)
        held.wait()
        answers.append(pavel.post(f"/chats/{deal.room.pk}/messages/", {"text": "Ещё тут"}).status_code)

    at_once(take_back, say)
    assert answers == [403] and not Message.objects.filter(author=cast.pavel).exists()
    assert Room.objects.get(card=deal).last_seq == 1


def test_sockets_end_with_access_without_any_hint(dial, lasting_cast):
    """Grants, sessions and rights that are taken away behind Redis's back: each socket closes within five seconds (B20)."""
    cast = lasting_cast
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    share(deal, cast.pavel, cast.anna)
    line, stays = dial(f"/ws/cards/{deal.pk}/", cookie(cast.pavel)), dial(f"/ws/cards/{deal.pk}/", cookie(cast.anna))
    dismiss(deal, cast.pavel)
    assert line.ends(SOON) == 4404

    leaving = signed_in(cast.anna)
    own = dial("/ws/", leaving.cookies["sessionid"].value)
    leaving.post("/sign-out/")
    assert own.ends(SOON) == 4401

    own = dial("/ws/", cookie(cast.oleg))
    User.objects.filter(pk=cast.oleg.pk).update(is_active=False)
    assert own.ends(SOON) == 4401

    post(deal.room, "Слышно", cast.anna)
    heard = stays.hears()
    assert heard["room"] == deal.room.pk and heard["seq"] == 2 and "Слышно" not in str(heard)

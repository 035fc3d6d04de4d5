"""Calls over HTTP: what a page is told, signals between the pages of one call, ways to TURN and to a meeting server."""

import base64
import hashlib
import hmac
import json
from uuid import uuid4

import pytest
from django.urls import reverse

from crm.calls import ice, verbs
from crm.calls.models import Call
from crm.cards.access import dismiss
from crm.cards.models import Event
from crm.cards.verbs import share
from crm.pipelines.moves import open_card
from deals.models import Project
from tests.chats.test_live import at_once
from tests.doors.test_sockets import SOON, dial
from tests.doors.world import cookie, signed_in

__all__ = ["dial"]
HTMX = {"HX-Request": "true"}


def at(name, thing):
    return reverse(f"calls:{name}", args=[thing.pk])


@pytest.fixture
def deal(cast):
    return open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби <script>alert(1)</script>")


def test_a_page_is_told_what_rings_and_nothing_is_alive_in_it(cast, deal):
    anna, irina, pavel = signed_in(cast.anna), signed_in(cast.irina), signed_in(cast.pavel)
    for nonsense in ({}, {"kind": "fax", "session": str(uuid4())}, {"kind": "video", "session": "x"}):
        assert anna.post(at("start", deal), nonsense, headers=HTMX).status_code == 422
    dock = anna.post(at("start", deal), {"kind": "video", "session": str(uuid4())}, headers=HTMX).content.decode()
    assert 'id="call"' in dock and "&lt;script&gt;" in dock and "<script>" not in dock
    call = Call.objects.get()
    rings = irina.get(reverse("calls:mine")).content.decode()
    assert "Анна Лебедева" in rings and at("joins", call) in rings and "<script>" not in rings
    assert "Лобби" not in pavel.get(reverse("calls:mine")).content.decode()
    assert f'data-url="{reverse("calls:mine")}" data-now' in irina.get("/notices/").content.decode()
    assert "data-now" not in pavel.get("/notices/").content.decode()
    for name in ("joins", "refusals", "departures", "beats", "signals"):
        assert pavel.post(at(name, call), {"session": str(uuid4())}).status_code == 404
    assert pavel.post(at("start", deal), {"kind": "video", "session": str(uuid4())}).status_code == 404
    irina.post(at("refusals", call))
    assert "data-ringing" not in irina.get(reverse("calls:mine")).content.decode()
    assert f'data-going="{deal.pk}"' in irina.get(reverse("calls:mine")).content.decode()
    page = uuid4()
    irina.post(at("joins", call), {"session": str(page)})
    verbs.leave(call, cast.anna)
    assert irina.post(at("beats", call), {"session": str(page)}).status_code == 200
    irina.post(at("departures", call), {"session": str(page)})
    gone = irina.post(at("beats", call), {"session": str(page)})
    assert (
        gone.status_code == 410
        and irina.post(at("joins", call), {"session": str(page)}, headers=HTMX).status_code == 409
    )


def test_a_form_sent_twice_calls_once(cast, deal):
    anna, session = signed_in(cast.anna), str(uuid4())
    for _twice in range(2):
        assert anna.post(at("start", deal), {"kind": "audio", "session": session}, headers=HTMX).status_code == 200
    assert Call.objects.count() == 1 and Call.objects.get().participants.filter(state="joined").count() == 1


def test_signals_reach_the_other_page_of_the_call_and_nobody_else(dial, lasting_cast):
    cast = lasting_cast
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    share(deal, cast.pavel, cast.anna)
    hers, his, guess = uuid4(), uuid4(), uuid4()
    call = verbs.start(deal, cast.anna, "video", hers)
    verbs.join(call, cast.pavel, his)
    line, other = dial("/ws/", cookie(cast.pavel)), dial("/ws/", cookie(cast.irina))
    anna, pavel, irina = signed_in(cast.anna), signed_in(cast.pavel), signed_in(cast.irina)

    def say(browser, session, to, words="{}"):
        answer = browser.post(at("signals", call), {"session": str(session), "to": str(to), "words": words})
        return answer.status_code

    assert say(anna, hers, his, '{"description": 1}') == 204
    heard = line.hears()
    assert heard == {
        "type": "signal",
        "call": call.pk,
        "from": str(hers),
        "to": str(his),
        "words": '{"description": 1}',
    }
    # A guess, another's page as one's own, oneself, one who sees the card but is not in; too long, empty.
    for browser, session, to in ((anna, hers, guess), (anna, his, hers), (anna, hers, hers), (irina, uuid4(), his)):
        assert say(browser, session, to) == 404
    assert say(anna, hers, his, "x" * 50_000) == say(anna, hers, his, "") == 422
    # Access goes: neither says nor hears anything more.
    dismiss(deal, cast.pavel)
    assert say(anna, hers, his) == 404 and say(pavel, his, hers) == 404
    frames = line.until("call")
    assert not [frame for frame in frames if frame["type"] == "signal"]
    with pytest.raises(TimeoutError):
        while True:
            assert other.hears(1)["type"] != "signal"
    assert SOON


def test_turn_takes_a_name_and_a_password_for_a_time(cast, settings):
    assert ice.servers(cast.anna) == []
    settings.STUN_URLS, settings.TURN_URLS = ["stun:turn.example:3478"], ["turn:turn.example:3478"]
    settings.TURN_SECRET, settings.TURN_TTL = "north", 600
    stun, turn = ice.servers(cast.anna)
    until, who = turn["username"].split(":")
    assert int(who) == cast.anna.pk and stun == {"urls": ["stun:turn.example:3478"]} and int(until) % 1 == 0
    # As coturn itself computes it from its static-auth-secret.
    mac = hmac.new(b"north", turn["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(turn["credential"]) == mac
    json.dumps([stun, turn])


def test_a_meeting_server_of_ones_own_takes_the_talk(cast, deal, settings):
    settings.MEETING_URL = "https://meet.example/{room}"
    dock = signed_in(cast.anna).post(at("start", deal), {"kind": "video", "session": str(uuid4())}, headers=HTMX)
    page = dock.content.decode()
    assert f'href="{ice.meeting(deal)}"' in page and "data-elsewhere" in page and "data-tiles" not in page
    assert ice.meeting(deal).startswith(f"https://meet.example/{deal.pk}-") and len(ice.meeting(deal)) > 40


def test_all_at_once_make_one_call_and_end_it_once(lasting_cast):
    cast = lasting_cast
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    people = [cast.anna, cast.irina, cast.oleg]
    at_once(*[lambda one=one: verbs.start(deal, one, "audio", uuid4()) for one in people])
    call = Call.objects.get()
    assert set(call.participants.values_list("user", "state")) == {(one.pk, "joined") for one in people}
    other = open_card(Project, by=cast.anna, owner=cast.anna, title="Ресторан")
    # One goes into another call while the rest leave this one and the clock looks at all of them.
    at_once(
        lambda: verbs.start(other, cast.irina, "video", uuid4()), lambda: verbs.leave(call, cast.anna),
        lambda: verbs.leave(call, cast.oleg), verbs.keep_calls, verbs.keep_calls,
    )  # fmt: skip
    call.refresh_from_db()
    assert call.ended_at and Event.objects.filter(card_id=deal.pk, kind="call").count() == 1
    assert Call.objects.open().get().card_id == other.pk

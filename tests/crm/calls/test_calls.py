"""Calls about a card: who is rung, answers, misses, leaves; one open call per card; for nobody who does not see it (R-121)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from crm.calls import verbs
from crm.calls.models import Call, Participant
from crm.cards.models import Card, Event
from crm.cards.verbs import hand_over, share, unshare
from crm.notifications.models import Notice
from crm.notifications.notices import word
from crm.people.models import User
from crm.pipelines.moves import open_card
from deals.models import Project

NOW = timezone.now()


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def states(call):
    return {p.user.first_name: p.state for p in call.participants.select_related("user")}


@pytest.fixture
def deal(cast):
    """Anna's deal: both executives see it, and Pavel, who is invited."""
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    share(deal, cast.pavel, cast.anna)
    return deal


@pytest.fixture
def call(cast, deal):
    return verbs.start(deal, cast.anna, "video", uuid4(), NOW)


def test_all_who_see_the_card_are_rung_and_nobody_else(cast, call):
    assert states(call) == {"Анна": "joined", "Павел": "ringing", "Ирина": "ringing", "Олег": "ringing"}
    assert not Call.objects.visible_to(cast.natalia).exists() and not Call.objects.visible_to(cast.admin).exists()


def test_starting_again_comes_into_the_same_call(cast, deal, call):
    again = verbs.start(deal, cast.irina, "audio", uuid4(), later(5))
    assert again == call and again.kind == "video" and states(call)["Ирина"] == "joined"
    assert Call.objects.count() == 1


def test_a_call_from_ring_to_feed(cast, deal, call):
    page = uuid4()
    verbs.join(call, cast.irina, page, later(4))
    verbs.decline(call, cast.oleg, later(5))
    verbs.beat(call, cast.irina, page, later(41))
    assert states(call) == {"Анна": "left", "Павел": "missed", "Ирина": "joined", "Олег": "declined"}
    missed = Notice.objects.get(kind="missed-call")
    assert missed.user == cast.pavel and word(missed) == "Пропущен звонок: Анна Лебедева, «Лобби»"
    verbs.leave(call, cast.irina, later(64))
    call.refresh_from_db()
    assert call.ended_at == later(64)
    event = Event.objects.get(kind="call")
    assert event.actor == cast.anna and event.data["people"] == ["Анна Лебедева", "Ирина Снегирёва"]
    # From Irina's coming to the moment Anna was found to be gone.
    assert event.data["seconds"] == 37
    # It is no contact with the client.
    assert Card.objects.get(pk=deal.pk).last_touch_at is None


def test_who_hangs_up_before_anybody_answers(cast, call):
    verbs.leave(call, cast.anna, later(10))
    assert set(states(call).values()) == {"left", "missed"}
    assert Notice.objects.filter(kind="missed-call").count() == 3
    verbs.keep_calls(later(60))
    verbs.leave(call, cast.anna, later(61))
    assert Notice.objects.filter(kind="missed-call").count() == 3 and Event.objects.filter(kind="call").count() == 1


def test_who_talks_elsewhere_is_busy_and_hears_of_it(cast, deal, call):
    other = open_card(Project, by=cast.irina, owner=cast.irina, title="Ресторан")
    second = verbs.start(other, cast.irina, "audio", uuid4(), later(1))
    assert states(call)["Ирина"] == "ringing"
    verbs.join(call, cast.oleg, uuid4(), later(2))
    third = open_card(Project, by=cast.pavel, owner=cast.pavel, title="Отель")
    called = verbs.start(third, cast.pavel, "audio", uuid4(), later(3))
    assert states(called) == {"Павел": "joined", "Ирина": "busy", "Олег": "busy"}
    assert set(Notice.objects.filter(kind="missed-call").values_list("user", "card")) == {
        (cast.irina.pk, third.pk), (cast.oleg.pk, third.pk),
    }  # fmt: skip
    # Coming into another call is going out of the first.
    verbs.join(called, cast.irina, uuid4(), later(4))
    second.refresh_from_db()
    assert second.ended_at == later(4) and states(called)["Ирина"] == "joined"


def test_another_page_of_the_same_person_takes_the_call(cast, call):
    first, second = uuid4(), uuid4()
    verbs.join(call, cast.irina, first, later(1))
    verbs.join(call, cast.irina, second, later(2))
    assert not verbs.beat(call, cast.irina, first, later(3)) and verbs.beat(call, cast.irina, second, later(3))
    verbs.leave(call, cast.irina, later(4), session=first)
    assert states(call)["Ирина"] == "joined"


def test_six_fit(cast, deal, call):
    people = [
        User.objects.create(email=f"p{n}@snag.example", name=f"Коллега {n}", roles=["executive"]) for n in range(6)
    ]
    for n, one in enumerate(people[:5]):
        verbs.join(call, one, uuid4(), later(n))
    with pytest.raises(verbs.Refused):
        verbs.join(call, people[5], uuid4(), later(9))


@pytest.mark.parametrize("how", ["unshare", "deactivate", "grants"])
def test_who_may_see_the_card_no_more_is_out(cast, deal, call, how):
    page = uuid4()
    verbs.join(call, cast.pavel, page, later(1))
    if how == "unshare":
        unshare(deal, cast.pavel, cast.anna)
    elif how == "deactivate":
        User.objects.filter(pk=cast.pavel.pk).update(is_active=False)
    else:
        deal.grants.filter(user=cast.pavel).delete()
    # Whichever page of the others tells first that it is there.
    verbs.beat(call, cast.anna, call.participants.get(user=cast.anna).session, later(3))
    assert states(call)["Павел"] == "left" and not verbs.beat(call, cast.pavel, page, later(4))
    assert not Call.objects.visible_to(User.objects.get(pk=cast.pavel.pk)).exists()
    assert not Notice.objects.filter(kind="missed-call").exists()


def test_handed_over_in_the_middle(cast, deal, call):
    hand_over(deal, cast.pavel, cast.anna)
    call.refresh_from_db()
    assert states(call)["Анна"] == "left" and call.ended_at


def test_lost_pages_end_a_call_by_the_clock(cast, call):
    verbs.join(call, cast.irina, uuid4(), later(1))
    verbs.keep_calls(later(10))
    assert call.participants.filter(state=Participant.State.JOINED).count() == 2
    for _twice in range(2):
        verbs.keep_calls(later(20))
        call.refresh_from_db()
        assert call.ended_at == later(20) and Event.objects.filter(kind="call").count() == 1


def test_nobody_waits_alone_for_ever(cast, call):
    page = call.participants.get(user=cast.anna).session
    for second in range(3, 200, 3):
        stays = verbs.beat(call, cast.anna, page, later(second))
        if not stays:
            break
    assert 150 < second < 175
    assert set(states(call).values()) == {"left", "missed"}


def test_nobody_rings_without_end(cast, deal):
    for n in range(verbs.MOST_IN_A_MINUTE):
        verbs.leave(verbs.start(deal, cast.anna, "audio", uuid4(), later(n)), cast.anna, later(n))
    with pytest.raises(verbs.Refused):
        verbs.start(deal, cast.anna, "audio", uuid4(), later(9))
    assert verbs.start(deal, cast.anna, "audio", uuid4(), later(90))

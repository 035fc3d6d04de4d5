"""Sockets tell only whom it concerns: who may open which, that a stranger hears nothing, that hearing ends in time."""

import json
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from channels.consumer import AsyncConsumer
from channels.routing import URLRouter
from django.conf import settings
from django.db import connection
from django.urls import reverse
from redis import Redis
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from chats.verbs import post
from crm.activities.verbs import add, finish
from crm.asgi import application
from crm.cards.verbs import change, hand_over, note, share, touch, unshare
from crm.launcher.services import redis_url
from crm.notifications.outbox import drain
from crm.office.calendar import add_working_days, company_today, day_end, day_start
from crm.oversight.asking import ask
from crm.pipelines.moves import open_card, take
from crm.pipelines.undo import undo
from crm.schedule import SCHEDULE
from crm.sockets import hint
from deals.models import Project
from expenses.verbs import register
from leads.intake import receive
from tests.conftest import person
from tests.server import serving

from .world import ABSENT, ACTORS, build, cookie, signed_in

SOON = 5  # seconds in which access ends everywhere (B20)
WRONG_ORIGINS = [
    None, "null", "https://evil.example", "http://127.0.0.1.evil.example", "http://evil.example/127.0.0.1", "file://",
]  # fmt: skip


@dataclass(frozen=True)
class Socket:
    """A socket and how it meets each actor: ``ok``, or the code it closes with."""

    name: str
    args: str
    row: str

    def expected(self):
        return dict(zip(ACTORS, self.row.split(), strict=True))


SOCKETS = [
    #                         anonymous        viewer      former          accountant   left        bare
    #                               owner other      worker      executive       admin       demoted
    Socket("personal", "",   "4401  ok    ok    ok    ok    ok    ok    ok    ok    4401  4401  ok"),
    Socket("card", "deal",   "4404  ok    4404  ok    ok    4404  ok    4404  4404  4404  4404  4404"),
    Socket("card", "expense","4404  ok    4404  ok    ok    4404  ok    ok    4404  4404  4404  4404"),
]  # fmt: skip


def sockets(app=None):
    """Every route of a socket, whatever stands around the router."""
    app = app or application.application_mapping["websocket"]
    while not isinstance(app, URLRouter):
        app = getattr(app, "application", None) or app.inner
    return app.routes


def kinds(consumer=AsyncConsumer):
    """Our consumers that no other of ours builds on."""
    for kind in consumer.__subclasses__():
        if kind.__subclasses__():
            yield from kinds(kind)
        elif not kind.__module__.startswith("channels"):
            yield kind


def test_every_socket_is_declared():
    assert {route.name for route in sockets()} == {one.name for one in SOCKETS}, "declare it in SOCKETS"
    assert {route.callback.consumer_class for route in sockets()} == set(kinds())


class Line:
    """One open socket, as a page holds it."""

    def __init__(self, socket):
        self.socket = socket

    def hears(self, seconds=SOON):
        """The next frame."""
        return json.loads(self.socket.recv(timeout=seconds))

    def until(self, kind):
        """Frames up to the first of this type, which is left out."""
        heard = []
        while (frame := self.hears())["type"] != kind:
            heard.append(frame)
        return heard

    def ends(self, seconds=SOON):
        """The code it is closed with; whatever it hears before is let fall."""
        try:
            while True:
                self.socket.recv(timeout=seconds)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


@pytest.fixture
def dial(transactional_db):
    """Open a socket to a running server with somebody's cookie."""
    with ExitStack() as stack:
        site = stack.enter_context(serving())

        def call(path, held=None, origin=site):
            return Line(stack.enter_context(connect(
                site.replace("http", "ws", 1) + path, origin=origin, open_timeout=10, close_timeout=1,
                additional_headers={"Cookie": f"sessionid={held}"} if held else {},
            )))  # fmt: skip

        yield call
    connection.close()


def meets(line, expected):
    """Whether a new socket stays open, or closes with this code."""
    try:
        return str(line.ends(0.1 if expected == "ok" else SOON)) == expected
    except TimeoutError:
        return expected == "ok"


def path_of(one, mine, absent=False):
    route = next(route for route in sockets() if route.name == one.name)
    path = f"/{route.pattern}"
    return path.replace("<int:pk>", str(ABSENT if absent else getattr(mine, one.args).pk)) if one.args else path


def test_who_may_open_which(dial):
    world = build()
    for one in SOCKETS:
        expected = one.expected()
        for actor in ACTORS:
            held = world.cookies.get(actor)
            assert meets(dial(path_of(one, world.a), held), expected[actor]), (one, actor)
            if one.args:
                assert meets(dial(path_of(one, world.a, absent=True), held), "4404"), (one, actor)
        for origin in WRONG_ORIGINS:
            with pytest.raises(InvalidStatus) as refused:
                dial(path_of(one, world.a), world.cookies["owner"], origin)
            assert refused.value.response.status_code == 403


def act(anna, irina, fedor):
    """Twenty things a manager does to her own cards, and an executive with them."""
    deal = open_card(Project, by=anna, owner=anna, title="Лобби", amount=1000)
    receive("phone", by=anna, owner=anna, title="Звонок", phone="+7 921 555-14-08")
    lead = receive("mail", by=irina, owner=None, title="Без ответственного")
    hand_over(lead, anna, irina)
    change(deal, {"title": "Лобби и бар"}, anna)
    event = take(deal, "clarify", anna)
    undo(event, anna)
    take(deal, "clarify", anna)
    note(deal, "Заметка", anna)
    touch(deal, "call", anna, text="Говорили")
    task = add(deal, anna, title="Замер", due_at=event.at)
    finish(task, anna)
    post(deal.room, "Кто едет?", anna)
    expense = register(anna, title="Столешницы", deal=deal, amount=100)
    change(expense, {"amount": 200}, anna)
    share(deal, fedor, anna)
    post(deal.room, "Я", fedor)
    unshare(deal, fedor, anna)
    hand_over(deal, fedor, anna)
    hand_over(deal, anna, irina)
    ask(deal, "Что нового?", irina)
    post(deal.room, "Едем завтра", anna)
    a_day_of_the_clock()
    return deal


def a_day_of_the_clock():
    """Everything that beat does on the next working day, and the bells that it rings."""
    day = add_working_days(company_today(), 1)
    for now in (day_start(day) + timedelta(minutes=5), day_end(day) - timedelta(minutes=5), day_end(day)):
        with time_machine.travel(now, tick=False):
            for name, (_seconds, verb) in SCHEDULE.items():
                if name not in ("send letters and messages", "listen to Telegram", "deliver the outbox"):
                    verb(now)
            drain(kinds={"notice"})


def test_a_stranger_hears_nothing(dial, lasting_cast):
    cast = lasting_cast
    fedor = person("fedor", "Фёдор", "manager")
    lines = {user: dial("/ws/", cookie(user)) for user in (cast.anna, cast.pavel, cast.irina, cast.admin)}
    deal = act(cast.anna, cast.irina, fedor)
    hint([cast.anna.pk, cast.irina.pk], {"type": "last"})
    assert len(lines[cast.anna].until("last")) >= 12 and len(lines[cast.irina].until("last")) >= 12
    hint([cast.pavel.pk, cast.admin.pk], {"type": "last"})
    assert lines[cast.pavel].until("last") == lines[cast.admin].until("last") == []

    # Garbage and floods break nothing, for the sender as little as for others.
    for frame in ("{", "null", b"\x00\xff", json.dumps({"type": "hint", "message": {"type": "forged"}}), "я" * 20_000):
        lines[cast.pavel].socket.send(frame)
    hint([cast.pavel.pk], {"type": "last"})
    assert lines[cast.pavel].until("last") == []
    lines[cast.pavel].socket.send("x" * 70_000)
    assert lines[cast.pavel].ends() == 1009
    note(deal, "Дальше", cast.anna)
    change(deal, {"title": "Лобби"}, cast.anna)
    assert lines[cast.anna].hears()["type"] == "card"


def administer(cast, user, **more):
    """The administrator's form of a person, sent."""
    data = {"name": user.name, "email": user.email, "roles": user.roles, "is_active": "on", **more}
    answer = signed_in(cast.admin).post(reverse("people:person", args=[user.pk]), {k: v for k, v in data.items() if v})
    assert answer.status_code == 303


def test_pages_are_told_of_a_cut_line(dial, lasting_cast):
    """What Redis said while nobody listened is lost (B21): open pages are told to ask, and hear again."""
    anna = lasting_cast.anna
    deal = open_card(Project, by=anna, owner=anna, title="Лобби")
    lines = [dial("/ws/", cookie(anna)), dial(f"/ws/cards/{deal.pk}/", cookie(anna))]
    with Redis.from_url(redis_url(1)) as redis:
        name = settings.CHANNEL_LAYERS["default"]["CONFIG"]["prefix"]  # others test on this server too
        heard = [one["id"] for one in redis.client_list(_type="pubsub") if one["name"] == name]
        assert heard and all(redis.client_kill_filter(_id=one) for one in heard)
    for line in lines:
        assert line.until("back") is not None
    post(deal.room, "Слышно?", lasting_cast.irina)
    assert lines[1].hears()["seq"] == 2


def test_hearing_ends_with_access(dial, lasting_cast):
    cast = lasting_cast
    anna, pavel, irina = cast.anna, cast.pavel, cast.irina
    deal = open_card(Project, by=anna, owner=anna, title="Лобби")
    at = f"/ws/cards/{deal.pk}/"

    share(deal, pavel, anna)
    line = dial(at, cookie(pavel))
    change(deal, {"title": "Лобби и бар"}, anna)
    assert line.hears()["type"] == "card"
    unshare(deal, pavel, anna)
    assert line.ends() == 4404

    hand_over(deal, pavel, anna)
    line = dial(at, cookie(pavel))
    hand_over(deal, anna, irina)
    assert line.ends() == 4404

    # Deactivated, or another role: the person's own socket closes, a card's tells nothing more.
    for user, new in ((anna, {"is_active": ""}), (irina, {"roles": ["manager"]})):
        held = cookie(user)
        own, card = dial("/ws/", held), dial(at, held)
        administer(cast, user, **new)
        assert own.ends() == 4401
        change(deal, {"title": f"Лобби {uuid4()}"}, None)
        with pytest.raises(ConnectionClosed):
            card.hears()
        assert meets(dial("/ws/", held), "4401") and meets(dial(at, held), "4404")

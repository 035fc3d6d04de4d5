"""Live hints over WebSocket: who is connected hears that something changed, and asks for it through the ordinary doors."""

import asyncio
import logging
import threading
from functools import cache, partial
from importlib import import_module
from types import SimpleNamespace

from asgiref.sync import sync_to_async
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings
from django.contrib.auth import get_user, get_user_model
from django.contrib.sessions.models import Session
from django.db import close_old_connections, transaction

from crm.redis_line import on_opened

log = logging.getLogger("crm.sockets")


@cache
def _speaker():
    """One event loop in one background thread of this process: a request never waits for Redis."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="hints", daemon=True).start()
    return loop


async def _send(groups, message):
    layer = get_channel_layer()
    for group in groups:
        try:
            await asyncio.wait_for(layer.group_send(group, {"type": "hint", "message": message}), 2)
        except Exception as error:  # a hint may be lost: rows are the truth, clients ask again on reconnect
            log.warning("hint not sent: %s", type(error).__name__)
            return


MOMENT = 0.25  # seconds between two hints of which only the newest counts: nobody reads faster
_newest: dict = {}


async def _send_newest(about, groups, message):
    """Send at once when nothing was said about it a moment ago, otherwise the last of what came meanwhile."""
    busy = about in _newest
    _newest[about] = groups, message
    if busy:
        return
    while (said := _newest[about]) is not None:
        _newest[about] = None
        await _send(*said)
        await asyncio.sleep(MOMENT)
    del _newest[about]


def hint(people, message, *, also=(), about=None):
    """After commit, tell these people's open pages (ids) that something changed; at most once, never content.

    Of hints ``about`` the same that come faster than pages can follow, only the newest is sent.
    """
    groups = [*also, *(f"user.{pk}" for pk in dict.fromkeys(people))]
    if groups:
        send = partial(_send_newest, about) if about else _send
        transaction.on_commit(lambda: asyncio.run_coroutine_threadsafe(send(groups, message), _speaker()), robust=True)


def hint_card(card, people, about=None, **more):
    """After commit, tell these people's boards, and the card's own page, that this card changed.

    Pages that show its ``version`` already pass over it, unless ``anew`` says that it changed without a new one, or went.
    """
    message = {"type": "card", "id": card.pk, "pipeline": card.pipeline, "version": card.version, **more}
    hint(people, message, also=[f"card.{card.pk}"], about=about)


class Listener(AsyncJsonWebsocketConsumer):
    """A socket that only tells: writing goes over HTTP, and whatever comes in is let fall."""

    async def dispatch(self, message):
        """As Channels does it, but without a thread's turn before each hint: who asks the database here sees to its lines."""
        await getattr(self, get_handler_name(message))(message)

    async def receive(self, text_data=None, bytes_data=None, **kwargs):
        """Nothing is said over the socket; not even nonsense breaks it."""

    async def refuse(self, code):
        # Accepted first: a handshake that fails reaches the page without its code, and it would try for ever.
        await self.accept()
        await self.close(code)


class Held(Listener):
    """A socket that is looked at every few seconds while it is open, whether or not Redis brings a hint (B20)."""

    code = 4404
    user = None  # until it is known who opened it

    def key(self):
        """The session it was opened with."""
        return self.scope["cookies"].get(settings.SESSION_COOKIE_NAME)

    async def enter(self, group):
        """Hear what is said in the group from now on."""
        self.group = group
        await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()
        _held.add(self)
        global _looking
        if _looking is None or _looking.done():
            _looking = asyncio.create_task(_look())

    @staticmethod
    def still(held):
        """Which of these open sockets may stay; few statements for however many."""
        raise NotImplementedError

    async def disconnect(self, code):
        _held.discard(self)
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)


EVERY = 3  # seconds: access ends everywhere within five
_held: set[Held] = set()
_looking: asyncio.Task | None = None


async def _look():
    """Close what must not stay open, for all sockets of this process together."""
    while _held:
        await asyncio.sleep(EVERY)
        try:
            gone = await sync_to_async(_ended)(list(_held))
        except Exception as error:  # the database is away: nobody can be told anything either
            log.warning("open sockets not looked at: %s", type(error).__name__)
            continue
        for socket in gone:
            _held.discard(socket)
            await _safely(socket.close(socket.code))


async def _safely(act):
    """What is done to one socket, which may be gone by now, stops nothing that is done to the others."""
    try:
        await act
    except OSError:
        log.debug("an open socket had gone")
    except Exception as error:
        log.warning("an open socket not reached: %s", type(error).__name__)


SPREAD = 2  # seconds: so many pages do not all ask at the same moment
_tellings: set[asyncio.Task] = set()


@on_opened
def _tell_back():
    """Have all pages of this process ask for what hints they may have missed while there was no line to Redis (B21)."""
    if _looking is not None and _looking.get_loop() is asyncio.get_running_loop():
        telling = asyncio.create_task(_back(list(_held)))
        _tellings.add(telling)
        telling.add_done_callback(_tellings.discard)


async def _back(sockets):
    for socket in sockets:
        await asyncio.sleep(SPREAD / len(sockets))
        if socket in _held:
            await _safely(socket.send_json({"type": "back"}))


_asked: list[tuple[Held, asyncio.Future]] = []
_answering: asyncio.Task | None = None


async def may_stay(socket):
    """Whether this socket may stay open now; what many sockets ask at the same moment is asked of the database once."""
    global _answering
    answer = asyncio.get_running_loop().create_future()
    _asked.append((socket, answer))
    if _answering is None or _answering.done():
        _answering = asyncio.create_task(_answer())
    return await answer


async def _answer():
    while _asked:
        asked = _asked[:]
        _asked.clear()
        try:
            gone = set(await sync_to_async(_ended)([socket for socket, _future in asked]))
        except Exception as error:  # not known: the line breaks, and the page opens it again
            for _socket, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
            continue
        for socket, answer in asked:
            if not answer.done():
                answer.set_result(socket not in gone)


def _ended(held):
    close_old_connections()
    kinds = {type(socket) for socket in held}
    stay = {socket for kind in kinds for socket in kind.still([one for one in held if type(one) is kind])}
    return [socket for socket in held if socket not in stay]


def introduce(sockets):
    """Find out who opened these; whoever comes with the same session at the same moment is looked up once."""
    store, people = import_module(settings.SESSION_ENGINE).SessionStore, {}
    for one in sockets:
        key = one.key()
        if key not in people:
            people[key] = get_user(SimpleNamespace(session=store(key)))
        one.user = people[key] if people[key].is_authenticated else None


def signed_in(held):
    """Those whose person works here, with the rights and the session they came with: the rows say, not the cached user."""
    introduce(one for one in held if one.user is None)
    held = [one for one in held if one.user is not None]
    users = get_user_model().objects.filter(pk__in={one.user.pk for one in held}, is_active=True)
    epochs = dict(users.values_list("pk", "epoch"))
    rows = Session.objects.filter(session_key__in={one.key() for one in held})
    sessions = set(rows.values_list("session_key", flat=True))
    return [one for one in held if epochs.get(one.user.pk) == one.user.epoch and one.key() in sessions]


class PersonalSocket(Held):
    """A signed-in person's one socket: hears hints meant for that person, closes when access ends (B20)."""

    code = 4401

    async def connect(self):
        if not await may_stay(self):
            await self.refuse(4401)
            return
        await self.enter(f"user.{self.user.pk}")

    @staticmethod
    def still(held):
        return signed_in(held)

    async def hint(self, event):
        if event["message"].get("type") == "access" and not await may_stay(self):
            await self.close(4401)
            return
        await self.send_json(event["message"])


class DoorSocket(Held):
    """A socket about one record: opens only for those who see it, and asks again at every push."""

    async def connect(self):
        self.pk = int(self.scope["url_route"]["kwargs"]["pk"])
        if not await may_stay(self):
            await self.refuse(4404)
            return
        await self.enter(self.group_name())

    @classmethod
    def visible(cls, user):
        """The queryset of records this person may see."""
        raise NotImplementedError

    def group_name(self):
        raise NotImplementedError

    @classmethod
    def still(cls, held):
        stay, people = [], _by_person(signed_in(held))
        # A socket outlives cached permissions: freshly loaded people are asked each time.
        for user in get_user_model().objects.filter(pk__in=people):
            sockets = people[user.pk]
            seen = set(cls.visible(user).filter(pk__in={one.pk for one in sockets}).values_list("pk", flat=True))
            stay += [one for one in sockets if one.pk in seen]
        return stay

    async def hint(self, event):
        if not await may_stay(self):
            await self.close(4404)
            return
        await self.send_json(event["message"])


def _by_person(sockets):
    people: dict[int, list] = {}
    for one in sockets:
        people.setdefault(one.user.pk, []).append(one)
    return people

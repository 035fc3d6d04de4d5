"""The chat under a crowd: many sockets on one process, one busy chat, one chat served by two processes."""

import asyncio
import json
import multiprocessing
import os
import time
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connections
from websockets.asyncio.client import connect

from crm import sockets
from crm.launcher import supervisor
from crm.launcher.services import redis_url

from . import scratch

SOCKETS, CHATS, PEOPLE = 2_000, 100, 100
WRITERS = 4
FORK = multiprocessing.get_context("fork")


class Talk:
    """Fills a small company, starts the product over it, and listens."""

    def __init__(self, out, seconds):
        self.out, self.seconds = out, seconds

    def say(self, text):
        self.out.write(f"… {text} (load {os.getloadavg()[0]:.1f})")
        self.out.flush()

    def run(self):
        """All measurements, one line each."""
        with scratch.surroundings() as port, scratch.database(f"crm_bench_{os.getpid()}_talk", self.say) as address:
            move_to(address)
            try:
                self.say(f"{PEOPLE} people, {CHATS} deals")
                people, rooms = company()
                held = [session(person) for person in people]
                with scratch.product(port) as started:
                    self.crowd(port, started["web"], people, rooms, held)
                    self.busy(rooms[0], people)
                    with second(port) as other:
                        self.two(port, other, rooms[1], people[1:], held)
            finally:
                connections["default"].close()

    def crowd(self, port, web, people, rooms, held):
        before = scratch.memory(web)
        joined, waits, grown = asyncio.run(crowd(port, web, rooms, held, people))
        self.out.write(
            f"{len(waits)} of {SOCKETS} sockets in {CHATS} chats heard a message in each: open in {joined:.1f} s, "
            f"p50 {middle(waits, 0.5):.0f} ms, p95 {middle(waits, 0.95):.0f} ms; "
            f"web process {before:.0f} MB before, {grown:.0f} MB with all of them"
        )

    def busy(self, room, people):
        written, took = write(room, people, self.seconds)
        whole = list(room.messages.order_by("seq").values_list("seq", flat=True)) == list(
            range(1, room.messages.count() + 1)
        )
        self.out.write(
            f"one chat takes {written / took:.0f} messages a second, numbers {'whole' if whole else 'BROKEN'}"
        )

    def two(self, port, other, room, people, held):
        heard, written = asyncio.run(both(port, other, room, held, people))
        self.out.write(
            f"two web processes, one chat: of {written} messages they told up to {heard[0]} and up to {heard[1]}"
        )


def middle(values, share):
    """Milliseconds that this share of the waits does not exceed."""
    return sorted(values)[max(0, int(len(values) * share) - 1)] * 1000


def move_to(address):
    """This process's own queries and hints go to the scratch database and its Redis from now on."""
    connections["default"].close()
    connections.settings["default"]["NAME"] = connections["default"].settings_dict["NAME"] = urlsplit(address).path[1:]
    settings.SECRET_KEY = os.environ["SECRET_KEY"]
    settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = [redis_url(1)]


def company():
    """A hundred people, and a hundred deals with their chats, each seen by twenty of them."""
    from crm.cards.access import grant_many
    from crm.people.models import Role, User
    from crm.pipelines.moves import open_card
    from deals.models import Project

    people = User.objects.bulk_create(
        User(email=f"p{n}@bench.example", name=f"Коллега {n}", roles=[str(Role.MANAGER)]) for n in range(PEOPLE)
    )
    deals = [open_card(Project, by=people[n], owner=people[n], title=f"Сделка {n}") for n in range(CHATS)]
    for n, deal in enumerate(deals):
        grant_many(deal, [(people[(n + k) % PEOPLE].pk, "view_card") for k in range(SOCKETS // CHATS)])
    return people, [deal.room for deal in deals]


def session(user):
    """The session key of somebody who is signed in."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store.save()
    return store.session_key


def line(port, path, key):
    """A socket as a page opens it; the page's address is the site's, whichever process answers."""
    return connect(
        f"ws://127.0.0.1:{port}{path}", origin=os.environ["SITE_URL"], open_timeout=120, ping_interval=None,
        additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}"},
    )  # fmt: skip


async def crowd(port, web, rooms, held, people):
    """Seconds to open all sockets, seconds until each heard of a message in its chat, MB of the web process."""
    from chats.verbs import post

    gate, begun = asyncio.Semaphore(50), time.monotonic()

    async def join(n):
        async with gate:
            return await line(port, f"/ws/cards/{rooms[n % CHATS].card_id}/", held[(n % CHATS + n // CHATS) % PEOPLE])

    lines = await asyncio.gather(*(join(n) for n in range(SOCKETS)))
    joined, sent = time.monotonic() - begun, {}

    async def hear(one):
        while (frame := json.loads(await asyncio.wait_for(one.recv(), 60))).get("room") not in sent:
            pass
        return time.monotonic() - sent[frame["room"]]

    hearing = [asyncio.create_task(hear(one)) for one in lines]
    for room, owner in zip(rooms, people, strict=True):
        sent[room.pk] = time.monotonic()
        await sync_to_async(post)(room, "Слышно?", owner)
        await asyncio.sleep(0.05)
    waits = await asyncio.gather(*hearing)
    grown = scratch.memory(web)
    await asyncio.gather(*(one.close() for one in lines))
    return joined, waits, grown


def write(room, people, seconds):
    """Processes of their own write into one chat for so long; how many messages, in how many seconds."""
    from chats.verbs import post

    over, counts = time.monotonic() + seconds, FORK.Array("i", WRITERS)

    def hand(n):
        sockets._speaker.cache_clear()  # a thread does not live on in a child
        while time.monotonic() < over:
            post(room, f"{n}-{counts[n]}", people[n], uuid4())
            counts[n] += 1
        time.sleep(3 * sockets.MOMENT)  # the last hint still goes out
        connections["default"].close()

    connections["default"].close()
    begun = time.monotonic()
    hands = [FORK.Process(target=hand, args=[n]) for n in range(WRITERS)]
    for one in hands:
        one.start()
    for one in hands:
        one.join()
    return sum(counts), time.monotonic() - begun


@contextmanager
def second(port):
    """Another web process over the same database and the same Redis; yields its port."""
    other = port + 1
    own = {"CRM_ENV": "production", "DJANGO_SETTINGS_MODULE": "crm.bench.settings"}
    web = next(program for program in supervisor.processes("127.0.0.1", other) if program.name == "web")
    web = replace(web, env=web.env | own, log=Path(os.environ["CRM_VAR"], "web2.log"))
    process = web.start()
    try:
        yield other
    finally:
        web.end(process)


async def both(port, other, room, held, people):
    """The last number that a listener at each process heard of, and how many messages there were."""
    async with line(port, "/ws/", held[1]) as here, line(other, "/ws/", held[2]) as there:
        written, _took = await sync_to_async(write)(room, people, 3)

        async def last(one):
            known = 0
            try:
                while known < written + 2:
                    frame = json.loads(await asyncio.wait_for(one.recv(), 5))
                    known = max(known, frame.get("seq", 0) if frame.get("room") == room.pk else 0)
            except TimeoutError:
                pass
            return known

        return await asyncio.gather(last(here), last(there)), written + 2

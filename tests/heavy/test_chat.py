"""E7, E8: two hundred clients whose lines are cut again and again end with the same chat; two thousand sockets on one process."""

import asyncio
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection, HTTPException
from random import Random
from threading import Thread
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from django.db import connection
from redis import Redis
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from chats.models import Message
from chats.verbs import post
from crm.launcher.services import redis_url
from crm.pipelines.moves import open_card
from deals.models import Project
from tests.conftest import person
from tests.doors.world import cookie
from tests.server import free_port, serving, started

pytestmark = pytest.mark.heavy
CLIENTS, MESSAGES, WRITERS = 200, 5_000, 8
# What B21 asks for: three minutes of writing, cuts, emptied Redis, a restart.
MINUTES = 3
SOCKETS, CHATS = 2_000, 100
LINE = re.compile(r'data-seq="(\d+)"')
MOMENT = re.compile(r'data-at="(\d+)"')
CHANGED = re.compile(r'data-changed="(\d+)"')
# So many pages ask at once, as browsers would, each on a line that it keeps.
ASKING = 16


@pytest.fixture
def site(lasting_cast):
    with serving() as address:
        yield address
    connection.close()


def open_line(site, path, held):
    return connect(
        site.replace("http", "ws", 1) + path, origin=site, open_timeout=60, ping_interval=None,
        additional_headers={"Cookie": f"sessionid={held}"},
    )  # fmt: skip


class Client:
    """What chat.js does: it hears hints, asks for what came after its last number, and asks again after a cut."""

    def __init__(self, site, room, held, random):
        self.site, self.room, self.held, self.random = site, room, held, random
        self.shown, self.hints, self.cuts, self.asked, self.last = [1], 0, 0, 0, 0.0
        self.since = self.changed = ""
        self.wanted = asyncio.Event()
        self.line = HTTPConnection(site.removeprefix("http://"), timeout=60)

    def fetch(self):
        query = urlencode({"after": self.shown[-1], "changed": self.changed, "since": self.since})
        headers = {"Cookie": f"sessionid={self.held}", "HX-Request": "true"}
        try:
            self.line.request("GET", f"/chats/{self.room}/messages/?{query}", headers=headers)
            answer = self.line.getresponse()
            page = answer.read().decode()
            if answer.status != 200:
                raise HTTPException(answer.status)
            return page
        except (OSError, HTTPException):
            self.line.close()
            raise

    async def fill(self, gate):
        more = True
        while more:
            async with gate:
                self.asked += 1
                try:
                    page = await asyncio.to_thread(self.fetch)
                except (OSError, HTTPException):  # the server is away, as it is to a page that asks again later
                    await asyncio.sleep(0.5)
                    continue
            fresh = [int(seq) for seq in LINE.findall(page)]
            self.since = max([*MOMENT.findall(page), self.since], key=lambda at: int(at or 0))
            self.changed = CHANGED.search(page)[1]
            if fresh := [seq for seq in fresh if seq > self.shown[-1]]:
                self.shown += fresh
                self.last = time.monotonic()
            more = " data-more" in page

    async def listen(self, over):
        """A line that is cut at random moments, and opened again."""
        while not over.is_set():
            try:
                async with open_line(self.site, "/ws/", self.held) as line:
                    self.wanted.set()
                    end = time.monotonic() + self.random.uniform(3, 15)
                    while time.monotonic() < end and not over.is_set():
                        try:
                            frame = json.loads(await asyncio.wait_for(line.recv(), 1))
                        except TimeoutError:
                            continue
                        self.hints += 1
                        if frame["type"] == "back" or frame.get("room") == self.room:
                            self.wanted.set()
                    line.transport.abort()
                    self.cuts += 1
            except (OSError, WebSocketException):
                await asyncio.sleep(0.2)

    async def follow(self, gate):
        """Asks whenever it has heard something, and at every new line, until the end of the test."""
        while True:
            await self.wanted.wait()
            self.wanted.clear()
            await self.fill(gate)


class Restarted:
    """A web process that is killed in the middle, and started again at the same address."""

    def __init__(self):
        self.port = free_port()
        self.process = started(self.port)
        self.site = f"http://127.0.0.1:{self.port}"

    def again(self):
        self.process.kill()
        self.process.wait(10)
        self.process = started(self.port)

    def end(self):
        self.process.terminate()
        self.process.wait(10)


def write(room, authors, written, between):
    """Eight hands write evenly, while Redis is flushed and cut every three seconds and ``between`` is done once."""
    begun, each = time.monotonic(), MESSAGES // WRITERS

    def say(n):
        for m in range(each):
            time.sleep(max(0.0, begun + MINUTES * 60 * m / each - time.monotonic()))
            post(room, f"{n}-{m}", authors[m % len(authors)], uuid4())
        connection.close()

    threads = [Thread(target=say, args=[n]) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    with Redis.from_url(redis_url(1)) as redis:
        while any(thread.is_alive() for thread in threads):
            redis.flushall()
            redis.client_kill_filter(_type="pubsub")
            time.sleep(3)
            if between:
                between()
                between = None
    for thread in threads:
        thread.join()
    written()


@pytest.fixture
def fragile(lasting_cast):
    server = Restarted()
    yield server
    server.end()
    connection.close()


def test_every_client_ends_with_the_same_chat(fragile, lasting_cast):
    cast, site = lasting_cast, fragile.site
    people = [cast.anna, cast.irina, cast.oleg]
    room = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби").room
    held = [cookie(user) for user in people]

    async def run():
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(ASKING))
        gate, over, written = asyncio.Semaphore(ASKING), asyncio.Event(), asyncio.Event()
        clients = [Client(site, room.pk, held[n % 3], Random(n)) for n in range(CLIENTS)]
        listening = [asyncio.create_task(client.listen(over)) for client in clients]
        following = [asyncio.create_task(client.follow(gate)) for client in clients]
        begun, loop = time.monotonic(), asyncio.get_running_loop()
        Thread(
            target=write, args=[room, people, partial(loop.call_soon_threadsafe, written.set), fragile.again]
        ).start()
        await written.wait()
        wrote = time.monotonic()
        while any(client.shown[-1] <= MESSAGES for client in clients) and time.monotonic() < wrote + 300:
            await asyncio.sleep(0.2)
            for task in following:
                if task.done():
                    task.result()  # a client that broke is no client
        over.set()
        for task in following:
            task.cancel()
        await asyncio.gather(*listening)
        return clients, wrote - begun, max(client.last for client in clients) - wrote

    clients, wrote, healed = asyncio.run(run())
    truth = list(Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))
    assert truth == list(range(1, MESSAGES + 2))
    assert all(client.shown == truth for client in clients)
    print(
        f"\n{CLIENTS} clients, {MESSAGES} messages in {wrote:.0f} s ({MESSAGES / wrote:.0f}/s), "
        f"{sum(c.cuts for c in clients)} cuts, {sum(c.hints for c in clients)} hints heard, "
        f"{sum(c.asked for c in clients)} times asked, the same everywhere {healed:.0f} s after the last"
    )
    assert sum(c.cuts for c in clients) > CLIENTS
    assert fragile.process.poll() is None


def test_two_processes_serve_one_chat(lasting_cast):
    """What is written at one web process is heard at the other, and read there whole."""
    cast = lasting_cast
    people = [cast.anna, cast.irina]
    room = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби").room
    held = [cookie(user) for user in people]

    def say(site, n):
        body = urlencode({"text": f"Строка {n}"}).encode()
        asked = Request(f"{site}/chats/{room.pk}/", headers={"Cookie": f"sessionid={held[n % 2]}"})
        with urlopen(asked, timeout=60) as page:
            token = re.search(r'name="csrf-token" content="([^"]+)"', page.read().decode())[1]
            cookies = (
                f"sessionid={held[n % 2]}; csrftoken=" + re.search(r"csrftoken=(\w+)", page.headers["Set-Cookie"])[1]
            )
        headers = {"Cookie": cookies, "X-CSRFToken": token, "HX-Request": "true"}
        with urlopen(Request(f"{site}/chats/{room.pk}/messages/", body, headers), timeout=60) as answer:
            assert answer.status == 204

    async def run(sites):
        clients = [Client(sites[n % 2], room.pk, held[n % 2], Random(n)) for n in range(20)]
        over, gate = asyncio.Event(), asyncio.Semaphore(8)
        listening = [asyncio.create_task(client.listen(over)) for client in clients]
        following = [asyncio.create_task(client.follow(gate)) for client in clients]
        await asyncio.sleep(1)
        for n in range(60):
            await asyncio.to_thread(say, sites[n % 2], n)
        over.set()
        for task in following:
            task.cancel()
        await asyncio.gather(*listening)
        await asyncio.gather(*(client.fill(gate) for client in clients))
        return clients

    with serving() as one, serving() as two:
        clients = asyncio.run(run([one, two]))
    connection.close()
    assert all(client.shown == list(range(1, 62)) for client in clients)
    assert all(client.hints for client in clients)


def test_a_crowd_that_never_reads_slows_nobody_down(site, lasting_cast):
    """Fifty sockets that take nothing in (B19): the others hear as before, the server stays as large as it was."""
    cast = lasting_cast
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    room, held = deal.room, cookie(cast.irina)

    async def run():
        deaf = [await open_line(site, f"/ws/cards/{deal.pk}/", held) for _n in range(50)]
        for one in deaf:
            one.transport.pause_reading()
        async with open_line(site, f"/ws/cards/{deal.pk}/", held) as line:
            for n in range(300):
                await database_sync_to_async(post)(room, f"Строка {n}", cast.anna)
            heard = 0
            while heard < 301:
                heard = max(heard, json.loads(await asyncio.wait_for(line.recv(), 30)).get("seq", 0))
        for one in deaf:
            one.transport.abort()
        return heard

    assert asyncio.run(run()) == 301


def test_two_thousand_sockets_on_one_process(site, lasting_cast):
    """A hundred people look at a hundred chats, twenty at each; every push asks anew who may hear it."""
    cast = lasting_cast
    rooms = [open_card(Project, by=cast.anna, owner=cast.anna, title=f"Сделка {n}").room for n in range(CHATS)]
    people = [person(f"p{n}", f"Коллега {n}", "executive") for n in range(100)]
    held = [cookie(one) for one in people]

    async def run():
        begun = time.monotonic()
        gate = asyncio.Semaphore(50)

        async def join(n):
            async with gate:
                return await open_line(site, f"/ws/cards/{rooms[n % CHATS].card_id}/", held[n // 20])

        lines = await asyncio.gather(*(join(n) for n in range(SOCKETS)))
        joined = time.monotonic() - begun
        sent = {}

        async def say(room):
            sent[room.pk] = time.monotonic()
            await database_sync_to_async(post)(room, "Слышно?", cast.anna)

        async def hear(line):
            frame = json.loads(await asyncio.wait_for(line.recv(), 60))
            return time.monotonic() - sent[frame["room"]]

        hearing = [asyncio.create_task(hear(line)) for line in lines]
        for room in rooms:
            await say(room)
        waits = sorted(await asyncio.gather(*hearing))
        for line in lines:
            line.transport.abort()
        return joined, waits

    joined, waits = asyncio.run(run())
    half, most = waits[len(waits) // 2], waits[int(len(waits) * 0.95)]
    print(
        f"\n{SOCKETS} sockets in {CHATS} chats: open in {joined:.1f} s, heard by all, p50 {half:.2f} s, p95 {most:.2f} s"
    )
    assert len(waits) == SOCKETS

"""What one socket breaks stops nothing that all sockets of the process need."""

import asyncio

import pytest

from crm import sockets


class Page:
    """An open socket, or one that is gone already and says so."""

    code = 4401

    def __init__(self, gone=False):
        self.gone, self.told = gone, []

    async def close(self, code):
        await self.send_json(code)

    async def send_json(self, content):
        if self.gone:
            raise RuntimeError("Unexpected ASGI message, after sending 'websocket.close'.")
        self.told.append(content)


@pytest.fixture
def held(monkeypatch):
    """One page that is gone, one that is open."""
    pages = {Page(gone=True), Page()}
    monkeypatch.setattr(sockets, "EVERY", 0.01)
    monkeypatch.setattr(sockets, "SPREAD", 0.01)
    monkeypatch.setattr(sockets, "_held", pages)
    monkeypatch.setattr(sockets, "_asked", [])
    monkeypatch.setattr(sockets, "_answering", None)
    return list(pages)


def told(pages):
    return [page.told for page in pages if not page.gone]


def test_who_no_longer_asks_leaves_nobody_waiting(held, monkeypatch):
    def away(held):
        raise ConnectionError

    async def asked():
        one, two = (asyncio.create_task(sockets.may_stay(page)) for page in held)
        await asyncio.sleep(0)
        one.cancel()
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(two, 5)

    monkeypatch.setattr(sockets, "_ended", away)
    asyncio.run(asked())


def test_a_page_that_is_gone_does_not_end_the_looking(held, monkeypatch):
    monkeypatch.setattr(sockets, "_ended", list)
    asyncio.run(asyncio.wait_for(sockets._look(), 5))
    assert told(held) == [[4401]]


def test_all_pages_hear_that_the_line_is_back(held):
    asyncio.run(sockets._back(held))
    assert told(held) == [[{"type": "back"}]]

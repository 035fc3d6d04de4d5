"""Live hints over WebSocket: who is connected hears that something changed, and asks for it through the ordinary doors."""

import asyncio
import logging
import threading
from functools import cache

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from django.contrib.auth import get_user_model
from django.db import transaction

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


def hint(people, message, *, also=()):
    """After commit, tell these people's open pages (ids) that something changed; at most once, never content."""
    groups = [*(f"user.{pk}" for pk in dict.fromkeys(people)), *also]
    if groups:
        transaction.on_commit(lambda: asyncio.run_coroutine_threadsafe(_send(groups, message), _speaker()), robust=True)


def hint_card(card, people, **more):
    """After commit, tell these people's boards, and the card's own page, that this card changed."""
    message = {"type": "card", "id": card.pk, "pipeline": card.pipeline, "version": card.version, **more}
    hint(people, message, also=[f"card.{card.pk}"])


class PersonalSocket(AsyncJsonWebsocketConsumer):
    """A signed-in person's one socket: hears hints meant for that person, closes when access ends (B20)."""

    async def connect(self):
        user = self.scope["user"]
        if not user.is_authenticated or not await self.still_valid(user):
            await self.close(4401)
            return
        self.group = f"user.{user.pk}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        self.checking = asyncio.create_task(self.keep_checking())

    async def keep_checking(self):
        while True:
            await asyncio.sleep(20)
            if not await self.still_valid(self.scope["user"]):
                await self.close(4401)
                return

    @sync_to_async
    def still_valid(self, user):
        # A socket outlives the session it came with: ask the row, not the cached user.
        return get_user_model().objects.filter(pk=user.pk, is_active=True, epoch=user.epoch).exists()

    async def hint(self, event):
        if event["message"].get("type") == "access" and not await self.still_valid(self.scope["user"]):
            await self.close(4401)
            return
        await self.send_json(event["message"])

    async def receive_json(self, content, **kwargs):
        """Nothing is said over the socket: writing goes over HTTP."""

    async def disconnect(self, code):
        if hasattr(self, "group"):
            self.checking.cancel()
            await self.channel_layer.group_discard(self.group, self.channel_name)


class DoorSocket(AsyncJsonWebsocketConsumer):
    """A socket about one record: opens only for those who see it, and asks again at every push."""

    async def connect(self):
        self.pk = int(self.scope["url_route"]["kwargs"]["pk"])
        if not await self.allowed():
            await self.close(4404)
            return
        self.group = self.group_name()
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    def visible(self, user):
        """The queryset of records this person may see."""
        raise NotImplementedError

    def group_name(self):
        raise NotImplementedError

    @sync_to_async
    def allowed(self):
        held = self.scope["user"]
        if not held.is_authenticated:
            return False
        # A socket outlives cached permissions: a freshly loaded user is asked each time.
        user = get_user_model().objects.filter(pk=held.pk, is_active=True, epoch=held.epoch).first()
        return user is not None and self.visible(user).filter(pk=self.pk).exists()

    async def hint(self, event):
        if not await self.allowed():
            await self.close(4404)
            return
        await self.send_json(event["message"])

    async def receive_json(self, content, **kwargs):
        """Nothing is said over the socket: writing goes over HTTP."""

    async def disconnect(self, code):
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)

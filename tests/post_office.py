"""A real mail server on loopback that keeps what it takes in."""

import asyncio
import socket
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


class PostOfficeBox:
    """The letters taken in, as (recipients, message)."""

    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):
        self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 taken"


def opened(box):
    """A running server for the box; its ``port`` is free on loopback. Stop it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    return controller


class Moody(PostOfficeBox):
    """A server that answers each delivery of a letter by the next of its moods, and takes it when it has none left.

    A mood is an SMTP answer («451 busy»), "hang" (never answers) or "break" (the line is cut in the middle).
    """

    def __init__(self, moods):
        super().__init__()
        self.moods = list(moods)
        self.seen = 0

    async def handle_DATA(self, server, session, envelope):
        self.seen += 1
        mood = self.moods.pop(0) if self.moods else ""
        if mood == "hang":
            await asyncio.sleep(60)
        if mood == "break":
            server.transport.abort()
            return "421 gone"
        return mood or await super().handle_DATA(server, session, envelope)


class LastWord(Moody):
    """Takes the letter, and then cuts the line before it can say so: what every sender has to send again."""

    async def handle_DATA(self, server, session, envelope):
        if self.moods and self.moods[0] == "break":
            await PostOfficeBox.handle_DATA(self, server, session, envelope)
        return await super().handle_DATA(server, session, envelope)

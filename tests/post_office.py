"""A real mail server on loopback that keeps what it takes in."""

import asyncio
import socket
from collections import Counter
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class PostOfficeBox:
    """The letters taken in, as (recipients, message)."""

    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):
        self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 taken"


def opened(box, kind=Controller):
    """A running server for the box; its ``port`` is free on loopback. Stop it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = kind(box, hostname="127.0.0.1", port=port)
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


class Storm(PostOfficeBox):
    """A server in which every delivery may go wrong at any step: ``mood(step)`` is "", an answer, "hang" or "break".

    The steps are connect, ehlo, mail, rcpt, data, and end, when the letter is taken and the answer is still to come.
    ``unheard`` counts letters whose sender could not know that they arrived.
    """

    def __init__(self, mood):
        super().__init__()
        self.mood, self.unheard, self.met = mood, 0, Counter()

    async def meet(self, server, step):
        mood = self.mood(step)
        if mood:
            self.met[step, mood] += 1
        if mood == "hang":
            await asyncio.sleep(60)
        if mood == "break":
            server.transport.abort()
            return "421 gone"
        return mood

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [mood] if (mood := await self.meet(server, "ehlo")) else responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        mood = await self.meet(server, "mail")
        envelope.mail_from = address
        return mood or "250 go on"

    async def handle_RCPT(self, server, session, envelope, address, options):
        mood = "550 no such person" if address.startswith("wrong") else await self.meet(server, "rcpt")
        self.met["refused"] += address.startswith("wrong")
        if not mood:
            envelope.rcpt_tos.append(address)
        return mood or "250 go on"

    async def handle_DATA(self, server, session, envelope):
        if mood := await self.meet(server, "data"):
            return mood
        taken = await super().handle_DATA(server, session, envelope)
        mood = self.mood("end")
        if mood:
            self.unheard += 1
            self.met["end", mood] += 1
            server.transport.abort()
        return taken


class Doorstep(SMTP):
    """One line to a stormy server, which may be cut or kept silent before a word is said."""

    async def _handle_client(self):
        if not await self.event_handler.meet(self, "connect"):
            await super()._handle_client()


class Stormy(Controller):
    def factory(self):
        return Doorstep(self.handler)

"""Messages by the company's Telegram bot to people who connected their chat by a one-time code (R-514)."""

import logging
import secrets
from datetime import timedelta

import requests
from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crm.people.models import User, shut_out

from . import outbox
from .bundles import channel, place, still_to_tell, summary
from .models import TelegramLink
from .wishes import Channel

log = logging.getLogger("crm.telegram")
CODE_LIVES = timedelta(minutes=15)
TIMEOUT = (5, 10)


def is_there() -> bool:
    """Whether this installation has a bot."""
    return bool(settings.TELEGRAM_TOKEN)


def call(method, **params):
    """Ask the bot's API; returns (status, answer). Raises ConnectionError, without the address and its token in it."""
    address = f"{settings.TELEGRAM_API}/bot{settings.TELEGRAM_TOKEN}/{method}"
    try:
        answer = requests.post(address, json=params, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        raise ConnectionError(type(error).__name__) from None
    try:
        return answer.status_code, answer.json()
    except ValueError:
        return answer.status_code, {}


def new_code(user):
    """Give this person a code that connects one chat, once, within a quarter of an hour; a chat they had goes on till then."""
    code = secrets.token_urlsafe(16)
    TelegramLink.objects.update_or_create(user=user, defaults={"code": code, "code_at": timezone.now()})
    return code


@receiver(shut_out)
def forget_chat(sender, user, **rest):
    """The chat of whoever is shut out is told nothing more (R-501)."""
    TelegramLink.objects.filter(user=user).delete()


def listen(now=None):
    """Take in «/start <code>» while somebody waits to be connected, and only then; returns how many were."""
    alive = (now or timezone.now()) - CODE_LIVES
    if not is_there() or not TelegramLink.objects.filter(code_at__gt=alive).exclude(code="").exists():
        return 0
    try:
        return _take_in(alive)
    except ConnectionError as error:  # asked again in a moment
        log.warning("Telegram does not answer: %s", error)
        return 0


def _take_in(alive):
    connected, offset = 0, None
    while True:
        status, answer = call(
            "getUpdates", timeout=0, allowed_updates=["message"], **({"offset": offset} if offset else {})
        )
        updates = answer.get("result", []) if status == 200 else []
        for update in updates:
            connected += _hear(update.get("message") or {}, alive)
        if not updates:
            return connected
        # Asking for what follows tells the bot's server that these were taken.
        offset = updates[-1]["update_id"] + 1


@transaction.atomic
def _hear(message, alive):
    word, _space, code = (message.get("text") or "").partition(" ")
    chat = message.get("chat") or {}
    if word != "/start" or not code.strip() or chat.get("type") != "private":
        return False
    link = TelegramLink.objects.select_for_update().filter(code=code.strip(), code_at__gt=alive).first()
    user = User.objects.active().filter(pk=link.user_id).first() if link else None
    if user is None:
        return False
    TelegramLink.objects.filter(chat=chat["id"]).exclude(pk=link.pk).update(chat=None)
    link.chat, link.code, link.code_at = chat["id"], "", None
    link.save()
    outbox.put("telegram-hello", f"telegram-hello:{user.pk}:{message['message_id']}", {"user": user.pk})
    return True


@outbox.courier("telegram-hello", outside=True, label=lazy("Message by Telegram"))
def greet(payload, key):
    """Say that the chat is connected."""
    user = User.objects.active().filter(pk=payload["user"]).first()
    if user is not None:
        with translation.override(user.language):
            _send(user, _("Connected. Notices of the CRM will come here; what comes and when is set in your profile."))


@channel(Channel.TELEGRAM)
def queue(user, ids, key):
    if is_there() and TelegramLink.objects.filter(user=user, chat__isnull=False).exists():
        outbox.put("telegram", key, {"user": user.pk, "notices": ids})


@outbox.courier("telegram", outside=True, label=lazy("Message by Telegram"))
def deliver(payload, key):
    """Send one message with the notices and the place they lead to."""
    user, rows = still_to_tell(payload, Channel.TELEGRAM)
    if rows and is_there():
        with translation.override(user.language):
            _send(user, f"{summary(rows)[:3000]}\n{place(rows, user)}")


def _send(user, text):
    link = TelegramLink.objects.filter(user=user, chat__isnull=False).first()
    if link is None:
        return
    status, answer = call("sendMessage", chat_id=link.chat, text=text, link_preview_options={"is_disabled": True})
    if status == 403:  # the person stopped the bot
        TelegramLink.objects.filter(pk=link.pk, chat=link.chat).update(chat=None)
    elif status == 429:
        wait = (answer.get("parameters") or {}).get("retry_after", 30)
        raise outbox.Later(timezone.now() + timedelta(seconds=int(wait)))
    elif status == 400:
        raise outbox.Undeliverable("Telegram 400")
    elif status != 200:
        raise requests.HTTPError

"""Telegram: connected by a one-time code, asked only while somebody waits, ended by either side (R-514)."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from crm.notifications import outbox
from crm.notifications.models import Outbox, TelegramLink
from crm.notifications.notices import notify
from crm.notifications.telegram import listen
from tests.doors.world import signed_in

from .services import Bot, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def bot(settings):
    bot = Bot("42:secret")
    with serving(bot) as address:
        settings.TELEGRAM_API, settings.TELEGRAM_TOKEN, settings.TELEGRAM_BOT = address, bot.token, "snag_bot"
        yield bot


def code_of(user):
    text = signed_in(user).post("/notices/telegram/codes/").content.decode()
    return re.search(r'value="/start ([\w-]+)"', text)[1]


def connect(user, bot, chat):
    bot.hear(chat, f"/start {code_of(user)}")
    assert listen() == 1
    drained(0)


def drained(minutes=3):
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        while outbox.drain():
            pass


def ask(cast, deal, text="Что нового?"):
    notify([cast.anna.pk], deal, "question", by=cast.irina, wait=False, text=text)


def test_connected_by_a_code_and_told(cast, deal, bot):
    connect(cast.anna, bot, 555)
    assert bot.sent[0][0] == 555 and "Подключено" in bot.sent[0][1]
    assert "Чат подключён" in signed_in(cast.anna).get("/notices/devices/").content.decode()
    ask(cast, deal)
    drained()
    chat, text = bot.sent[1]
    assert chat == 555 and "Что нового?" in text and text.endswith(deal.get_absolute_url())


def test_nobody_is_asked_while_nobody_waits(cast, bot):
    assert listen() == 0 and bot.asked == 0
    connect(cast.anna, bot, 555)
    asked = bot.asked
    assert listen() == 0 and bot.asked == asked


def test_a_code_is_good_once_and_for_a_quarter_of_an_hour(cast, bot):
    code = code_of(cast.anna)
    bot.hear(1, "/start wrong")
    bot.hear(2, f"/start {code}", kind="group")
    bot.hear(3, f"/start {code}")
    bot.hear(4, f"/start {code}")
    assert listen() == 1 and TelegramLink.objects.get().chat == 3 and not bot.updates
    late = code_of(cast.anna)
    bot.hear(5, f"/start {late}")
    assert listen(timezone.now() + timedelta(minutes=16)) == 0 and TelegramLink.objects.get().chat == 3


def test_one_chat_is_one_person_s(cast, bot):
    connect(cast.anna, bot, 555)
    connect(cast.pavel, bot, 555)
    assert TelegramLink.objects.get(chat=555).user == cast.pavel


def test_disconnecting(cast, deal, bot):
    connect(cast.anna, bot, 555)
    signed_in(cast.anna).post("/notices/telegram/removals/")
    ask(cast, deal)
    drained()
    assert len(bot.sent) == 1


def test_who_stopped_the_bot_is_not_written_to(cast, deal, bot):
    connect(cast.anna, bot, 555)
    bot.status = 403
    ask(cast, deal)
    drained()
    assert TelegramLink.objects.get().chat is None and not outbox.dead().exists()


def test_a_busy_bot_says_when_to_come_again(cast, deal, bot):
    connect(cast.anna, bot, 555)
    bot.status = 429
    ask(cast, deal)
    with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=False):
        outbox.drain()
        row = Outbox.objects.get(kind="telegram")
        assert row.tries == 0 and row.run_after == timezone.now() + timedelta(seconds=7)


def test_the_token_is_in_no_error(cast, deal, bot, settings, caplog):
    connect(cast.anna, bot, 555)
    settings.TELEGRAM_API = "http://127.0.0.1:1"
    ask(cast, deal)
    drained()
    row = Outbox.objects.get(kind="telegram")
    code_of(cast.pavel)
    assert listen() == 0, "it is asked again in a moment"
    assert row.last_error and "does not answer" in caplog.text and "secret" not in row.last_error + caplog.text


def test_who_left_is_not_connected(cast, bot):
    code = code_of(cast.anna)
    cast.anna.is_active = False
    cast.anna.save()
    bot.hear(1, f"/start {code}")
    assert listen() == 0 and TelegramLink.objects.get().chat is None


def test_without_a_token_there_is_no_telegram(cast, settings):
    settings.TELEGRAM_TOKEN = ""
    anna = signed_in(cast.anna)
    assert "Telegram" not in anna.get("/notices/wishes/").content.decode()
    assert "Telegram" not in anna.get("/notices/devices/").content.decode()
    assert anna.post("/notices/telegram/codes/").status_code == 404

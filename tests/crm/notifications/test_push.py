"""Messages to browsers: sealed for the device, forgotten when it is gone, sent nowhere else (R-514, B28)."""

import stat
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from crm.calls import verbs as calls
from crm.cards.verbs import hand_over
from crm.launcher.services import var_dir
from crm.notifications import outbox
from crm.notifications.models import Outbox, Preferences, PushDevice
from crm.notifications.notices import notify
from crm.notifications.push import is_service, public_key
from crm.notifications.wishes import settle
from tests.doors.world import signed_in

from .services import Browser, PushService, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(settings):
    service = PushService()
    with serving(service) as address:
        settings.PUSH_SERVICES = [address]
        service.address = address
        yield service


def drained(minutes=3):
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        while outbox.drain():
            pass


def connect(user, service, name="one"):
    browser = Browser()
    answer = signed_in(user).post("/notices/devices/new/", browser.subscription(f"{service.address}/{name}"))
    assert answer.status_code == 200
    return browser


def test_the_message_is_sealed_for_the_browser(cast, deal, service):
    browser = connect(cast.anna, service)
    for text in ("Первый", "Второй"):
        notify([cast.anna.pk], deal, "question", by=cast.irina, wait=False, text=text)
    drained()
    ((path, headers, body),) = service.taken
    assert path == "/one" and headers["Content-Encoding"] == "aes128gcm" and "Первый".encode() not in body
    told = browser.open(body)
    assert told["body"].startswith("2 новых: Руководитель спрашивает") and told["url"].endswith(deal.get_absolute_url())
    assert service.claims()["aud"] == "http://127.0.0.1" and public_key() in headers["Authorization"]


def test_both_devices_and_each_on_its_own(cast, deal, service):
    connect(cast.anna, service, "one")
    connect(cast.anna, service, "two")
    notify([cast.anna.pk], deal, "question", by=cast.irina, wait=False, text="Вопрос")
    drained()
    assert sorted(path for path, _headers, _body in service.taken) == ["/one", "/two"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(cast, deal, service, status):
    connect(cast.anna, service)
    service.status = status
    notify([cast.anna.pk], deal, "question", by=cast.irina, wait=False, text="Вопрос")
    drained()
    assert not PushDevice.objects.exists() and not outbox.dead().exists()
    assert not Outbox.objects.filter(kind="push", done_at=None).exists()


@pytest.mark.parametrize("status, dead", [(500, False), (429, False), (403, True), (413, True), (302, False)])
def test_other_answers(cast, deal, service, status, dead):
    connect(cast.anna, service)
    service.status = status
    notify([cast.anna.pk], deal, "question", by=cast.irina, wait=False, text="Вопрос")
    drained()
    row = Outbox.objects.get(kind="push")
    assert bool(row.dead_at) is dead and row.done_at is None and PushDevice.objects.exists()
    assert len(service.taken) == 1, "no redirect is followed"
    service.status = 201
    drained(600)
    assert dead or service.taken[0][1]["Topic"] == service.taken[-1][1]["Topic"]


def test_not_of_a_card_that_is_seen_no_more(cast, deal, service):
    connect(cast.anna, service)
    service.status = 500
    notify([cast.anna.pk], deal, "question", by=cast.irina, wait=False, text="Тайное")
    drained()
    hand_over(deal, cast.pavel, cast.irina)
    service.status = 201
    drained(600)
    assert len(service.taken) == 1


def test_a_browser_belongs_to_who_used_it_last(cast, service):
    browser = connect(cast.anna, service)
    signed_in(cast.pavel).post("/notices/devices/new/", browser.subscription(f"{service.address}/one"))
    assert PushDevice.objects.get().user == cast.pavel


def test_disconnecting(cast, service):
    connect(cast.anna, service)
    row = PushDevice.objects.get()
    assert signed_in(cast.pavel).post(f"/notices/devices/{row.pk}/removals/").status_code == 404
    assert signed_in(cast.anna).post(f"/notices/devices/{row.pk}/removals/").status_code == 200
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize(
    "endpoint, known",
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/abc", True),
        ("https://web.push.apple.com/abc", True),
        ("http://fcm.googleapis.com/abc", False),
        ("https://fcm.googleapis.com.evil.example/abc", False),
        ("https://evil.example/.push.apple.com", False),
        ("https://evil.example#.push.apple.com", False),
        ("https://evil.example\\.push.apple.com/", False),
        ("https://169.254.169.254/latest", False),
        ("http://127.0.0.1:5432/", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_push_services_are_ever_asked(cast, endpoint, known):
    answer = signed_in(cast.anna).post("/notices/devices/new/", Browser().subscription(endpoint))
    assert (answer.status_code == 200) is known and PushDevice.objects.exists() is known
    assert is_service(endpoint) is known or "\\" in endpoint


def test_the_keys_are_made_once_and_kept_to_their_owner():
    assert len(public_key()) == 87
    path = var_dir() / "push.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and public_key() in path.read_text()


def test_the_worker_stands_at_the_root():
    answer = Client().get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript") and b"showNotification" in answer.content
    assert answer["Cache-Control"] == "no-store" and "default-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "endpoint",
    [
        r"https://127.0.0.1:8443\@a.push.apple.com/x",
        "https://a.push.apple.com@127.0.0.1/x",
        "https://127.0.0.1/.push.apple.com",
        "https://a.push.apple.com:8443/x",
    ],
)
def test_no_address_leads_elsewhere_than_to_a_push_service(endpoint):
    assert not is_service(endpoint)
    assert is_service("https://a.push.apple.com/x")


def test_a_call_rings_in_the_browser_only_while_it_rings(cast, deal, service, settings):
    """R-121: it tells who calls and about which client's request, and comes too late for nobody."""
    browser = connect(cast.irina, service)
    connect(cast.pavel, service, "stranger")
    call = calls.start(deal, cast.anna, "video", uuid4())
    outbox.drain()
    ((path, headers, body),) = service.taken
    told = browser.open(body)
    assert path == "/one" and headers["TTL"] == str(settings.CALL_RING_SECONDS)
    assert told["title"] == "Анна Лебедева звонит" and told["body"].startswith(deal.title) and told["stays"]
    assert told["url"].endswith(deal.get_absolute_url())
    calls.leave(call, cast.anna)
    calls.decline(calls.start(deal, cast.anna, "audio", uuid4()), cast.irina)
    outbox.drain()
    assert len(service.taken) == 1


def test_a_call_is_quiet_where_it_is_not_wanted(cast, deal, service):
    connect(cast.irina, service)
    settle(Preferences(user=cast.irina, channels={"chats": ["app"]}))
    calls.start(deal, cast.anna, "video", uuid4())
    outbox.drain()
    assert not service.taken

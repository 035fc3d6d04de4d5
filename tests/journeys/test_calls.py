"""Colleagues call each other from a card: sound and picture flow, a third comes, one leaves, declines, misses (R-120, R-121)."""

import re
import time

import pytest
from playwright.sync_api import expect

from crm.calls.models import Call, Participant
from crm.cards.models import Event
from crm.cards.verbs import share, unshare
from crm.pipelines.moves import open_card
from deals.models import Project

from .window import Window

pytestmark = pytest.mark.e2e

# Every connection that the page opens, so that a test may ask what went through it.
WATCH = """
window.lines = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...how) { super(...how); window.lines.push(this); }
};
"""
# What came in so far, of the connections that are open.
FLOW = """async () => {
  const sums = { bytes: 0, frames: 0, samples: 0, energy: 0, open: 0 };
  for (const line of window.lines.filter((one) => one.connectionState === "connected")) {
    sums.open += 1;
    for (const one of (await line.getStats()).values()) {
      if (one.type !== "inbound-rtp") continue;
      sums.bytes += one.bytesReceived ?? 0;
      sums.frames += one.framesDecoded ?? 0;
      sums.samples += one.totalSamplesReceived ?? 0;
      sums.energy += one.totalAudioEnergy ?? 0;
    }
  }
  return sums;
}"""


@pytest.fixture
def browser_arguments():
    return [
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection",
        "--disable-features=WebRtcHideLocalIpsWithMdns", "--autoplay-policy=no-user-gesture-required",
    ]  # fmt: skip


class Talker(Window):
    """A window that may be in a call."""

    def __init__(self, page, address):
        super().__init__(page, address)
        page.add_init_script(WATCH)
        self.ringing = page.locator(".ringing")
        self.dock = page.locator("#call")
        self.others = self.dock.locator(".tile:not(.tile--own)")

    def call(self, kind):
        self.page.locator(f"[data-call-start][data-kind={kind}]:visible").first.click()
        expect(self.dock).to_be_visible()

    def answer(self):
        self.ringing.locator("[data-call-join]").click()
        expect(self.dock).to_be_visible()

    def tool(self, name):
        self.dock.locator(f"[data-call-tool={name}]").click()

    def leave(self):
        self.dock.locator("[data-call-leave]").click()
        expect(self.dock).to_have_count(0)

    def flow(self):
        return self.page.evaluate(FLOW)

    def hears_and_sees(self, lines, picture=True):
        """Sound, and picture, come in over so many connections, and go on coming."""
        self.page.wait_for_function(
            "n => window.lines.filter((l) => l.connectionState === 'connected').length === n", arg=lines
        )
        for _try in range(40):
            before = self.flow()
            self.page.wait_for_timeout(500)
            after = self.flow()
            more = {name: after[name] - before[name] for name in after}
            if more["bytes"] > 0 and more["samples"] > 0 and more["energy"] > 0 and (more["frames"] > 0 or not picture):
                return
        raise AssertionError((before, after))


def ended():
    """The only call, once it is over."""
    for _try in range(50):
        call = Call.objects.get()
        if call.ended_at:
            return call
        time.sleep(0.1)
    raise AssertionError("the call goes on")


@pytest.fixture
def deal(lasting_cast):
    deal = open_card(Project, by=lasting_cast.anna, owner=lasting_cast.anna, title="Лобби и переговорные")
    share(deal, lasting_cast.pavel, lasting_cast.anna, work=True)
    return deal


def test_a_call_of_three(lasting_cast, deal, enter, address, settings):
    cast = lasting_cast
    anna, irina, pavel = (Talker(enter(one), address) for one in (cast.anna, cast.irina, cast.pavel))
    anna.go(f"/deals/{deal.pk}/")
    irina.go("/chats/")
    second = Talker(irina.page.context.new_page(), address)
    second.go("/notices/")
    pavel.go("/activities/")
    stranger = Talker(enter(cast.natalia), address)
    stranger.go("/clients/")

    # It rings on every page of everybody who sees the card, and says what it is about.
    anna.call("video")
    for window in (irina, second, pavel):
        expect(window.ringing).to_contain_text("Анна Лебедева")
        expect(window.ringing).to_contain_text("Лобби и переговорные")
        assert window.ringing.locator("a").get_attribute("href") == f"/deals/{deal.pk}/"
    pavel.page.emulate_media(color_scheme="dark")
    pavel.shot("ringing")
    expect(stranger.ringing).to_have_count(0)
    # A page opened while it rings, rings.
    pavel.go("/chats/")
    expect(pavel.ringing).to_have_count(1)

    # One answers: her other page falls silent; sound and picture flow both ways.
    irina.answer()
    expect(second.ringing).to_have_count(0)
    anna.hears_and_sees(1)
    irina.hears_and_sees(1)
    expect(anna.others).to_have_class(re.compile("has-picture"))
    anna.page.emulate_media(color_scheme="dark")
    anna.shot("call-two")
    anna.page.emulate_media(color_scheme="light")

    # A third comes.
    pavel.answer()
    for window in (anna, irina, pavel):
        window.hears_and_sees(2)
        expect(window.others).to_have_count(2)
    anna.shot("call-three")

    # A screen is shown in the place of the camera, and taken away again.
    irina.tool("screen")
    expect(irina.dock.locator("[data-call-tool=screen]")).to_have_attribute("aria-pressed", "true")
    expect(anna.dock.locator(".tile.has-screen")).to_have_count(1)
    anna.hears_and_sees(2)
    anna.dock.locator("[data-call-size=large]").click()
    anna.shot("call-screen")
    anna.dock.locator("[data-call-size=large]").click()
    irina.tool("screen")
    expect(anna.dock.locator(".tile.has-screen")).to_have_count(0)

    # A microphone that is off is seen to be off.
    pavel.tool("mic")
    expect(anna.dock.locator(".tile__mute:visible")).to_have_count(1)

    # Another page of the same tab goes on with the call.
    irina.go("/boards/project/")
    expect(irina.dock).to_be_visible()
    irina.hears_and_sees(2)
    anna.hears_and_sees(2)

    # One leaves; access taken back puts the other out.
    irina.leave()
    expect(anna.others).to_have_count(1)
    unshare(deal, cast.pavel, cast.anna)
    expect(pavel.dock).to_have_count(0, timeout=5_000)
    expect(anna.others).to_have_count(0)
    anna.leave()
    call = ended()
    assert set(call.participants.values_list("state", flat=True)) == {"left", "missed"}
    expect(anna.page.locator("#chat .feed-item", has_text="Видеозвонок: Анна Лебедева")).to_contain_text("Ирина")
    event = Event.objects.get(kind="call")
    assert len(event.data["people"]) == 3 and event.data["seconds"] > 0


def test_declined_and_missed(lasting_cast, deal, enter, address, monkeypatch):
    cast = lasting_cast
    anna, irina, pavel = (Talker(enter(one), address) for one in (cast.anna, cast.irina, cast.pavel))
    anna.go(f"/chats/{deal.room.pk}/")
    anna.call("audio")
    expect(anna.dock).to_contain_text("звоним")
    irina.ringing.locator("[data-call-decline]").click()
    expect(irina.ringing).to_have_count(0)
    expect(anna.dock.locator("li", has_text="Ирина")).to_contain_text("вызов отклонён")
    expect(pavel.ringing).to_have_count(1)
    anna.shot("call-waits")
    # The clock goes on: nobody else has answered in time.
    Participant.objects.filter(state="ringing").update(at="2026-01-01T00:00Z")
    expect(pavel.ringing).to_have_count(0)
    expect(anna.dock.locator("li", has_text="Павел")).to_contain_text("нет ответа")
    pavel.go("/notices/")
    pavel.page.get_by_text("Пропущен звонок: Анна Лебедева, «Лобби и переговорные»").click()
    expect(pavel.title).to_contain_text("Лобби")
    # He sees that she is still there, and comes; an audio call has no picture.
    expect(pavel.page.locator(".callbuttons.is-going").first).to_be_visible()
    pavel.call("audio")
    pavel.hears_and_sees(1, picture=False)
    anna.hears_and_sees(1, picture=False)
    anna.shot("call-audio")
    # A lost tab is missed by the others after some seconds.
    pavel.page.close()
    expect(anna.others).to_have_count(0, timeout=30_000)
    anna.leave()


def test_a_call_on_a_phone_and_by_keys(lasting_cast, deal, enter, address):
    cast = lasting_cast
    anna, irina = Talker(enter(cast.anna), address), Talker(enter(cast.irina, 360, 780), address)
    irina.go("/chats/")
    anna.go(f"/deals/{deal.pk}/")
    anna.call("video")
    irina.ringing.locator("[data-call-join]").focus()
    irina.page.keyboard.press("Enter")
    expect(irina.dock).to_be_visible()
    irina.hears_and_sees(1)
    assert irina.page.evaluate("document.documentElement.scrollWidth") == 360
    # Devices can be chosen, by keys too.
    irina.dock.locator("[popovertarget=call-devices]").focus()
    irina.page.keyboard.press("Enter")
    choice = irina.page.locator("[data-device=audioinput]")
    expect(choice).to_be_visible()
    expect(choice.locator("option").nth(1)).to_be_attached()
    choice.select_option(index=1)
    irina.page.keyboard.press("Escape")
    irina.hears_and_sees(1)
    anna.hears_and_sees(1)
    irina.shot("call-phone")
    irina.page.set_viewport_size({"width": 360, "height": 780})
    irina.dock.locator("[data-call-size=small]").click()
    expect(irina.dock.locator("[data-tiles]")).to_be_hidden()
    irina.shot("call-folded")
    irina.page.set_viewport_size({"width": 360, "height": 780})
    irina.dock.locator("[data-call-size=small]").click()
    irina.leave()

"""A call through a real TURN server, set up as docs/production.md says: pages that find no other way hear each other (R-510)."""

import re
import shutil
import subprocess
import time

import pytest

from crm.calls.ice import servers
from crm.launcher.services import ROOT
from crm.pipelines.moves import open_card
from deals.models import Project
from tests.journeys.conftest import chromium, enter  # noqa: F401
from tests.journeys.test_calls import Talker, browser_arguments  # noqa: F401
from tests.server import free_port, serving

pytestmark = pytest.mark.heavy
SECRET = "a-secret-of-this-test"
# The page may use the relay alone, as between two networks that let nothing through.
RELAY_ONLY = """
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(how) { super({ ...how, iceTransportPolicy: "relay" }); }
};
"""
WAYS = """async () => {
  const ways = [];
  for (const line of window.lines) {
    const stats = await line.getStats();
    for (const pair of stats.values()) {
      if (pair.type === "candidate-pair" && pair.nominated && pair.bytesSent > 0)
        ways.push(stats.get(pair.localCandidateId).candidateType, stats.get(pair.remoteCandidateId).candidateType);
    }
  }
  return ways;
}"""


def configured(port):
    """The lines of docs/production.md, but for what only a machine in the internet has."""
    text = (ROOT / "docs" / "production.md").read_text()
    lines = re.search(r"turnserver\.conf`:\n\n```\n(.*?)```", text, re.DOTALL)[1].splitlines()
    mine = {"static-auth-secret": SECRET, "listening-port": str(port), "min-port": "50000", "max-port": "50200"}
    left_out = ("cert", "pkey", "tls-listening-port", "denied-peer-ip")
    for line in lines:
        name = line.partition("=")[0]
        if name not in left_out:
            yield f"{name}={mine[name]}" if name in mine else line
    yield from ("listening-ip=127.0.0.1", "relay-ip=127.0.0.1", "allow-loopback-peers", "cli-password=none", "no-tls")


@pytest.fixture
def turn(tmp_path):
    """The port of a coturn that runs until the test's end."""
    program = shutil.which("turnserver")
    assert program, "this test needs coturn: apt-get install coturn"
    port, conf = free_port(), tmp_path / "turnserver.conf"
    conf.write_text("\n".join(configured(port)))
    asked = [program, "-c", conf, "--pidfile", tmp_path / "pid", "--userdb", tmp_path / "db", "--log-file", "stdout"]
    with open(tmp_path / "turn.log", "w") as log:
        server = subprocess.Popen(asked, stdout=log, stderr=log)
    time.sleep(1)
    assert server.poll() is None, (tmp_path / "turn.log").read_text()
    yield port
    server.terminate()
    server.wait(10)


@pytest.fixture
def address(lasting_cast, turn, monkeypatch):
    monkeypatch.setenv("TURN_URLS", f"turn:127.0.0.1:{turn}?transport=udp")
    monkeypatch.setenv("TURN_SECRET", SECRET)
    with serving() as site:
        yield site


def test_a_call_goes_through_the_relay(lasting_cast, enter, address):  # noqa: F811
    cast = lasting_cast
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    anna, irina = Talker(enter(cast.anna), address), Talker(enter(cast.irina), address)
    for one in (anna, irina):
        one.page.add_init_script(RELAY_ONLY)
        one.go(f"/deals/{deal.pk}/")
    anna.call("video")
    irina.answer()
    for one in (anna, irina):
        one.hears_and_sees(1)
        assert set(one.page.evaluate(WAYS)) == {"relay"}


def test_a_name_that_is_over_gets_nothing(lasting_cast, turn, settings):
    settings.TURN_URLS, settings.TURN_SECRET = ["turn:127.0.0.1"], SECRET

    def allocates(name, password):
        asked = [
            "turnutils_uclient",
            "-y",
            "-n",
            "5",
            "-m",
            "1",
            "-p",
            str(turn),
            "-u",
            name,
            "-w",
            password,
            "127.0.0.1",
        ]
        return "Total lost packets 0 " in subprocess.run(asked, capture_output=True, text=True, timeout=60).stdout

    [given] = servers(lasting_cast.anna)
    assert allocates(given["username"], given["credential"])
    settings.TURN_TTL = -60
    [over] = servers(lasting_cast.anna)
    assert not allocates(over["username"], over["credential"])
    assert not allocates(given["username"], over["credential"])

"""The containers run what `make up` runs: the same flags, a database that is asked the way it is reached."""

import json
import re

import yaml

from crm.launcher.services import ROOT
from crm.launcher.supervisor import processes

# What the one machine and a container rightly differ in.
APART = {"--host", "--port", "--schedule", "--log-level", "--loglevel"}


def flags(argv):
    """{flag: what follows it}."""
    words = [str(word) for word in argv]
    return {
        word: "" if word == words[-1] or after.startswith("-") else after
        for word, after in zip(words, [*words[1:], ""], strict=True)
        if word.startswith("--") and word not in APART
    }


def test_each_process_has_the_flags_of_the_one_machine(monkeypatch):
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    command = re.search(r"^CMD (\[.*?\])$", (ROOT / "Dockerfile").read_text().replace("\\\n", ""), re.M)[1]
    run = {"web": json.loads(command), "worker": services["worker"]["command"], "beat": services["beat"]["command"]}
    for program in processes("127.0.0.1", 8000):
        assert flags(run[program.name]) == flags(program.argv), program.name


def test_everything_waits_for_what_it_needs():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    for name in ("web", "worker", "beat"):
        waits = {other: how["condition"] for other, how in services[name]["depends_on"].items()}
        assert waits == {
            "prepare": "service_completed_successfully",
            "postgres": "service_healthy",
            "valkey": "service_healthy",
        }
    assert services["prepare"]["restart"] == "no"
    assert "127.0.0.1" in services["postgres"]["healthcheck"]["test"]
    assert all(port.startswith("127.0.0.1:") for service in services.values() for port in service.get("ports", []))

"""The whole measurement, and its table on the terminal."""

import os
import subprocess
import sys

import psycopg

from . import measure, scratch
from .acts import Cards, acts, readers, writers
from .client import Client

HANDS = 8
COLUMNS = ("act", "p50 ms", "p95 ms", "SQL", "bytes", "web CPU", "db CPU", "goal ms / SQL")


class Bench:
    """Fills, starts, measures, prints; ``who`` is the manager's mail."""

    def __init__(self, out, who, rounds, seconds, only=""):
        self.out, self.who, self.rounds, self.seconds, self.only = out, who, rounds, seconds, only

    def say(self, text):
        """What goes on now, for whoever waits."""
        self.out.write(f"… {text} (load {os.getloadavg()[0]:.1f})")
        self.out.flush()

    def run(self, cards, sizes):
        """The table for one size, then p50 of what must not grow at the others."""
        grown = {}
        with scratch.surroundings() as port:
            for size in dict.fromkeys([cards, *sizes]):
                if not size:
                    continue
                with scratch.database(f"crm_bench_{os.getpid()}_{size}", self.say) as address:
                    self.say(f"filling {size} cards")
                    scratch.manage(*company(size))
                    with scratch.product(port, ("worker", "beat") if size == cards else ()) as started:
                        grown[size] = self.measure(address, port, started, size, whole=size == cards)
        self.growth(grown, sizes)

    def schedule(self, cards):
        """What the clock's verbs cost on a company of so many cards, about half of them open."""
        some = min(cards, 2000)
        with scratch.surroundings(), scratch.database(f"crm_bench_{os.getpid()}", self.say):
            self.say(f"filling {some} cards")
            scratch.manage(*company(some))
            self.say(f"multiplying them to {cards}")
            times = [sys.executable, "-m", "crm.bench.multiply", str(cards // some)]
            subprocess.run(times, check=True, cwd=scratch.ROOT)  # noqa: S603
            self.say("measuring the schedule")
            subprocess.run([sys.executable, "-m", "crm.bench.schedule"], check=True, cwd=scratch.ROOT)

    def measure(self, address, port, started, size, whole):
        """Acts one by one, then many hands, then memory."""
        backends = scratch.Backends(address)
        with backends.line, psycopg.connect(address, autocommit=True) as line:
            executive, manager = Client(port).sign_in("executive1@bench.example"), Client(port).sign_in(self.who)
            chosen = [
                a for a in acts(executive, manager, self.who, Cards(line)) if self.only in a.name and (whole or a.grows)
            ]
            processor = lambda: (scratch.cpu(started["web"]), backends.cpu())  # noqa: E731
            self.say(f"measuring {size} cards")
            self.title(f"{size} cards, one client; one indexed row takes {backends.one_row():.3f} ms")
            found = {}
            for act in chosen:
                found[act.name] = figures = measure.one(act, processor, self.rounds)
                self.line(act, figures)
            if whole and not self.only:
                self.crowd(executive, line, started)
            return found

    def title(self, text):
        self.out.write(
            f"\n{text}\n\n{COLUMNS[0]:<38}" + "".join(f"{name:>11}" for name in COLUMNS[1:-1]) + f"{COLUMNS[-1]:>16}"
        )

    def line(self, act, f):
        goal = f"{act.goal[0]} / {act.goal[1]}" if act.goal else ""
        missed = act.goal and (f.p50 > act.goal[0] or f.statements > act.goal[1])
        self.out.write(
            f"{act.name:<38}{f.p50:>11.1f}{f.p95:>11.1f}{f.statements:>11}{f.size:>11}{f.web:>11.1f}{f.database:>11.1f}"
            f"{goal:>16}{' ✗' if missed else ''}"
        )
        self.out.flush()

    def crowd(self, client, line, started):
        """Eight at once, and what the processes weigh after it."""
        pks = Cards(line).ids("project", "contract")
        lone = measure.quantile([client.get("/boards/project/").seconds * 1000 for _time in range(measure.TIMES)], 0.5)
        rates = [measure.together(readers(client, HANDS), self.seconds) for _round in range(self.rounds)]
        rate, took = max(rates)
        self.out.write(
            f"\nboards a second, {HANDS} clients: {rate:.0f} (goal ≥ 100), p95 {measure.quantile(took, 0.95):.0f} ms"
        )
        rate, took = measure.together(writers(client, pks, HANDS), self.seconds)
        self.out.write(f"moves a second, {HANDS} clients: {rate:.0f}, p95 {measure.quantile(took, 0.95):.0f} ms")
        best = None
        for _round in range(self.rounds):
            took, moves = measure.beside(writers(client, pks, HANDS), lambda turn: client.get("/boards/project/"))
            p95 = measure.quantile(took, 0.95)
            best = min(best or (p95, moves), (p95, moves))
        self.out.write(
            f"board while {HANDS} clients write {best[1]:.0f} moves a second: p95 {best[0]:.0f} ms, "
            f"{best[0] / lone:.1f}× its lone p50 of {lone:.1f} (goal ≤ 3×)"
        )
        weights = {name: scratch.memory(process) for name, process in started.items()}
        told = ", ".join(f"{name} {weight:.0f}" for name, weight in weights.items())
        self.out.write(f"memory, PSS MB: {told} (goal web ≤ 200), together {sum(weights.values()):.0f} (goal ≤ 350)")

    def growth(self, grown, sizes):
        """p50 by size, and how many times the last is the one before."""
        if len(sizes) < 2:
            return
        names = [name for name in grown[sizes[-1]] if all(name in grown[size] for size in sizes)]
        self.out.write(
            f"\n{'p50 ms by cards':<38}" + "".join(f"{size:>11}" for size in sizes) + f"{'growth':>11}  (goal ≤ 1.3×)"
        )
        for name in names:
            row = [grown[size][name].p50 for size in sizes]
            self.out.write(f"{name:<38}" + "".join(f"{ms:>11.1f}" for ms in row) + f"{row[-1] / row[-2]:>10.1f}×")


def company(size):
    """The command that fills a company of so many cards: two leads and two deals for each expense."""
    parts = {"leads": size * 2 // 5, "deals": size * 2 // 5, "expenses": size // 5, "events": size * 4}
    return ["bigcompany", "--managers", "20", *(f"--{name}={number}" for name, number in parts.items())]

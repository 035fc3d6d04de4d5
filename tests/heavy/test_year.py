"""E12, B3: a year of the working day by a frozen clock, ten clocks at once and killed at random; everything exactly once.

What should have happened is worked out afterwards from the rows by simple means (`oracle.py`), and compared as sets.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, time, timedelta
from random import Random
from urllib.parse import urlsplit, urlunsplit

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.utils.dateparse import parse_datetime

from crm.activities.models import Task
from crm.activities.verbs import add, finish, reschedule
from crm.bench.fill import fill
from crm.cards.access import permission_id
from crm.cards.models import Card, Event
from crm.cards.verbs import touch
from crm.launcher.services import database_url
from crm.notifications.models import Notice, Outbox
from crm.office import memory
from crm.office.starter import load
from crm.oversight.models import Digest, Violation
from crm.people.models import Role, User
from crm.pipelines.moves import Refused, take
from deals.models import Turn
from leads.intake import receive
from leads.models import Lead
from tests.conftest import person

from .oracle import ZONE, Year, at, day_end, is_working

pytestmark = pytest.mark.heavy
SEED = int(os.environ.get("CRM_SEED", "11"))
DAYS = int(os.environ.get("CRM_DAYS", "365"))
START = date.fromisoformat(os.environ.get("CRM_START", "2026-04-01"))
# The worker and the clock were off between these moments; people went on working.
OUTAGE = datetime(2026, 5, 12, 17, 30, tzinfo=ZONE), datetime(2026, 5, 15, 17, 45, tzinfo=ZONE)
ACTS_A_DAY = 8

TELL = ["send reminders", "tell of what is due", "tell of what is late"]
MOVE = ["save ripe leads", "keep the rhythms of reminding", "follow the dates of reminders", "close answered questions"]
WATCH, DIGEST, WARN = ["watch the processes"], ["send the digests"], ["warn of first stages"]
NEXT = {
    ("leads", "new"): ("discuss", {"source": "referral", "may_refer": "yes"}),
    ("leads", "discuss"): ("convert", {"has_brief": "yes", "target": "new"}),
    ("project", "new"): ("clarify", {}),
    ("project", "clarifying"): ("sign", {}),
    ("project", "contract"): ("supply", {}),
    ("expenses", "documents"): ("send", {}),
}


class Clocks:
    """The process that holds the clocks, and the journal of when which verbs were called."""

    def __init__(self, random):
        self.random, self.ticks, self.killed, self.together = random, [], 0, 0
        url = urlunsplit(urlsplit(database_url())._replace(path=f"/{connection.settings_dict['NAME']}"))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.heavy.clock"], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | {"DATABASE_URL": url},
        )  # fmt: skip

    def tick(self, now, verbs, crowd=False):
        """The verbs at that moment: by one clock, or by ten at once of which up to nine are killed."""
        if OUTAGE[0] < now < OUTAGE[1]:
            return
        kills = sorted(self.random.uniform(0, 0.3) for _n in range(self.random.randint(0, 9))) if crowd else []
        self.call(now, verbs, 10 if crowd else 1, kills)
        self.ticks.append((now, frozenset(verbs)))

    def call(self, now, verbs, clocks, kills, again=True):
        """So many clocks, of which some are killed after so many seconds; one more comes ``again`` after those."""
        asked = {"now": now.isoformat(), "verbs": verbs, "clocks": clocks, "kills": kills, "again": again}
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        assert answer["complaints"] == [], answer
        self.killed += answer["killed"]
        self.together += clocks > 1

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)


class People:
    """Ten managers who work a little every day, by the product's own verbs; ``moved`` remembers each date a task had."""

    def __init__(self, random):
        self.random, self.moved, self.done = random, {}, Counter()
        self.managers = list(User.objects.filter(email__startswith="manager").order_by("pk"))
        self.acts = [
            self.inquiry,
            self.move,
            self.move,
            self.plan,
            self.plan,
            self.finish,
            self.finish,
            self.postpone,
            self.hear,
        ]

    def act(self, now):
        """One of them does one thing."""
        act = self.random.choice(self.acts)
        with time_machine.travel(now, tick=False):
            self.done[act.__name__] += act(now, self.random.choice(self.managers)) is not None

    def inquiry(self, now, who):
        n = self.done["inquiry"]
        return receive("phone", by=who, owner=who, title=f"Обращение {n}", person=f"Марина {n}", source="call")

    def move(self, now, who):
        places = list(NEXT)
        self.random.shuffle(places)
        for pipeline, stage in places:
            card = self._any(Card.objects.filter(owner=who, pipeline=pipeline, stage=stage))
            if card is not None:
                name, answers = NEXT[pipeline, stage]
                try:
                    return take(card.as_kind(), name, who, answers)
                except Refused:
                    continue
        return None

    def plan(self, now, who):
        card = self._any(Card.objects.open().filter(owner=who).exclude(pipeline="expenses"))
        if card is None:
            return None
        day = now.date() + timedelta(days=self.random.randint(0, 12))
        due = at(day, self.random.randint(9, 17), self.random.choice(range(0, 60, 5)))
        if due < now + timedelta(minutes=30) or not is_working(day):
            return None
        return add(card, who, title="Позвонить", due_at=due, kind="call", remind=[15])

    def finish(self, now, who):
        task = self._any(Task.objects.open().filter(owner=who, card__closed_at=None).exclude(card__pipeline="expenses"))
        return task and finish(task, who, "Поговорили", touched=task.meets_client and self.random.random() < 0.5)

    def postpone(self, now, who):
        task = self._any(Task.objects.open().filter(owner=who, rule="", all_day=False, card__closed_at=None))
        if task is None:
            return None
        due = at(now.date() + timedelta(days=self.random.randint(1, 9)), self.random.randint(9, 17), 10)
        self.moved.setdefault(task.pk, [(task.created_at, task.due_at)]).append((now, due))
        return reschedule(task, due, who)

    def hear(self, now, who):
        card = self._any(Card.objects.open().filter(owner=who).exclude(pipeline="expenses"))
        return card and touch(card, "letter", who, outbound=self.random.random() < 0.5, text="Письмо")

    def _any(self, rows):
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.get(pk=self.random.choice(pks)) if pks else None


def interesting(day, random):
    """When the clock looks closely: around the morning, the warning and the end of the day; coarsely otherwise."""
    end = day_end(day)
    morning = [(at(day, 8, 44), DIGEST), (at(day, 8, 45), DIGEST), (at(day, 8, 59), DIGEST), (at(day, 9), DIGEST)]
    looks = [(at(day, 13), WATCH), (end - timedelta(minutes=1), WATCH), (end, WATCH)]
    moves = [(at(day, 9, 4), MOVE), (end + timedelta(minutes=1), MOVE)]
    warns = [(end - timedelta(minutes=n), WARN) for n in (61, 60, 2)] + [(end, WARN)]
    tells = [(at(day, 8), TELL), (at(day, 9), TELL), (end - timedelta(minutes=3), TELL), (end, TELL)]
    digests = [(at(day, random.randint(10, 16), 33), DIGEST), (end + timedelta(minutes=2), DIGEST)]
    if day == OUTAGE[1].date():
        tells.append((OUTAGE[1], TELL))
    if is_working(day):
        return morning + looks + moves + warns + tells + digests
    return [
        (at(day, 9), DIGEST),
        (at(day, 12), WATCH),
        (at(day, 12, 1), MOVE),
        (at(day, 17, 30), WARN),
        (at(day, 12, 2), TELL),
    ]


def dues(day):
    """Minutes of the day at which something is due by the rows as they stand in its morning."""
    span = {"gte": at(day, 0), "lt": at(day, 0) + timedelta(days=1)}
    for due in (
        Task.objects.open()
        .filter(all_day=False, **{f"due_at__{k}": v for k, v in span.items()})
        .values_list("due_at", flat=True)
    ):
        for minutes in (-15, 0, 60):
            yield due + timedelta(minutes=minutes), TELL
    week = timedelta(days=7)
    for since in Lead.objects.filter(
        stage="deal", **{f"stage_since__{k}": v - week for k, v in span.items()}
    ).values_list("stage_since", flat=True):
        yield since + week, MOVE[:1]


@pytest.fixture
def company(transactional_db):
    """Two executives, ten managers and two thousand cards, as they stood on the eve of the year; and one with nothing to do."""
    load(apps)
    memory.forget()
    permission_id.cache_clear()
    with time_machine.travel(at(START, 0), tick=False):
        fill(managers=10, leads=700, deals=800, expenses=500, events=4000, seed=SEED)
        person("idle", "Без Дела", Role.MANAGER)
    memory.forget()


def test_a_year_of_the_clock(company):
    random = Random(SEED)
    clocks, people = Clocks(random), People(random)
    try:
        for number in range(DAYS):
            day = START + timedelta(days=number)
            plan = {(moment, tuple(verbs)) for moment, verbs in [*interesting(day, random), *dues(day)]}
            if is_working(day):
                hours = [(random.randint(9, 16), random.randint(0, 59)) for _act in range(ACTS_A_DAY)]
                plan |= {(at(day, *hour) + timedelta(seconds=30), ()) for hour in hours}
            crowd = random.randrange(len(plan))
            for turn, (moment, verbs) in enumerate(sorted(plan)):
                if verbs:
                    clocks.tick(moment, verbs, crowd=turn == crowd)
                else:
                    people.act(moment)
    finally:
        clocks.close()
    year = Year(clocks.ticks, people.moved, OUTAGE)
    counts, wrong = {}, []
    for name, expected, found in compared(year):
        counts[name] = len(expected)
        missing, extra = sorted(expected - found, key=str), sorted(found - expected, key=str)
        if missing or extra or (not expected and DAYS >= 100):
            wrong.append(f"{name}: {len(missing)} missing {missing[:5]}, {len(extra)} too many {extra[:5]}")
    assert not wrong, "\n".join(wrong)
    once(year)
    print(
        f"\nseed {SEED}: {DAYS} days, {len(clocks.ticks)} ticks, {clocks.together} of ten clocks, {clocks.killed} killed"
    )
    print(f"people: {dict(people.done)}\nexactly once: {counts}")


def compared(year):
    """(what, the expected set, the set of the rows) for everything that the clock does."""
    notices = Notice.objects.filter(at__gte=at(START, 0))
    yield (
        "reminders", year.reminders(),
        Rows((n.user_id, n.card_id, parse_datetime(n.data["due"]), n.at) for n in notices.filter(kind="reminder")),
    )  # fmt: skip
    yield (
        "told when due",
        year.told_due(),
        Rows((n.user_id, n.card_id, parse_datetime(n.data["due"]), n.at) for n in notices.filter(kind="due")),
    )
    late = Counter()
    many = set()
    for n in notices.filter(kind__in=["late", "late-many"]):
        late[n.user_id, n.at] += n.data.get("count", 1)
        many |= {(n.user_id, n.at)} if n.kind == "late-many" else set()
    expected = year.told_late()
    yield "told late", {(*key, n) for key, n in expected.items()}, {(*key, n) for key, n in late.items()}
    yield "told late as one", {key for key, n in expected.items() if n > 3}, many
    moved = Event.objects.filter(
        kind="moved", actor=None, card__pipeline="leads", data__step="save_contact", at__gte=at(START, 0)
    )
    yield "leads after seven days", year.ripe(), Rows(moved.values_list("card", "at"))
    yield (
        "warnings",
        year.warnings(),
        Rows(notices.filter(kind="first-stage-warning").values_list("user", "card", "at")),
    )
    yield "digests", year.digests(), Rows(Digest.objects.values_list("user", "date", "at"))
    found = Violation.objects.all()
    yield "violations", year.violations(), Rows(
        (v.kind, v.card_id, v.found_at, v.resolved_at is not None) for v in found
    )  # fmt: skip


class Rows(set):
    """A set of rows; two equal ones are an error in themselves."""

    def __init__(self, rows):
        rows = list(rows)
        twice = [row for row, n in Counter(rows).items() if n > 1]
        assert not twice, f"{len(twice)} twice: {twice[:5]}"
        super().__init__(rows)


def once(year):
    """What no set shows: nothing empty, nothing twice, nothing on a day off, no burst after the outage."""
    told = set(Notice.objects.filter(kind="digest").values_list("user", "at"))
    full = set(Digest.objects.filter(empty=False).values_list("user", "at"))
    letters = Outbox.objects.filter(kind="digest")
    assert told == full and letters.count() == len(full)
    assert not Notice.objects.filter(kind="digest", data__count=0).exists()
    idle = User.objects.get(email="idle@snag.example")
    assert not Notice.objects.filter(user=idle).exists() and Digest.objects.filter(user=idle, empty=True).exists()
    assert {(user, moment) for user, moment in year.must_hear() if (user, moment) not in full} == set()
    back = Counter(Notice.objects.filter(at=OUTAGE[1]).values_list("user", flat=True))
    assert all(n <= 4 for n in back.values()), back
    for turn in Turn.objects.select_related("task"):
        assert is_working(turn.task.due_at.astimezone(ZONE).date())
    opened = Counter(Turn.objects.filter(task__state="open").values_list("deal", "channel"))
    assert opened and set(opened.values()) == {1}
    hours = {n.at.astimezone(ZONE).time() for n in Notice.objects.filter(kind__in=["late", "late-many"])}
    assert min(hours) >= time(9) and max(hours) < time(18)

"""What the year should have brought, worked out in plain Python from who did what when; nothing of the product decides."""

from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.activities.models import Reminder, Task
from crm.cards.models import Card, Event
from crm.oversight.rules import norms
from crm.people.models import User
from expenses.models import Spending

ZONE = ZoneInfo("Europe/Moscow")
# D.6 once more, by hand: the decree of 2026, and weekends with fixed holidays for 2027.
OFF = {
    *(date(2026, m, d) for m, d in [(5, 1), (5, 9), (5, 11), (6, 12), (11, 4), (12, 31), (3, 9), (1, 9)]),
    *(date(2027, 1, d) for d in range(1, 9)), date(2027, 2, 23), date(2027, 3, 8), date(2027, 5, 1), date(2027, 5, 9),
}  # fmt: skip
SHORT = {
    *(date(2026, m, d) for m, d in [(4, 30), (5, 8), (6, 11), (11, 3)]),
    *(date(2027, m, d) for m, d in [(2, 22), (3, 7), (4, 30)]),
}
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FIRST = {("leads", "new"), ("attraction", "new"), ("reminder", "new"), ("project", "new")}
DEALS = ("attraction", "project", "reminder")
COLUMNS = ("planned", "soon", "late")
ABOUT_CLIENTS = {"no-reaction", "overdue", "rhythm", "stuck", "no-step", "first-stage"}


def at(day, hour, minute=0):
    return datetime.combine(day, time(hour, minute), ZONE)


def is_working(day):
    return day.weekday() < 5 and day not in OFF


def day_end(day):
    return at(day, 17 if day in SHORT else 18)


def local(moment):
    return moment.astimezone(ZONE)


def back(day, days):
    """The ``days``-th working day before the date."""
    while days:
        day -= DAY
        days -= is_working(day)
    return day


class Look:
    """The measures of one moment that the rules compare with."""

    def __init__(self, now):
        today = local(now).date()
        self.now = now
        self.midnight = at(today, 0)
        self.today = today
        self.last_day = today if is_working(today) else back(today, 1)
        self.last_end = day_end(today) if is_working(today) and now >= day_end(today) else day_end(back(today, 1))
        if is_working(today):
            self.day_ago = datetime.combine(back(today, 1), local(now).time(), ZONE)
        else:
            self.day_ago = at(back(today, 1), 0)
        self.hours_ago = self._hours_ago(4)

    def _hours_ago(self, hours):
        """Minute by minute back through working time."""
        left, day = hours * 60, self.today
        while True:
            if is_working(day):
                end = min(self.now, day_end(day))
                worked = max(0, int((end - at(day, 9)).total_seconds() // 60))
                if worked >= left:
                    return end - left * MINUTE
                left -= worked
            day -= DAY


class History:
    """One card: where it stood when, what was to be done when, what was heard and answered."""

    def __init__(self, card):
        self.card, self.stages, self.tasks, self.heard, self.answers = card, [], [], [], []

    def stands(self, now):
        """(stage, since) at that moment, or None before it was opened."""
        found = None
        for moment, stage in self.stages:
            if moment > now:
                break
            found = stage, moment
        return found


class Year:
    """The histories of all cards, and the moments at which the clock called its verbs."""

    def __init__(self, ticks, moved, outage):
        self.ticks, self.outage = ticks, outage
        self.begun = ticks[0][0]
        cards = {card.pk: History(card) for card in Card.objects.all()}
        for event in Event.objects.filter(kind__in=["created", "moved"]).order_by("at", "id"):
            cards[event.card_id].stages.append((event.at, event.data.get("to") or event.data["stage"]))
        for event in Event.objects.filter(kind__in=["touch", "task-done"]).order_by("at"):
            history = cards[event.card_id]
            inbound = event.kind == "touch" and not event.data["outbound"]
            (history.heard if inbound else history.answers).append(event.at)
        self.tasks = []
        for task in Task.objects.all():
            versions = moved.get(task.pk, [(task.created_at, task.due_at)])
            ends = [moment for moment, _due in versions[1:]] + [task.done_at]
            closed = cards[task.card_id].card.closed_at
            for (begun, due), end in zip(versions, ends, strict=True):
                self.tasks.append((task, due, begun, min(filter(None, [end, closed]), default=None), end))
                cards[task.card_id].tasks.append((begun, end, due))
        self.done = defaultdict(list)
        for card, moment in Task.objects.exclude(done_at=None).values_list("card", "done_at"):
            self.done[card].append(moment)
        self.cards = cards
        self.due_on = dict(Spending.objects.values_list("pk", "due_on"))
        self.norms = {place: days for days, places in norms().items() for place in places}

    def when(self, verb):
        return [now for now, verbs in self.ticks if verb in verbs]

    def first(self, moments, begin, until=None):
        """The first of these moments from ``begin`` on and before ``until``."""
        place = bisect_left(moments, begin)
        found = moments[place] if place < len(moments) else None
        return found if found is not None and (until is None or found < until) else None

    def reminders(self):
        ticks, found = self.when("send reminders"), set()
        minutes = dict(Reminder.objects.values_list("task", "minutes"))
        for task, due, begun, end, _own in self.tasks:
            if task.pk in minutes:
                before = timedelta(minutes=minutes[task.pk])
                late = min(due - before + max(before, 10 * MINUTE), due)
                now = self.first(ticks, max(due - before, begun), min(late, end or late))
                if now:
                    found.add((task.owner_id, task.card_id, due, now))
        return found

    def told_due(self):
        ticks, found = self.when("tell of what is due"), set()
        for task, due, begun, end, _own in self.tasks:
            if not task.rule and not task.all_day and due:
                now = self.first(ticks, max(due, begun), min(due + 10 * MINUTE, end or due + DAY))
                if now:
                    found.add((task.owner_id, task.card_id, due, now))
        return found

    def told_late(self):
        working = [
            now for now in self.when("tell of what is late")
            if is_working(local(now).date()) and at(local(now).date(), 9) <= now < day_end(local(now).date())
        ]  # fmt: skip
        found = Counter()
        for task, due, begun, end, _own in self.tasks:
            if due and task.owner_id:
                ready = at(local(due).date(), 0) + DAY
                ready = ready if task.all_day else min(ready, due + HOUR)
                now = self.first(working, max(ready, begun), end)
                if now:
                    found[task.owner_id, now] += 1
        return found

    def ripe(self):
        ticks, found = self.when("save ripe leads"), set()
        for pk, history in self.cards.items():
            if history.card.pipeline == "leads":
                spans = zip(history.stages, [*history.stages[1:], (None, None)], strict=True)
                for (begun, stage), (end, _next) in spans:
                    now = self.first(ticks, begun + 7 * DAY) if stage == "deal" else None
                    if now and (end is None or end >= now):
                        found.add((pk, now))
        return found

    def warnings(self):
        found, told = set(), set()
        for now in self.when("warn of first stages"):
            day = local(now).date()
            if is_working(day) and day_end(day) - HOUR <= now < day_end(day):
                for pk, history in self.cards.items():
                    place = history.stands(now)
                    if (
                        place and (history.card.pipeline, place[0]) in FIRST and place[1] < now
                        and history.card.owner_id and (day, pk) not in told
                    ):  # fmt: skip
                        told.add((day, pk))
                        found.add((history.card.owner_id, pk, now))
        return found

    def digests(self):
        found = set()
        people = [
            (u.pk, time(9) if u.is_executive else time(8, 45))
            for u in User.objects.active()
            if {*u.roles} & {"executive", "manager"}
        ]
        ticks = self.when("send the digests")
        days = {local(now).date() for now in ticks}
        for day in filter(is_working, days):
            for user, hour in people:
                now = self.first(ticks, datetime.combine(day, hour, ZONE), day_end(day))
                if now:
                    found.add((user, day, now))
        return found

    def violations(self):
        """Stretches of looks at which a rule holds: (kind, card, first look, whether a later look ended it)."""
        found = set()
        self.standing = defaultdict(set)  # look -> kinds that held
        looks = [Look(now) for now in self.when("watch the processes")]
        for pk, history in self.cards.items():
            running = {}
            for look in looks:
                held = self.broken(pk, history, look)
                self.standing[look.now] |= {(kind, pk) for kind in held & ABOUT_CLIENTS}
                for kind in held - running.keys():
                    running[kind] = look.now
                for kind in running.keys() - held:
                    found.add((kind, pk, running.pop(kind), True))
            found |= {(kind, pk, begun, False) for kind, begun in running.items()}
        return found

    def broken(self, pk, history, look):
        """The kinds of violation that the card is in."""
        now, place = look.now, history.stands(look.now)
        if place is None:
            return set()
        (stage, since), pipeline, held = place, history.card.pipeline, set()
        closed = history.card.closed_at is not None and history.card.closed_at <= now
        if (pipeline, stage) in FIRST and since < look.last_end:
            held.add("first-stage")
        norm = self.norms.get((pipeline, stage))
        if norm is not None and local(since).date() < back(look.last_day, norm):
            held.add("stuck")
        if pipeline == "expenses":
            due_on = self.due_on[pk]
            if not closed and due_on and due_on < look.today:
                held.add("expense-late")
            if stage == "approval" and since < look.day_ago:
                held.add("approval")
        if closed:
            return held
        steps = [due for begun, end, due in history.tasks if due and begun <= now and (end is None or end > now)]
        step = min(steps, default=None)
        idle = max([since, *(moment for moment in self.done[pk] if moment < now)])
        if pipeline in DEALS and step is None and (pipeline, stage) not in FIRST and idle < look.last_end:
            held.add("no-step")
        if step and pipeline not in ("expenses", "reminder") and step < look.day_ago:
            held.add("overdue")
        if step and pipeline == "reminder" and stage in COLUMNS and step < look.midnight:
            held.add("rhythm")
        answers = [moment for moment in history.answers if moment <= now]
        last = max(answers, default=None)
        if any(moment <= look.hours_ago and (last is None or last <= moment) for moment in history.heard):
            held.add("no-reaction")
        return held

    def must_hear(self):
        """(executive, moment) of digests that cannot be empty: something about clients stood in the register."""
        executives = [user.pk for user in User.objects.executives()]
        looks = sorted(self.standing)
        for user, _day, now in self.digests():
            place = bisect_left(looks, now)
            if user in executives and place and self.standing[looks[place - 1]]:
                yield user, now

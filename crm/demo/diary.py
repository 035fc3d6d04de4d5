"""Stories told act by act in the order of their moments, and the times of what they wrote put back afterwards."""

import heapq
from datetime import timedelta
from itertools import count

from django.apps import apps
from django.db import connection, models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from crm.activities.models import Task
from crm.activities.next_step import refresh_next_step
from crm.cards.models import Card, Event
from crm.notifications.models import Notice, Outbox
from crm.office.calendar import company_today, day_start, deadline, is_working
from crm.office.catalogues import template

OURS = {"cards", "clients", "activities", "chats", "files", "deals", "leads", "expenses"}
# Minutes of the working day within which things happen.
EARLIEST, LATEST = 10, 500
PLANNED = {"due_at", "next_step_at"}


class Diary:
    """Runs stories: generators that yield the moment (aware) of their next act and act when resumed."""

    def __init__(self, random):
        self.random, self.now, self.today = random, timezone.now(), company_today()
        self.queue, self.order = [], count()
        self.began, self.moments = [], []

    def moment(self, days):
        """A moment within working hours, about so many days ago and never later than now; before they begin, a day earlier."""
        day = self.today - timedelta(days=int(days))
        while not is_working(day) or day_start(day) > self.now - timedelta(minutes=EARLIEST):
            day -= timedelta(days=1)
        passed = (self.now - day_start(day)) // timedelta(minutes=1)
        return day_start(day) + timedelta(minutes=self.random.randint(EARLIEST, LATEST) * min(passed, LATEST) // LATEST)

    def moments_between(self, first, last, number):
        """That many moments in order, from ``first`` to ``last`` days ago, the ends included."""
        step = (first - last) / max(1, number - 1)
        return sorted(self.moment(first - step * place) for place in range(number))

    def begin(self, story):
        """Tell the story up to its next act."""
        moment = next(story, None)
        if moment is not None:
            heapq.heappush(self.queue, (moment, next(self.order), story))

    def run(self, said=lambda told: None):
        """Tell all stories to their ends, oldest acts first."""
        while self.queue:
            moment, _place, story = heapq.heappop(self.queue)
            self.began.append(timezone.now())
            self.moments.append(moment)
            self.begin(story)
            said(len(self.moments))

    def backdate(self):
        """Put the moments of their acts on everything that the stories wrote; stages and sums stay as they are."""
        for model in apps.get_models():
            if model._meta.app_label not in OURS or model._meta.proxy:
                continue
            for field in model._meta.local_fields:
                if isinstance(field, models.DateTimeField) and field.name not in PLANNED:
                    self._put_back(model._meta.db_table, field.column)
        same = Event.objects.filter(card=OuterRef("card"), entry=OuterRef("entry")).order_by("id")
        Notice.objects.exclude(card=None).update(at=Subquery(same.values("at")[:1]))
        Notice.objects.filter(at__lt=self.now - timedelta(days=4)).update(read_at=self.now)
        # Nobody has to be told of what never happened.
        Outbox.objects.all().delete()
        Notice.objects.update(untold=False)
        connection.run_on_commit.clear()
        self._plan_afresh()

    def _put_back(self, table, column):
        table, column = connection.ops.quote_name(table), connection.ops.quote_name(column)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {column} = (%s::timestamptz[])[width_bucket({column}, %s::timestamptz[])]"  # noqa: S608
                f" WHERE {column} >= %s",
                [self.moments, self.began, self.began[0]],
            )

    def _plan_afresh(self):
        # The dates of reminders belong to their rhythm, those of payments to their expenses.
        tasks = list(Task.objects.exclude(Q(rule__in=["", "payment"]) | Q(rule__startswith="remind-")))
        for task in tasks:
            task.due_at = deadline(task.created_at, template(task.rule).days)
        Task.objects.bulk_update(tasks, ["due_at"], batch_size=500)
        for pk in Card.objects.filter(tasks__state=Task.State.OPEN).values_list("pk", flat=True).distinct():
            refresh_next_step(pk)

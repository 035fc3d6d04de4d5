"""One card of the big company from its opening to where it stands: the rows that `open_card` and `take` would leave."""

from datetime import timedelta

from chats.models import Message, Reading, Room
from chats.robots import first_message
from crm.activities.models import CheckItem, Task
from crm.cards.access import permission_id
from crm.cards.models import Card, CardGrant, CardLink, Event
from crm.cards.verbs import assign
from crm.cards.words import fold
from crm.demo import words
from crm.notifications.models import Notice, Outbox
from crm.office.catalogues import template
from crm.pipelines.declare import of
from files.models import Folder, layout
from files.verbs import folder_name

from .roads import FOLLOWED, PLANNED

FRESH = timedelta(days=2)  # what is younger nobody has read yet


class Story:
    """Tells the card act by act at given moments (aware); nothing of it is written before ``end``."""

    def __init__(self, filler, card, moment, by=None, cause=None):
        self.filler, self.tables, self.random, self.staff = filler, filler.tables, filler.random, filler.staff
        self.card, self.moment = card, moment
        self.tasks, self.room, self.said = [], None, 0
        card.version, card.stage_since, card.created_at = 2, moment, moment
        card.words = fold(card.build_words())
        made = [(user, name) for user in (card.owner_id, card.author_id) if user for name in ("view_card", "work_card")]
        self.grant(made)
        self.record(Event.Kind.CREATED, by, stage=card.stage, cause=cause)

    def grant(self, pairs):
        for user, codename in dict.fromkeys(pairs):
            self.tables.add(
                CardGrant(content_object_id=self.card.pk, user_id=user, permission_id=permission_id(codename))
            )

    def record(self, kind, by=None, /, **data):
        event = Event(card_id=self.card.pk, kind=kind, actor=by, at=self.moment, entry=self.card.entry, data=data)
        return self.tables.add(event)

    def link(self, source_id, rule):
        self.tables.add(CardLink(source_id=source_id, target_id=self.card.pk, rule=rule, created_at=self.moment))

    def open_room(self):
        """The chat with its first message (R-119, R-248)."""
        self.room = Room(id=self.tables.id(Room), card_id=self.card.pk, created_at=self.moment)
        self.say(first_message(self.card))

    def say(self, text, author=None):
        self.said += 1
        self.tables.add(Message(room_id=self.room.pk, seq=self.said, text=text, author=author, at=self.moment))

    def open_folder(self):
        """The folder with its subfolders, linked from the comment (R-262)."""
        folder = self.tables.add(Folder(card_id=self.card.pk, name=folder_name(self.card), created_at=self.moment))
        for name in layout():
            self.tables.add(Folder(card_id=self.card.pk, parent_id=folder.pk, name=name, created_at=self.moment))
        self.card.comment = f"{self.card.comment}\n{self.filler.site}{folder.get_absolute_url()}".strip()

    def change(self, values, by):
        """Fields of the card, as `verbs.change` keeps them."""
        changes = assign(self.card, values)
        if changes:
            self.card.version += 1
            self.record(Event.Kind.CHANGED, by, fields=changes)

    def move(self, name, moment, by=None, asked=None, more=None, **answers):
        """One step of the process; ``asked`` are answers that the card keeps no field for. Returns the event."""
        card, step = self.card, of(self.card).steps[name]
        self.moment = moment
        data = {
            "from": card.stage, "to": step.to, "step": name, "restore": dict.fromkeys(answers),
            "since": card.stage_since, "closed_at": card.closed_at,
        }  # fmt: skip
        data |= {"fields": assign(card, answers), "asked": asked or {}, **(more or {})}
        getattr(card, name)()
        card.entry, card.version, card.stage_since = card.entry + 1, card.version + 1, moment
        outcome = of(card).stages[card.stage].outcome
        card.closed_at = moment if outcome else None
        data["version"] = card.version
        self._close(data, Task.State.AUTO, lambda task: task.closes_on_leave)
        self._finish()
        if outcome:
            self._close(data, Task.State.CANCELLED, lambda task: task.rule != "payment")
        for rule, leaves, who in PLANNED.get((card.pipeline, card.stage), ()):
            for owner in self.filler.named(who, card):
                self.plan(rule, data, owner=owner, closes_on_leave=leaves)
        return self.record(Event.Kind.MOVED, by, **data)

    def _close(self, data, state, which):
        for task in self.tasks:
            if task.is_open and which(task):
                task.state, task.done_at = state, self.moment
                data.setdefault("closed", []).append(task.pk)

    def _finish(self):
        """Most of what was to be done is done by the time the card moves on."""
        for task in self.tasks:
            if task.is_open and task.rule != "payment" and self.random.random() < 0.9:
                task.state, task.done_at, task.done_by = Task.State.DONE, self.moment, task.owner
                self.record(Event.Kind.TASK_DONE, task.owner, task=task.pk, title=task.title, result="")

    def plan(self, rule, data=None, owner=None, title="", due_at=None, **more):
        """A rule's task with its checklist, remembered in the event's ``data``."""
        ready = template(rule)
        task = self._task(
            title=title or ready.titled(), owner=owner or self.card.owner, rule=rule, **more,
            due_at=due_at or self.filler.deadline(self.moment, ready.days),
        )  # fmt: skip
        for place, line in enumerate(ready.checklist):
            self.tables.add(CheckItem(task_id=task.pk, text=line, position=place))
        if rule in FOLLOWED:
            for executive in self.staff.executives:
                self.tables.add(Task.participants.through(task_id=task.pk, user_id=executive.pk))
        if data is not None:
            data.setdefault("made", []).append({"model": "activities.task", "pk": task.pk})
        return task

    def plan_own(self, title, kind, due_at):
        """A task that the responsible person sets."""
        task = self._task(title=title, owner=self.card.owner, author=self.card.owner, kind=kind, due_at=due_at)
        self.record(Event.Kind.TASK, self.card.owner, task=task.pk, title=title, due=due_at)

    def _task(self, **fields):
        pk = self.tables.id(Task)
        task = Task(id=pk, card_id=self.card.pk, entry=self.card.entry, created_at=self.moment, **fields)
        self.tasks.append(task)
        return task

    def tell(self, people, kind, **data):
        """Notices, and the outbox row that rang the bell long ago."""
        seen = self.moment + FRESH if self.moment + FRESH < self.filler.now else None
        rows = [
            Notice(user=user, card_id=self.card.pk, kind=kind, data=data, entry=self.card.entry, at=self.moment, read_at=seen)
            for user in people
        ]  # fmt: skip
        for row in rows:
            self.tables.add(row)
        if rows:
            payload = {"people": [user.pk for user in people], "card": self.card.pk}
            self.tables.add(Outbox(
                key=f"notice:{rows[0].pk}", kind="notice", payload=payload, tries=1, run_after=self.moment,
                created_at=self.moment, done_at=self.moment,
            ))  # fmt: skip

    def talk(self, events):
        """What people do between the moves: so many contacts, notes and a few lines in the chat."""
        card, random = self.card, self.random
        for _one in range(events):
            if random.random() < 0.7:
                kind, outbound, text = random.choice(words.TOUCHES)
                self.record(Event.Kind.TOUCH, card.owner, kind=kind, outbound=outbound, text=text)
                card.last_touch_at = self.moment
            else:
                self.record(Event.Kind.NOTE, card.owner, text=random.choice(words.NOTES) or "Без изменений.")
        if self.room is not None and card.owner is not None and random.random() < 0.4:
            self.say(random.choice(words.CHAT), card.owner)
            if random.random() < 0.3:
                self.say(random.choice(words.QUESTIONS), random.choice(self.staff.executives))

    def end(self):
        """Put the card with its tasks and its chat among the rows to be written."""
        card, tables = self.card, self.tables
        open_tasks = sorted((t for t in self.tasks if t.is_open), key=lambda t: (t.due_at, t.pk))
        if open_tasks:
            card.next_step_at, card.next_step = open_tasks[0].due_at, open_tasks[0].title
        for task in self.tasks:
            tables.add(task)
        if self.room is not None:
            self.room.last_seq = card.message_count = self.said
            tables.add(self.room)
            if self.said > 1:
                tables.add(Reading(room_id=self.room.pk, user=card.owner, seq=min(self.said, 2)))
        tables.put(Card, card)
        tables.put(type(card), card)

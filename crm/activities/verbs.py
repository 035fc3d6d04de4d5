"""What is done with activities: planned by a robot or a person, changed, ticked off, done, called off, closed by rule."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Value
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm.cards.access import viewers
from crm.cards.models import Event
from crm.cards.verbs import lock, note, once, record, touch
from crm.office.calendar import company_date
from crm.pipelines.undo import GRACE, undo_until
from crm.sockets import hint_card

from . import reminders, repeats
from .models import CheckItem, Comment, Task
from .next_step import refresh_next_step


class Unseen(PermissionDenied):
    """Somebody named in the activity does not see its card."""


def follow(task, people):
    """Add those who follow the task, in one statement; ``people`` are user ids."""
    through = Task.participants.through
    through.objects.bulk_create(
        [through(task_id=task.pk, user_id=pk) for pk in dict.fromkeys(people)], ignore_conflicts=True
    )


_given = []


def on_given(func):
    """Register ``func(task, by)``, run inside the transaction when somebody gave an activity to another person."""
    _given.append(func)
    return func


def given(task, by):
    """Tell those who care that the activity was given to somebody else."""
    if task.owner_id and task.owner_id != by.pk:
        for tell in _given:
            tell(task, by)


_told = []


def on_tasks(func):
    """Register ``func(card)``, run inside the transaction when people changed the locked card's activities."""
    _told.append(func)
    return func


def told(card):
    """The card's next step has changed: keep it on the card, and tell open pages of those who see the card."""
    refresh_next_step(card.pk)
    for then in _told:
        then(card)
    hint_card(card, viewers(card), anew=True, step=True)


def check_people(card, people):
    """Raises Unseen when one of these (ids, None for nobody) may not see the card."""
    if set(people) - {None} - set(viewers(card)):
        raise Unseen(_("Not everybody named here sees the card."))


@transaction.atomic
def add(card, by, *, key=None, participants=(), checklist=(), remind=(), quiet=False, **fields):
    """An activity that a person plans for the card; the same ``key`` plans it once.

    ``remind`` are minutes before it; ``quiet`` tells its executor nothing, because something else does. Raises
    PermissionDenied when the person may not work on the card, and Unseen when the executor or a participant may not see it.
    """
    card = lock(card, by, key)
    if card.sent_before:
        return Task.objects.filter(pk=once(key).data.get("task")).first()
    if not card.works:
        raise PermissionDenied
    fields.setdefault("owner", card.owner or by)
    check_people(card, [fields["owner"].pk, *(p.pk for p in participants)])
    task = Task(card_id=card.pk, author=by, entry=card.entry, **fields)
    task.repeat_from = company_date(task.due_at) if task.repeat and task.due_at else None
    task.save()
    write_checklist(task, checklist)
    follow(task, [p.pk for p in participants])
    reminders.remind(task, remind)
    record(card, Event.Kind.TASK, by, key, task=task.pk, title=task.title, due=task.due_at)
    if not quiet:
        given(task, by)
    told(card)
    return task


def write_checklist(task, lines):
    """Make the task's checklist these lines; a line that stays keeps its tick."""
    done = set(task.checks.filter(done=True).values_list("text", flat=True))
    task.checks.all().delete()
    CheckItem.objects.bulk_create(
        [CheckItem(task=task, text=text, position=n, done=text in done) for n, text in enumerate(lines)]
    )


def held(task, by=None, key=None):
    """The task's card and the task itself, both locked, the card first; raises PermissionDenied when it is not for ``by``."""
    card = lock(task.card, by, key)
    works = Exists(Task.objects.workable_by(by).filter(pk=OuterRef("pk"))) if by is not None else Value(True)
    task = Task.objects.select_for_update(of=("self",)).annotate(works=works).get(pk=task.pk)
    if not task.works:
        raise PermissionDenied
    return card, task


@transaction.atomic
def edit(task, by, *, participants=(), checklist=(), remind=(), **fields):
    """Change an open activity. Raises Unseen when the executor or a participant may not see its card."""
    card, task = held(task, by)
    if not task.is_open:
        return task
    check_people(card, [fields["owner"].pk, *(p.pk for p in participants)])
    was, executor = task.due_at, task.owner_id
    for name, value in fields.items():
        setattr(task, name, value)
    if task.due_at != was or not task.repeat:
        task.repeat_from = company_date(task.due_at) if task.repeat and task.due_at else None
    task.save()
    write_checklist(task, checklist)
    task.participants.set(participants)
    reminders.remind(task, remind)
    if task.due_at != was:
        reminders.shift(task, timezone.now())
    record(card, Event.Kind.TASK, by, task=task.pk, title=task.title, due=task.due_at, was=was, edited=True)
    if task.owner_id != executor:
        given(task, by)
    told(card)
    return task


@transaction.atomic
def finish(task, by, result="", touched=False, then=None):
    """The activity is done; one that is no longer open stays as it is.

    ``touched`` says that it was a contact with the client, which is logged with all its effects (R-216, R-251);
    ``then`` are the fields of the next step, planned with it (R-253). A repeated one makes the next of its kind.
    """
    card, task = held(task, by)
    if not task.is_open:
        return task
    task.state, task.done_at, task.done_by, task.result = Task.State.DONE, timezone.now(), by, result
    task.save(update_fields=["state", "done_at", "done_by", "result"])
    record(card, Event.Kind.TASK_DONE, by, task=task.pk, title=task.title, result="" if touched else result)
    if card.closed_at is None:
        repeats.go_on(task, task.done_at)
    if touched:
        touch(card, task.kind, by, text=result, allowed=True)
    if then:
        add(card, by, remind=[15], **then)
    told(card)
    return task


@transaction.atomic
def reopen(task, by):
    """Take «done» or «called off» back; the next of a repeated one goes again unless somebody has worked on it."""
    card, task = held(task, by)
    if task.state not in (Task.State.DONE, Task.State.CANCELLED):
        return task
    task.state, task.done_at, task.done_by = Task.State.OPEN, None, None
    task.save(update_fields=["state", "done_at", "done_by"])
    following = Task.objects.filter(previous=task, comments=None).open().exclude(checks__done=True).first()
    if following is not None and not card.events.filter(kind=Event.Kind.TASK, data__task=following.pk).exists():
        following.delete()
    record(card, Event.Kind.TASK, by, task=task.pk, title=task.title, reopened=True)
    told(card)
    return task


@transaction.atomic
def cancel(task, by):
    """Call an open activity off; it stays in the history and can be taken back."""
    card, task = held(task, by)
    if not task.is_open:
        return task
    task.state, task.done_at, task.done_by = Task.State.CANCELLED, timezone.now(), by
    task.save(update_fields=["state", "done_at", "done_by"])
    record(card, Event.Kind.TASK, by, task=task.pk, title=task.title, cancelled=True)
    told(card)
    return task


@transaction.atomic
def reschedule(task, due_at, by, all_day=None, duration=None, key=None, series=False):
    """Move an open activity to another time (aware), or to no time; what is not said about it stays.

    A repeated one moves alone, and the next comes on its own day, unless the whole ``series`` is counted from the new
    date (R-513). The same ``key`` moves once.
    """
    card, task = held(task, by, key)
    if not task.is_open or card.sent_before:
        return task
    was, was_all_day, task.due_at = task.due_at, task.all_day, due_at
    task.all_day = task.all_day if all_day is None else all_day
    task.duration = duration or task.duration
    if series and due_at is not None:
        task.repeat_from = company_date(due_at)
    task.save(update_fields=["due_at", "all_day", "duration", "repeat_from"])
    reminders.shift(task, timezone.now())
    data = {"task": task.pk, "title": task.title, "due": due_at, "was": was, "was_all_day": was_all_day}
    record(card, Event.Kind.TASK, by, key, **data)
    told(card)
    return task


def put_back(task, by):
    """Move an activity back from where this person has just moved it; False when something came between, or too late."""
    last = task.card.events.filter(kind=Event.Kind.TASK, data__task=task.pk).order_by("-id").first()
    if not task.is_open or last is None or last.actor_id != by.pk or "was_all_day" not in last.data:
        return False
    if timezone.now() > undo_until(last) + GRACE:
        return False
    was = last.data["was"]
    reschedule(task, was and parse_datetime(was), by, last.data["was_all_day"])
    return True


def log(card, by, kind, text="", key=None):
    """Keep a contact that took place, with its effects (R-216, R-251), or a note when that is its kind."""
    return note(card, text, by, key) if kind == "note" else touch(card, kind, by, text=text, key=key)


@transaction.atomic
def comment(task, text, by, key=None):
    """Say something about the activity; the same ``key`` says it once."""
    said = {"task": task, "author": by, "text": text}
    made, new = Comment.objects.get_or_create(key=key, defaults=said) if key else (Comment.objects.create(**said), True)
    if new:
        hint_card(task.card, viewers(task.card), anew=True, step=True)
    return made


@transaction.atomic
def tick(item, done):
    """Tick a checklist line, or take the tick back."""
    CheckItem.objects.filter(pk=item.pk).update(done=done)


def state_name(task):
    """The words under a task that is no longer open."""
    if task.state == Task.State.AUTO:
        return _("Completed automatically")
    return task.get_state_display()

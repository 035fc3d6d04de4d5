"""Activities: calls, letters, meetings and tasks about a card, by whom and when, with what belongs to them (R-513)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.models import Card

# The rule whose tasks are one person's own decision: nobody who works on the card does or moves them for that person.
DECISION = "approve-expense"
CLIENT_KINDS = ("call", "letter", "meeting")


class TaskQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Tasks of cards this person sees; a task has no rights of its own."""
        return self.filter(card__in=Card.objects.visible_to(user))

    def workable_by(self, user):
        """Tasks of cards this person may work on but others' decisions, and those given to this person.

        Seeing a card is not doing its tasks.
        """
        mine = Q(owner_id=getattr(user, "pk", None))
        return self.visible_to(user).filter(mine | Q(card__in=Card.objects.workable_by(user)) & ~Q(rule=DECISION))

    def open(self):
        return self.filter(state=Task.State.OPEN)

    def of(self, user):
        """Tasks this person does or takes part in; what of them may be seen, ``visible_to`` says."""
        takes_part = Task.participants.through.objects.filter(user_id=user.pk, task_id=models.OuterRef("pk"))
        return self.filter(Q(owner=user) | models.Exists(takes_part))


class Task(models.Model):
    """One thing to do until ``due_at`` (aware); a robot's task names its ``rule`` and exists once per stage entry.

    With ``all_day`` it has a date and no hour: ``due_at`` is then the end of that working day (G2). Without ``due_at``
    it waits for a date and is nobody's next step. ``duration`` is in minutes. A repeated one makes its ``following``
    when it is done; ``repeat_from`` is the date that the repeats are counted from.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("call")
        LETTER = "letter", _("letter")
        MEETING = "meeting", _("meeting")
        TASK = "task", _("task")

    class Repeat(models.TextChoices):
        """iCalendar recurrence rules (RFC 5545); what falls on a day off moves to the next working day."""

        DAILY = "FREQ=DAILY", _("every working day")
        WEEKLY = "FREQ=WEEKLY", _("every week")
        FORTNIGHTLY = "FREQ=WEEKLY;INTERVAL=2", _("every two weeks")
        MONTHLY = "FREQ=MONTHLY", _("every month")
        QUARTERLY = "FREQ=MONTHLY;INTERVAL=3", _("every quarter")
        YEARLY = "FREQ=YEARLY", _("every year")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        AUTO = "auto", _("Completed automatically")
        CANCELLED = "cancelled", _("cancelled")

    card = models.ForeignKey(Card, models.CASCADE, related_name="tasks")
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind, default=Kind.TASK)
    title = models.CharField(_("What to do"), max_length=300)
    text = models.TextField(_("Details"), blank=True, max_length=10_000)
    owner = models.ForeignKey(
        "people.User", models.PROTECT, null=True, related_name="tasks", verbose_name=_("Executor")
    )
    participants = models.ManyToManyField("people.User", related_name="+", blank=True, verbose_name=_("Participants"))
    due_at = models.DateTimeField(_("Due"), null=True, blank=True)
    all_day = models.BooleanField(default=False, editable=False)
    duration = models.PositiveSmallIntegerField(
        _("Takes, minutes"), null=True, blank=True, validators=[MinValueValidator(5), MaxValueValidator(1440)]
    )
    place = models.CharField(_("Place"), max_length=200, blank=True)
    repeat = models.CharField(_("Repeat"), max_length=40, choices=Repeat, blank=True)
    repeat_until = models.DateField(_("Repeat until"), null=True, blank=True)
    repeat_from = models.DateField(null=True, editable=False)
    previous = models.OneToOneField("self", models.SET_NULL, null=True, related_name="following", editable=False)
    # The due moments that were told of when they came and once they had passed: another date is told of anew.
    due_told = models.DateTimeField(null=True, editable=False)
    late_told = models.DateTimeField(null=True, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN, editable=False)
    done_at = models.DateTimeField(null=True, editable=False)
    done_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+", editable=False)
    result = models.TextField(_("Result"), blank=True, max_length=10_000)
    author = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+", editable=False)
    rule = models.CharField(max_length=60, blank=True, editable=False)
    entry = models.PositiveIntegerField(default=1, editable=False)
    # G4: asked by the stage, so no longer asked once the card has left it.
    closes_on_leave = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["card", "state", "due_at"], name="task_card"),
            models.Index(fields=["owner", "state", "due_at"], name="task_owner"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["card", "rule", "entry", "owner"], condition=~models.Q(rule=""), name="task_once_per_entry",
                nulls_distinct=False,
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.title

    @property
    def is_open(self):
        return self.state == self.State.OPEN

    @property
    def is_decision(self):
        """Whether it is given or refused by buttons of its own, never ticked off or moved on the card."""
        return self.rule == DECISION

    @property
    def is_late(self):
        return self.is_open and self.due_at is not None and self.due_at < timezone.now()

    @property
    def meets_client(self):
        """Whether doing it is a contact with the client (R-216)."""
        return self.kind in CLIENT_KINDS and self.card.pipeline != "expenses"

    def twin_of(self, user):
        """Whether the same rule has set this for that person too: of several who are asked each has one."""
        same = Task.objects.filter(card_id=self.card_id, rule=self.rule, entry=self.entry, owner=user)
        return bool(self.rule and user) and same.exclude(pk=self.pk).exists()

    @property
    def progress(self):
        """Checklist items done and all, from one fetch."""
        items = list(self.checks.all())
        return sum(item.done for item in items), len(items)


class CheckItem(models.Model):
    """One line of a task's checklist."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="checks")
    text = models.CharField(max_length=300)
    done = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self):
        return self.text


class Reminder(models.Model):
    """One reminder of a task, ``minutes`` before it; ``at`` (aware) is kept with the task's time, and sent once (R-013)."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="reminders")
    minutes = models.PositiveIntegerField()
    at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["minutes"]
        indexes = [models.Index(fields=["at"], condition=Q(sent_at=None), name="reminder_due")]
        constraints = [models.UniqueConstraint(fields=["task", "minutes"], name="reminder_once")]

    def __str__(self):
        return f"−{self.minutes} min, task {self.task_id}"


class Comment(models.Model):
    """What somebody said about a task."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="comments")
    author = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    text = models.TextField(max_length=10_000)
    key = models.UUIDField(null=True, unique=True, editable=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self):
        return self.text[:80]


class FeedKey(models.Model):
    """The secret of a person's calendar address; only its SHA-256 is kept, so that nobody reads it here (D.9.3)."""

    user = models.OneToOneField("people.User", models.CASCADE, related_name="feed_key")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"calendar of {self.user_id}"

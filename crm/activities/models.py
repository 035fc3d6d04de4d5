"""Tasks: what has to be done about a card, by whom and until when, with a checklist and those who follow it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.models import Card


class TaskQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Tasks of cards this person sees; a task has no rights of its own."""
        return self.filter(card__in=Card.objects.visible_to(user))

    def workable_by(self, user):
        """Tasks of cards this person may work on: seeing a card is not doing its tasks."""
        return self.filter(card__in=Card.objects.workable_by(user))

    def open(self):
        return self.filter(state=Task.State.OPEN)


class Task(models.Model):
    """One thing to do until ``due_at`` (aware); a robot's task names its ``rule`` and exists once per stage entry."""

    class Kind(models.TextChoices):
        TASK = "task", _("task")
        CALL = "call", _("call")
        LETTER = "letter", _("letter")
        MEETING = "meeting", _("meeting")

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
    participants = models.ManyToManyField("people.User", related_name="+", blank=True)
    due_at = models.DateTimeField(_("Due"))
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
    def is_late(self):
        return self.is_open and self.due_at < timezone.now()

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

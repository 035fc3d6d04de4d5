"""What oversight remembers: violations of the processes from when to when, and what an executive has put off."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.models import Card


class ViolationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Violations of cards this person sees; one has no rights of its own."""
        return self.filter(card__in=Card.objects.visible_to(user))

    def open(self):
        return self.filter(resolved_at=None)


class Violation(models.Model):
    """One departure of a card from its process, ``since`` (aware) it was one; the register is never rewritten (R-011)."""

    class Kind(models.TextChoices):
        FIRST_STAGE = "first-stage", _("First stage not emptied")
        NO_STEP = "no-step", _("No next step")
        OVERDUE = "overdue", _("Activity overdue")
        NO_REACTION = "no-reaction", _("No reaction to the client")
        STUCK = "stuck", _("Stuck in the stage")
        RHYTHM = "rhythm", _("Rhythm of reminding missed")
        EXPENSE_LATE = "expense-late", _("Expense past its date")
        APPROVAL = "approval", _("Approval is waiting")

    kind = models.CharField(_("Violation"), max_length=20, choices=Kind)
    card = models.ForeignKey(Card, models.CASCADE, related_name="violations")
    # Who answered for the card when it began; the card's owner of today may be somebody else.
    person = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="violations")
    since = models.DateTimeField(_("Since"))
    found_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(_("Resolved"), null=True)
    resolved_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    objects = ViolationQuerySet.as_manager()

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["card", "kind"], condition=Q(resolved_at=None), name="violation_once"),
        ]
        indexes = [models.Index(fields=["kind", "since"], name="violation_kind")]

    def __str__(self):
        return f"{self.kind} {self.card_id}"


class Question(models.Model):
    """An executive's «Что по клиенту?» to whoever answers for a card: said in its chat, kept as a task until answered (R-017)."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="questions")
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    task = models.OneToOneField("activities.Task", models.CASCADE, related_name="question")
    at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["card"], condition=Q(answered_at=None), name="question_open")]

    def __str__(self):
        return f"{self.by_id} about {self.card_id}"


class Snooze(models.Model):
    """«Отложить на …»: what one executive does not want to be shown about a card before ``until`` (aware)."""

    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    card = models.ForeignKey(Card, models.CASCADE, related_name="snoozes")
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "card"], name="snooze_once")]

    def __str__(self):
        return f"{self.card_id} until {self.until:%d.%m}"


class Digest(models.Model):
    """The day's digest of one person; the row is written once, so it is sent once or, being empty, not at all (D.8)."""

    user = models.ForeignKey("people.User", models.CASCADE, related_name="digests")
    date = models.DateField()
    empty = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "date"], name="digest_once")]

    def __str__(self):
        return f"{self.date} → {self.user_id}"

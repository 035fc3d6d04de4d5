"""Calls between colleagues about one card, and who was in them, when (R-120, R-121, R-510)."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.models import Card


class CallQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(card__in=Card.objects.visible_to(user))

    def workable_by(self, user):
        return self.visible_to(user)

    def open(self):
        return self.filter(ended_at=None)


class Call(models.Model):
    """One call about a card; its members are those who see the card. A card has at most one open call."""

    class Kind(models.TextChoices):
        VIDEO = "video", _("Video call")
        AUDIO = "audio", _("Audio call")

    card = models.ForeignKey(Card, models.CASCADE, related_name="calls")
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["card"], condition=Q(ended_at=None), name="call_open_once")]

    def __str__(self):
        return f"{self.kind} call about {self.card_id}"


class Participant(models.Model):
    """A person who was called, or came; ``at`` is when the state began, ``seen_at`` when their page last told it is there.

    ``session`` names the one page of theirs that is in the call: a person talks in one place at a time.
    """

    class State(models.TextChoices):
        RINGING = "ringing", _("is being called")
        JOINED = "joined", _("in the call")
        DECLINED = "declined", _("declined")
        BUSY = "busy", _("in another call")
        MISSED = "missed", _("did not answer")
        LEFT = "left", _("left")

    call = models.ForeignKey(Call, models.CASCADE, related_name="participants")
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State)
    at = models.DateTimeField(default=timezone.now)
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    session = models.UUIDField(null=True)

    class Meta:
        ordering = ["joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["call", "user"], name="participant_once"),
            # A person talks in one call at a time.
            models.UniqueConstraint(fields=["user"], condition=Q(state="joined"), name="participant_in_one"),
        ]

    def __str__(self):
        return f"{self.user_id} {self.state} in {self.call_id}"

"""Notices for people, and the outbox: rows of what has to leave the database, delivered after commit."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from crm.cards.models import Card


class NoticeQuerySet(models.QuerySet):
    def of(self, user):
        """Notices this person may read now: their own, of cards still seen, once the undo window is over."""
        seen = Card.objects.visible_to(user)
        return self.filter(user=user, at__lte=timezone.now()).filter(Q(card=None) | Q(card__in=seen))

    def unread(self):
        return self.filter(read_at=None)


class Notice(models.Model):
    """One thing a person should know; worded when read, in the reader's language and with the reader's rights (R-514)."""

    user = models.ForeignKey("people.User", models.CASCADE, related_name="notices")
    card = models.ForeignKey(Card, models.CASCADE, null=True, related_name="notices")
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    # The stage entry that caused it: undo takes it back with the move.
    entry = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("user", models.F("at").desc(), name="notice_user")]

    def __str__(self):
        return f"{self.kind} → {self.user_id}"


class Outbox(models.Model):
    """One thing that leaves the database (a letter, a hint), written with the change that causes it, delivered later."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    run_after = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["run_after"], condition=Q(done_at=None, dead_at=None), name="outbox_due"),
        ]

    def __str__(self):
        return self.key

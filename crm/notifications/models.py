"""Notices for people, and the outbox: rows of what has to leave the database, delivered after commit."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from crm.cards.models import Card


class NoticeQuerySet(models.QuerySet):
    def of(self, user, now=None):
        """What the bell shows this person now: notices they may read and did not mute."""
        return self.meant_for(user, now).filter(in_app=True)

    def meant_for(self, user, now=None):
        """Notices this person may read now: their own, of cards still seen, once the undo window is over."""
        seen = Card.objects.visible_to(user)
        told = self.filter(user=user, at__lte=now or timezone.now())
        if not seen.query.where:  # nothing is hidden: asking would read every card of the company
            return told
        return told.filter(Q(card=None) | Exists(seen.filter(pk=OuterRef("card"))))

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
    # Muted kinds stay out of the bell and may still be told outside.
    in_app = models.BooleanField(default=True, db_default=True)
    # Whether it has yet to be told outside the CRM: by mail, push or messenger.
    untold = models.BooleanField(default=False, db_default=False)
    # What the clock tells is told once: the slot it belongs to, with the person's own id.
    key = models.CharField(max_length=120, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("user", models.F("at").desc(), name="notice_user"),
            models.Index(fields=["user"], condition=Q(untold=True), name="notice_untold"),
        ]
        constraints = [models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="notice_once")]

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
            models.Index(fields=["dead_at"], condition=Q(dead_at__isnull=False), name="outbox_dead"),
        ]

    def __str__(self):
        return self.key


class Preferences(models.Model):
    """How a person wants to hear of things outside the page they look at (R-012, R-514)."""

    user = models.OneToOneField("people.User", models.CASCADE, primary_key=True, related_name="+")
    # {group: [channels]}; a group that is not named goes the way it goes by default.
    channels = models.JSONField(default=dict)
    # Hours of the company's zone in which nothing is sent; both or none.
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    quiet_days_off = models.BooleanField(default=False)

    def __str__(self):
        return str(self.user_id)


class PushDevice(models.Model):
    """A browser that asked to be told: where its push service takes messages, and the keys they are sealed with."""

    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=200)
    auth = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.name


class TelegramLink(models.Model):
    """A person's Telegram chat with the company's bot; while there is no chat, the one-time code that opens it."""

    user = models.OneToOneField("people.User", models.CASCADE, primary_key=True, related_name="+")
    code = models.CharField(max_length=40, blank=True, db_index=True)
    code_at = models.DateTimeField(null=True)
    chat = models.BigIntegerField(null=True, unique=True)

    def __str__(self):
        return str(self.user_id)

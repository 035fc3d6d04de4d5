"""A chat for each lead and deal: messages numbered without gaps, and how far each person has read."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from crm.cards.models import Card


class RoomQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(card__in=Card.objects.visible_to(user))

    def workable_by(self, user):
        return self.visible_to(user)


class Room(models.Model):
    """The chat of one card; its members are those who see the card (R-248)."""

    card = models.OneToOneField(Card, models.CASCADE, related_name="room")
    last_seq = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RoomQuerySet.as_manager()

    def __str__(self):
        return f"room of {self.card_id}"


class Message(models.Model):
    """One message; ``seq`` is its number in the room, ``author`` None the system."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    author = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    text = models.TextField(max_length=10_000)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    key = models.UUIDField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="message_number"),
            models.UniqueConstraint(fields=["room", "author", "key"], name="message_once"),
        ]

    def __str__(self):
        return self.text[:60]


class Reading(models.Model):
    """How far a person has read a room."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="readings")
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    seq = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="reading_once")]

    def __str__(self):
        return f"{self.user_id} read {self.room_id} to {self.seq}"

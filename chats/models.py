"""A chat for each lead and deal: messages numbered without gaps, what became of them, how far each person has read."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorExact
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Replace, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.cards.models import Card
from crm.cards.words import RUSSIAN, forms, meeting


class RoomQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(card__in=Card.objects.visible_to(user))

    def workable_by(self, user):
        return self.visible_to(user)


class Room(models.Model):
    """The chat of one card; its members are those who see the card (R-248).

    ``last_seq`` numbers its messages, ``last_change`` whatever happens to them; both grow under this row's lock.
    """

    card = models.OneToOneField(Card, models.CASCADE, related_name="room")
    last_seq = models.PositiveIntegerField(default=0)
    last_change = models.PositiveIntegerField(default=0)
    said_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RoomQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(models.F("said_at").desc(), name="room_said")]

    def __str__(self):
        return f"room of {self.card_id}"


def stems():
    """The message's words in their Russian stems, as the index has them; ё equals е."""
    text = Replace(
        Replace("text", Value("ё"), Value("е"), output_field=models.TextField()),
        Value("Ё"), Value("Е"), output_field=models.TextField(),
    )  # fmt: skip
    return SearchVector(text, config=RUSSIAN)


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(room__card__in=Card.objects.visible_to(user))

    def workable_by(self, user):
        """Messages this person may change: their own, while they see the card."""
        return self.visible_to(user).filter(author_id=user.pk)

    def matching(self, text):
        """Messages that have these words in any form, or the text as a part of a word (R-509)."""
        ways = [Q(text__icontains=text)]
        if asked := forms(text):
            ways.append(Q(SearchVectorExact(stems(), asked)))
        return meeting(self, ways)


class Message(models.Model):
    """One message; ``seq`` is its number in the room, ``author`` None the system, ``change`` the last it went through."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    change = models.PositiveIntegerField(default=0)
    author = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    text = models.TextField(max_length=10_000)
    reply = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    key = models.UUIDField(null=True)
    at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["seq"]
        indexes = [
            models.Index("room", "change", name="message_change"),
            models.Index("author", "at", name="message_author"),
            GinIndex(stems(), name="message_stems"),
            GinIndex(OpClass(Upper("text"), name="gin_trgm_ops"), name="message_trigrams"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="message_number"),
            models.UniqueConstraint(fields=["room", "author", "key"], name="message_once"),
        ]

    def __str__(self):
        return self.text[:60]


class Wording(models.Model):
    """What a message said before it was edited or deleted; shown to executives."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="wordings")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.text[:60]


class Reaction(models.Model):
    """A colleague's mark on a message, instead of words."""

    class Mark(models.TextChoices):
        AGREED = "agreed", _("Agreed")
        THANKS = "thanks", _("Thank you")
        DONE = "done", _("Is done")
        LOOKING = "looking", _("I am looking")
        URGENT = "urgent", _("Urgent")

    message = models.ForeignKey(Message, models.CASCADE, related_name="reactions")
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    mark = models.CharField(max_length=10, choices=Mark)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user", "mark"], name="reaction_once")]

    def __str__(self):
        return f"{self.mark} of {self.user_id}"


class Reading(models.Model):
    """How far a person has read a room."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="readings")
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    seq = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="reading_once")]

    def __str__(self):
        return f"{self.user_id} read {self.room_id} to {self.seq}"

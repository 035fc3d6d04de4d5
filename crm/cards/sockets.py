"""The socket of one card's page."""

from crm.sockets import DoorSocket

from .models import Card


class CardSocket(DoorSocket):
    @classmethod
    def visible(cls, user):
        return Card.objects.visible_to(user)

    def group_name(self):
        return f"card.{self.pk}"

"""A chat comes with each lead and deal, and opens with what matters about it (R-119, R-248)."""

from django.conf import settings

from crm.boards.columns import unread_by
from crm.cards.models import Card
from crm.jinja import roubles
from crm.pipelines.declare import of
from crm.pipelines.robots import on_create

from .models import Message, Room
from .verbs import unread


def first_message(card):
    """Title, stage, client, source, responsible, money and the card's address, in the company's language."""
    process = of(card)
    lines = [
        f"{card.number} «{card.title}»",
        f"{process.label}: {process.stages[card.stage].label}",
        card.client_name and f"Клиент: {card.client_name}",
        getattr(card, "decision_maker_phone", "") and f"ЛПР: {card.decision_maker} {card.decision_maker_phone}",
        card.source and f"Источник: {card.get_source_display()}{reference(card)}",
        f"Ответственный: {card.owner}" if card.owner else "",
        f"Бюджет: {roubles(card.amount)}" if card.amount is not None else "",
        settings.SITE_URL + card.get_absolute_url(),
    ]
    return "\n".join(filter(None, lines))


def reference(card):
    return {True: " (можно ссылаться)", False: " (ссылаться нельзя)"}.get(card.may_refer, "")


@on_create("leads", "attraction", "reminder", "project")
def open_room(card, event):
    room = Room.objects.create(card_id=card.pk, last_seq=1)
    Message.objects.create(room=room, seq=1, text=first_message(card))
    Card.objects.filter(pk=card.pk).update(message_count=1)


unread_by(unread)

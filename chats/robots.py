"""A chat comes with each lead and deal, and opens with what matters about it (R-119, R-248)."""

from django.conf import settings
from django.urls import reverse

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
        contact(card),
        getattr(card, "decision_maker_phone", "") and f"ЛПР: {card.decision_maker} {card.decision_maker_phone}",
        card.source and f"Источник: {card.get_source_display()}{reference(card)}",
        f"Ответственный: {card.owner}" if card.owner else "",
        f"Бюджет: {roubles(card.amount)}" if card.amount is not None else "",
        settings.SITE_URL + card.get_absolute_url(),
        f"Файлы: {settings.SITE_URL}{reverse('files:of_card', args=[card.pk])}",
    ]
    return "\n".join(filter(None, lines))


def contact(card):
    """Whom to call, and at which number; a lead has them itself before there is a contact."""
    if card.contact_id is None:
        phone = getattr(card, "phone", "")
        return phone and f"Телефон: {phone}"
    phone = next((phone.written for phone in card.contact.phones), "")
    return f"Контакт: {card.contact} {phone}".strip() if card.company_id or phone else ""


def reference(card):
    return {True: " (можно ссылаться)", False: " (ссылаться нельзя)"}.get(card.may_refer, "")


@on_create("leads", "attraction", "reminder", "project")
def open_room(card, event):
    room = Room.objects.create(card_id=card.pk, last_seq=1)
    Message.objects.create(room=room, seq=1, text=first_message(card))
    Card.objects.filter(pk=card.pk).update(message_count=1)


unread_by(unread)

"""A chat comes with each lead and deal, and opens with what matters about it (R-119, R-248)."""

from django.conf import settings
from django.urls import reverse

from crm.boards.columns import unread_by
from crm.cards.access import LEADS
from crm.cards.models import Card
from crm.jinja import day, roubles
from crm.office.calendar import company_zone
from crm.pipelines.declare import of
from crm.pipelines.robots import on_create

from .body import gist
from .models import Message, Room
from .verbs import unread

CARRIED = 20  # messages of a lead that its deal begins with


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


def talk_of_lead(pk):
    """The latest that people said about the lead a deal came from, with its address, or nothing (R-112)."""
    said = Message.objects.filter(room__card_id=pk, room__card__pipeline=LEADS, deleted_at=None).exclude(author=None)
    latest = list(said.select_related("author", "room__card").order_by("-seq")[:CARRIED])[::-1]
    if not latest:
        return ""
    lead = latest[0].room.card
    moments = [one.at.astimezone(company_zone()) for one in latest]
    lines = [f"{one.author.name}, {day(at)}, {at:%H:%M}: {gist(one)}" for one, at in zip(latest, moments, strict=True)]
    return "\n".join([f"Из чата {lead.number} {settings.SITE_URL}{lead.get_absolute_url()}", *lines])


@on_create("leads", "attraction", "reminder", "project")
def open_room(card, event):
    carried = (cause := event.data.get("cause")) and talk_of_lead(cause)
    room = Room.objects.create(card_id=card.pk, last_seq=1)
    Message.objects.create(room=room, seq=1, text="\n\n".join(filter(None, [first_message(card), carried])))
    Card.objects.filter(pk=card.pk).update(message_count=1)


unread_by(unread)

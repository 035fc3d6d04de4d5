"""How the client of a card is reached, and whether the source may be named there: for many cards in few statements."""

from collections import defaultdict, namedtuple

from django.db.models import Q

from crm.cards.models import kind_of
from crm.clients.models import Channel
from crm.office.catalogues import name_of

Reach = namedtuple("Reach", "person phone dial mail may_refer source")
NOBODY = Reach("", "", "", "", None, "")
OWN = ("may_refer", "source", "source_note", "phone", "email", "person", "firm")


def reach(cards) -> dict[int, Reach]:
    """{card id: Reach} of cards this person sees; a contact's channel before its company's, a lead's own words last."""
    phones, mails = _channels(cards)
    own = _own_fields(cards)
    return {card.pk: _one(card, own.get(card.pk, {}), phones, mails) for card in cards}


def _one(card, own, phones, mails):
    keys = [("contact", card.contact_id), ("company", card.company_id)]
    phone = next((phones[key] for key in keys if key in phones), None)
    mail = next((mails[key].value for key in keys if key in mails), own.get("email") or "")
    dial = phone.value if phone else own.get("phone") or ""
    person = card.contact.name if card.contact else own.get("person") or ""
    source = ": ".join(filter(None, [name_of("source", own.get("source") or ""), own.get("source_note")]))
    return Reach(person, phone.written if phone else dial, dial.replace(" ", ""), mail, own.get("may_refer"), source)


def _channels(cards):
    contacts = {card.contact_id for card in cards} - {None}
    companies = {card.company_id for card in cards} - {None}
    phones, mails = {}, {}
    for channel in Channel.objects.filter(Q(contact__in=contacts) | Q(company__in=companies)).order_by("-id"):
        key = ("contact", channel.contact_id) if channel.contact_id else ("company", channel.company_id)
        (phones if channel.kind == Channel.Kind.PHONE else mails)[key] = channel
    return phones, mails


def _own_fields(cards):
    """What leads and deals say themselves, one statement for each kind of row."""
    tables = defaultdict(list)
    for card in cards:
        tables[kind_of(card.pipeline)._meta.concrete_model].append(card.pk)
    found = {}
    for model, ids in tables.items():
        names = [field.name for field in model._meta.fields if field.name in OWN]
        if "may_refer" in names:
            found |= {row.pop("pk"): row for row in model.objects.filter(pk__in=ids).values("pk", *names)}
    return found

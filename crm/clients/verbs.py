"""What is done with clients: found by phone, mail or INN, made from what a lead knows, warned of as duplicates."""

from contextlib import suppress

from django.db.models import F, Q

from crm.cards.verbs import one_at_a_time
from crm.office.models import office

from .models import Channel, ClientKind, Company, Contact
from .phones import normalise_email, normalise_phone

# So short a name is like too many others.
FEWEST_LETTERS = 4


_paid_by_others = []


def on_requisites(func):
    """Register ``func(company, before, by)``, run inside the transaction after what a company is paid by changed (R-309)."""
    _paid_by_others.append(func)
    return func


def tell_requisites(company, before, by):
    for follow in _paid_by_others:
        follow(company, before, by)


def values_of(phone="", email=""):
    """Normalised channel values of what was typed; what cannot be read is left out."""
    values = []
    if phone:
        with suppress(ValueError):
            values.append(normalise_phone(phone).e164)
    if email:
        with suppress(ValueError):
            values.append(normalise_email(email))
    return values


def known_contact(phone="", email="", owner=None):
    """The contact with this phone or mail that the owner may see, or None; nobody else's is ever matched (G9)."""
    values = values_of(phone, email)
    if not values or owner is None:
        return None
    return (
        Contact.objects.visible_to(owner)
        .filter(channels__value__in=values)
        .select_related("company")
        .order_by("pk")
        .first()
    )


def duplicates(user, phones=(), emails=(), inn="", name="", but=None):
    """Clients that already have one of these: (client or None, words). An unseen one shows at most who answers (G9, R-015).

    Of those who are seen a part of the name is enough; whoever is not seen is told of by the whole name alone.
    """
    values = [v for p in phones for v in values_of(phone=p)] + [v for m in emails for v in values_of(email=m)]
    found = []
    for model in (Company, Contact):
        same = Q(channels__value__in=values) if values else Q(pk__in=[])
        if inn and model is Company:
            same |= Q(inn=inn)
        if len(name) >= FEWEST_LETTERS:
            like = model.objects.visible_to(user).matching(name).order_by("pk").values("pk")[:5]
            same |= Q(name__iexact=name) | Q(pk__in=like)
        rows = model.objects.filter(same).select_related("owner").distinct().order_by("pk")[:5]
        seen = set(model.objects.visible_to(user).filter(pk__in=[r.pk for r in rows]).values_list("pk", flat=True))
        for row in rows:
            if but is not None and type(but) is model and row.pk == but.pk:
                continue
            owner = row.owner.name if row.owner and office().names_duplicate_owner else ""
            found.append((row if row.pk in seen else None, owner))
    return found


def add_channels(client, phones=(), emails=()):
    """Add the phones and mails that the client does not have yet; returns the new ones."""
    have = set(client.channels.values_list("value", flat=True))
    side = {"company": client} if isinstance(client, Company) else {"contact": client}
    rows = {}
    for raw in phones:
        try:
            phone = normalise_phone(raw)
        except ValueError:
            continue
        rows[phone.e164] = Channel(
            kind=Channel.Kind.PHONE, value=phone.e164, extension=phone.extension or "", raw=raw[:254], **side
        )
    for raw in emails:
        for value in values_of(email=raw):
            rows[value] = Channel(kind=Channel.Kind.MAIL, value=value, raw=raw[:254], **side)
    made = Channel.objects.bulk_create([row for value, row in rows.items() if value not in have])
    if made:
        client.refresh_words()
    return made


def ensure_clients(lead, kind=None):
    """Put a contact and a company on the lead, matched among those its owner may see, or made (R-112, R-118).

    The contact gets the lead's phone and mail, and both of them the ``kind`` if one is given. Returns all that was
    changed, as ``unmake_clients`` takes it.
    """
    one_at_a_time(*(f"client {value}" for value in [*values_of(lead.phone, lead.email), lead.firm.lower()] if value))
    made, new = [], {"owner": lead.owner, "kind": kind or ClientKind.CLIENT}
    if lead.company is None and lead.firm:
        lead.company = Company.objects.visible_to(lead.owner).filter(name__iexact=lead.firm).first()
        if lead.company is None:
            lead.company = Company.objects.create(name=lead.firm, **new)
            lead.company.refresh_words()
            made.append(lead.company)
    channels = [[lead.phone] if lead.phone else [], [lead.email] if lead.email else []]
    if lead.contact is None and (lead.person or lead.phone or lead.email):
        lead.contact = known_contact(lead.phone, lead.email, lead.owner)
        if lead.contact is None:
            name = (lead.person or lead.phone or lead.email)[:200]
            lead.contact = Contact.objects.create(name=name, company=lead.company, **new)
            made.append(lead.contact)
    added = add_channels(lead.contact, *channels) if lead.contact and any(channels) else []
    if lead.contact in made and not added:
        lead.contact.refresh_words()
    if added and lead.contact not in made:
        Contact.objects.filter(pk=lead.contact.pk).update(version=F("version") + 1)
    kinds = [client for client in (lead.company, lead.contact) if kind and client and client.kind != kind]
    for client in kinds:
        type(client).objects.filter(pk=client.pk).update(kind=kind)
    return {
        "made": [[client._meta.model_name, client.pk] for client in made],
        "channels": [channel.pk for channel in added],
        "kinds": [[client._meta.model_name, client.pk, client.kind] for client in kinds],
    }


def unmake_clients(done):
    """Take back what ``ensure_clients`` did, but for clients that somebody has edited or used since."""
    kinds = {"company": Company, "contact": Contact}
    channels = Channel.objects.filter(pk__in=done["channels"]).select_related("contact")
    touched = {channel.contact for channel in channels}
    channels.delete()
    for name, pk, kind in done["kinds"]:
        kinds[name].objects.filter(pk=pk).update(kind=kind)
    for name, pk in reversed(done["made"]):  # the contact first, as it names the company
        idle = kinds[name].objects.filter(pk=pk, version=1, cards=None)
        (idle.filter(contacts=None) if name == "company" else idle).delete()
    for contact in Contact.objects.filter(pk__in=[contact.pk for contact in touched]):
        contact.refresh_words()

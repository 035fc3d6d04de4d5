"""What is done with clients: found by phone, mail or INN, made from what a lead knows, warned of as duplicates."""

from contextlib import suppress

from django.db.models import Q

from crm.office.models import office

from .models import Channel, ClientKind, Company, Contact
from .phones import normalise_email, normalise_phone

# So short a name is like too many others.
FEWEST_LETTERS = 4


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
    """Add phones and mails the client does not have yet."""
    have = set(client.channels.values_list("value", flat=True))
    side = {"company": client} if isinstance(client, Company) else {"contact": client}
    rows = []
    for raw in phones:
        try:
            phone = normalise_phone(raw)
        except ValueError:
            continue
        if phone.e164 not in have:
            rows.append(
                Channel(
                    kind=Channel.Kind.PHONE, value=phone.e164, extension=phone.extension or "", raw=raw[:254], **side
                )
            )
    rows += [
        Channel(kind=Channel.Kind.MAIL, value=value, raw=raw[:254], **side)
        for raw in emails
        for value in values_of(email=raw)
        if value not in have
    ]
    Channel.objects.bulk_create(rows)
    client.refresh_words()


def ensure_clients(lead, kind=None):
    """Put a contact and a company on the lead: matched among those its owner may see, or made (R-118)."""
    made = []
    if lead.company is None and lead.firm:
        lead.company = Company.objects.visible_to(lead.owner).filter(name__iexact=lead.firm).first()
        if lead.company is None:
            lead.company = Company.objects.create(name=lead.firm, owner=lead.owner, kind=kind or ClientKind.CLIENT)
            lead.company.refresh_words()
            made.append(lead.company)
    if lead.contact is None and (lead.person or lead.phone or lead.email):
        lead.contact = known_contact(lead.phone, lead.email, lead.owner)
        if lead.contact is None:
            lead.contact = Contact.objects.create(
                name=(lead.person or lead.phone or lead.email)[:200],
                owner=lead.owner,
                company=lead.company,
                kind=kind or ClientKind.CLIENT,
            )
            add_channels(lead.contact, [lead.phone] if lead.phone else [], [lead.email] if lead.email else [])
        made.append(lead.contact)
    if kind:
        for client in filter(None, (lead.company, lead.contact)):
            type(client).objects.filter(pk=client.pk).update(kind=kind)
    return made or ([lead] if kind else [])

"""«Список исключений»: who makes no more leads, and the journal of what was not let in (R-117)."""

from django.db import transaction

from crm.clients.models import Channel as ClientChannel
from crm.clients.phones import normalise_email, normalise_phone

from .models import Channel, Exclusion, IntakeRecord

FREE_MAIL = {
    "mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru", "yandex.ru", "ya.ru", "gmail.com", "rambler.ru",
    "outlook.com", "hotmail.com", "icloud.com", "vk.com", "yahoo.com",
}  # fmt: skip


def addresses(phone="", email=""):
    """(kind, normalised value) of a phone and a mail address as typed; what cannot be read is left out."""
    found = []
    if phone:
        try:
            found.append((Exclusion.Kind.PHONE, normalise_phone(phone).e164))
        except ValueError:
            pass
    if email:
        found.append((Exclusion.Kind.MAIL, normalise_email(email)))
    return found


def excluded(phone="", email=""):
    """The exclusion that keeps this sender out, or None."""
    for kind, value in addresses(phone, email):
        match = Exclusion.objects.filter(kind=kind, value=value).first()
        if match is None and kind == Exclusion.Kind.MAIL:
            match = Exclusion.objects.filter(kind=Exclusion.Kind.DOMAIN, value=value.rpartition("@")[2]).first()
        if match is not None:
            return match
    return None


def is_client(kind, value):
    """Whether the address belongs to a client we know; such a one is never excluded."""
    return ClientChannel.objects.filter(value=value).exists()


def exclude(lead, by):
    """Put the lead's phone and mail on the list; returns the new rows' ids. Addresses of clients are refused and journalled."""
    made = []
    for kind, value in addresses(lead.phone, lead.email):
        if is_client(kind, value):
            journal(lead.channel, value, IntakeRecord.Outcome.REFUSED, lead=lead, by=by)
            continue
        row, created = Exclusion.objects.get_or_create(kind=kind, value=value, defaults={"lead_id": lead.pk, "by": by})
        if created:
            made.append(row.pk)
    return made


@transaction.atomic
def restore(exclusion, by):
    """Take an address off the list, so that it makes leads again."""
    journal(Channel.MANUAL, exclusion.value, IntakeRecord.Outcome.RESTORED, by=by)
    exclusion.delete()


def journal(channel, sender, outcome, lead=None, text="", by=None):
    return IntakeRecord.objects.create(
        channel=channel, sender=sender[:254], outcome=outcome, lead_id=lead.pk if lead else None, text=text[:500], by=by
    )

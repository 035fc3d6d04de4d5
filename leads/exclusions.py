"""«Список исключений»: who makes no more leads, and what may not be put on it (R-117)."""

from contextlib import suppress
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from crm.clients.models import Channel as ClientChannel
from crm.clients.phones import normalise_email, normalise_phone
from crm.people.models import User

from .models import Channel, Exclusion, IntakeRecord

Kind = Exclusion.Kind
FREE_MAIL = {
    "mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru", "xmail.ru", "yandex.ru", "yandex.com", "ya.ru",
    "narod.ru", "gmail.com", "googlemail.com", "rambler.ru", "lenta.ru", "outlook.com", "hotmail.com", "live.com",
    "icloud.com", "me.com", "vk.com", "yahoo.com", "proton.me", "protonmail.com",
}  # fmt: skip


class NotExcluded(Exception):
    """The address is not put on the list; the text says why, in the reader's language."""


def addresses(phone="", email=""):
    """(kind, normalised value) of a phone and a mail address as typed; what cannot be read is left out."""
    found = []
    with suppress(ValueError):
        found.append((Kind.PHONE, normalise_phone(phone).e164))
    with suppress(ValueError):
        found.append((Kind.MAIL, normalise_email(email)))
    return found


def domain_of(address):
    return address.rpartition("@")[2]


def keepers(pairs):
    """{(kind, value): Exclusion} for those of these addresses that the list keeps out, in one statement."""
    pairs = list(pairs)
    wanted = {value for _kind, value in pairs} | {domain_of(value) for kind, value in pairs if kind == Kind.MAIL}
    rows = {(row.kind, row.value): row for row in Exclusion.objects.filter(value__in=wanted)} if wanted else {}
    found = {}
    for kind, value in pairs:
        row = rows.get((kind, value)) or (rows.get((Kind.DOMAIN, domain_of(value))) if kind == Kind.MAIL else None)
        if row is not None:
            found[kind, value] = row
    return found


def excluded(phone="", email=""):
    """The exclusion that keeps this sender out, or None."""
    return next(iter(keepers(addresses(phone, email)).values()), None)


def read_address(text):
    """(kind, value) of a phone, a mail address or a mail domain as typed. Raises ValueError with what to do."""
    text = text.strip()
    if "@" in text.lstrip("@"):
        return Kind.MAIL, normalise_email(text)
    if any(letter.isalpha() for letter in text):
        with suppress(ValueError):
            return Kind.DOMAIN, domain_of(normalise_email(f"post@{text.lstrip('@')}"))
        raise ValueError(_("Enter a phone, a mail address or a mail domain such as example.ru."))
    return Kind.PHONE, normalise_phone(text).e164


def own_domains():
    """Mail domains of the company itself: of its people and of the address it writes from."""
    mails = [*User.objects.active().values_list("email", flat=True), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]]
    return {domain_of(mail).lower() for mail in mails} - FREE_MAIL


def is_client(kind, value):
    """Whether the address belongs to a client we know; a domain does when one of its addresses does."""
    if kind == Kind.DOMAIN:
        return ClientChannel.objects.filter(kind=ClientChannel.Kind.MAIL, value__endswith=f"@{value}").exists()
    return ClientChannel.objects.filter(value=value).exists()


def objection(kind, value):
    """Why this address must not be on the list, in words; empty when it may (R-117)."""
    if kind == Kind.DOMAIN and value in FREE_MAIL:
        return _("%(value)s gives mail to everybody: exclude single addresses of it.") % {"value": value}
    if kind != Kind.PHONE and domain_of(value) in own_domains():
        return _("%(value)s is your own company.") % {"value": value}
    if is_client(kind, value):
        if kind == Kind.DOMAIN:
            return _("Existing clients write from %(value)s: exclude single addresses of it.") % {"value": value}
        return _("%(value)s belongs to an existing client.") % {"value": value}
    return ""


def add(kind, value, by, lead=None):
    """Put one address on the list; returns (row, whether it is new). Raises NotExcluded."""
    if words := objection(kind, value):
        raise NotExcluded(words)
    return Exclusion.objects.get_or_create(kind=kind, value=value, defaults={"lead_id": lead and lead.pk, "by": by})


def exclude(lead, by):
    """Put the lead's phone and mail on the list; returns (ids of new rows, why others were refused)."""
    made, refused = [], []
    for kind, value in addresses(lead.phone, lead.email):
        try:
            row, new = add(kind, value, by, lead)
        except NotExcluded as why:
            refused.append(str(why))
            journal(lead.channel, value, IntakeRecord.Outcome.REFUSED, lead=lead, text=str(why), by=by)
            continue
        if new:
            made.append(row.pk)
    return made, refused


@transaction.atomic
def restore(exclusion, by):
    """Take an address off the list, so that it makes leads again; twice is as good as once."""
    gone, _rows = Exclusion.objects.filter(pk=exclusion.pk).delete()
    if gone:
        journal(Channel.MANUAL, exclusion.value, IntakeRecord.Outcome.RESTORED, by=by)


def journal(channel, sender, outcome, lead=None, text="", by=None, said=None, key=None):
    """Write a line of the journal; the same ``key`` is written once."""
    row = line(channel, sender, outcome, lead, text, by, said, key)
    IntakeRecord.objects.bulk_create([row], ignore_conflicts=key is not None)
    return row


def line(channel, sender, outcome, lead=None, text="", by=None, said=None, key=None):
    """A line of the journal, not written yet."""
    return IntakeRecord(
        channel=channel, sender=sender[:254], outcome=outcome, lead_id=lead.pk if lead else None, text=text[:20_000],
        by=by, said=said or {}, key=key,
    )  # fmt: skip

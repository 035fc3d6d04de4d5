"""Phones and mail addresses as people type them, turned into the one form in which they are stored and compared."""

import re
from dataclasses import dataclass

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

FEWEST_DIGITS = 4
LONGEST_RAW = 60
# Ways to write an extension that phonenumbers knows only as «доб.».
EXTENSION = re.compile(r"(?i)\b(?:вн(?:утр(?:енний)?)?|добавочный)\b\.?")


@dataclass(frozen=True)
class Phone:
    """A number to dial (E.164), the extension to ask for there, and the text it was read from (R-504)."""

    e164: str
    extension: str
    raw: str

    def __str__(self) -> str:
        """As people write it: ``+7 812 123-45-67``, with «доб.» when there is an extension."""
        number = phonenumbers.parse(self.e164)
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        if not self.extension:
            return written
        return _("%(phone)s ext. %(extension)s") % {"phone": written, "extension": self.extension}


def normalise_phone(raw: str, region: str = "RU") -> Phone:
    """Read one phone: 8…, +7…, ten digits, any punctuation, an extension. Raises ValueError with what to do (R-504)."""
    raw = " ".join(raw.split())
    try:
        number = phonenumbers.parse(EXTENSION.sub("доб.", raw), region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or len(raw) > LONGEST_RAW or not phonenumbers.is_valid_number(number):
        raise ValueError(_("Enter one phone number, for example 8 912 345-67-89."))
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Phone(e164, number.extension or "", raw)


def phone_digits(query: str) -> str:
    """The digits that a stored number must contain to be found; empty when the query is no phone (R-504, R-507).

    The country code and the Russian 8 are dropped, because the stored number always has the one and never the other.
    """
    digits = re.sub(r"[^0-9]", "", query)
    if len(digits) < FEWEST_DIGITS or re.search(r"[^\W\d_]", query):
        return ""
    if len(digits) == 11 and digits[0] in "78":
        return digits[1:]
    return digits.removeprefix("7") if query.strip().startswith("+7") else digits


def normalise_email(raw: str) -> str:
    """A mail address in lower case, its domain in letters and not in punycode. Raises ValueError with what to do."""
    address = raw.strip().removeprefix("mailto:").strip("<> ").lower()
    name, _at, domain = address.rpartition("@")
    try:
        validate_email(address)
        return f"{name}@{domain.encode('idna').decode('idna')}"
    except (ValidationError, UnicodeError):
        raise ValueError(_("Enter a mail address, for example name@example.ru.")) from None

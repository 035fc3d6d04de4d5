"""Canaries: a unique token in every text and a unique prime in every sum, so that one seen anywhere says whose it was."""

import io
import re
import zipfile
from itertools import count

from django.db import models
from django.utils.html import strip_spaces_between_tags
from django_fsm import FSMField

from crm.cards.fields import CatalogueField, MoneyField

MASKS = (
    r"\b[A-Za-z0-9]{64}\b",  # CSRF tokens
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",  # forms' own keys
    r"nonce[-=]\S+",
)
CHANGING = {"Date", "Expires", "Last-Modified", "Set-Cookie", "Content-Length"}


def primes(start):
    """Primes from ``start`` on."""
    for n in count(start | 1, 2):
        if all(n % d for d in range(3, int(n**0.5) + 1, 2)):
            yield n


class Mint:
    """Makes canaries and remembers which group each belongs to; ``mark`` (two letters) begins every token."""

    def __init__(self, mark, start):
        self.mark, self.numbers, self.sums, self.group_of = mark, count(100), primes(start), {}

    def token(self, group):
        token = f"{self.mark}{next(self.numbers)}x"
        self.group_of[token] = group
        return token

    def money(self, group):
        value = next(self.sums)
        self.group_of[str(value)] = group
        return value

    def phone(self, group):
        """A number that can be dialled; found by its last seven digits."""
        last = 5_550_000 + next(self.numbers) + 1000 * sum(map(ord, self.mark))
        self.group_of[str(last)] = group
        return f"+7921{last}"

    def fill(self, model, group):
        """Values for every text and sum of a model that people may write."""
        values = {}
        for field in model._meta.concrete_fields:
            if not field.editable or field.choices or field.primary_key:
                continue
            if isinstance(field, (CatalogueField, FSMField)):
                continue
            if isinstance(field, MoneyField):
                values[field.name] = self.money(group)
            elif isinstance(field, models.EmailField):
                values[field.name] = f"{self.token(group)}@snag.example"
            elif "phone" in field.name:
                values[field.name] = self.phone(group)
            elif isinstance(field, (models.CharField, models.TextField)):
                values[field.name] = self.token(group)
        return values

    def found(self, text):
        """Canaries of this mint in a text, whatever their letters' case; a random key may hold what looks like one."""
        plain = re.sub(r"[\u2009\u00a0\u202f]|&(?:nbsp|thinsp|#8201|#160);", "", text)
        tokens = {t.lower() for t in re.findall(rf"(?<![a-z0-9]){self.mark}\d{{3}}x(?![a-z0-9])", plain, re.I)}
        return tokens | {known for known in self.group_of if known.isdigit() and known in plain}

    def groups(self, text):
        return {self.group_of.get(canary, canary) for canary in self.found(text)}


def body_of(response):
    """All that a response holds as text; a workbook or an archive is unpacked."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(name.encode() + b"\n" + archive.read(name) for name in archive.namelist())
    return content.decode("utf-8", "replace")


def plain(response):
    """Status, headers and body without what differs at every request, for comparing two answers."""
    headers = sorted((name, value) for name, value in response.headers.items() if name not in CHANGING)
    text = f"{response.status_code}\n{headers}\n{strip_spaces_between_tags(body_of(response))}"
    for mask in MASKS:
        text = re.sub(mask, "", text)
    return text

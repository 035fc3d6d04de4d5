"""Hints beside fields of cards: those that came with the product, and the company's own over them (R-212)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from .memory import remembered
from .models import FieldHint


@dataclass(frozen=True)
class Hinted:
    """A field of a card that tells what to write into it; ``field`` is unique over all cards."""

    field: str
    label: str | Promise
    text: str | Promise


hinted: dict[str, Hinted] = {}


def register(fields: Iterable[Hinted]) -> None:
    """Offer hints of these fields to be reworded in settings."""
    hinted.update({one.field: one for one in fields})


@remembered
def _own() -> dict[str, str]:
    return dict(FieldHint.objects.exclude(text="").values_list("field", "text"))


def hint(field: str) -> str:
    """What to write into a field, from memory. Raises KeyError for a field that was never registered."""
    return _own().get(field) or str(hinted[field].text)

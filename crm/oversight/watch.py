"""Keeps the register of violations true to the rows: what has begun is written down, what is over is closed (R-011)."""

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from crm.cards.models import Event

from .models import Violation
from .rules import RULES

AT_ONCE = 2000


def watch(now=None):
    """Compare every rule with the register; two at once or a late one write nothing twice. Returns how many began."""
    now = now or timezone.now()
    return sum(_compare(rule, now) for rule in RULES.values())


@transaction.atomic
def _compare(rule, now):
    # First what is known and then what is found: whatever happens between the two reads begins or ends a look later.
    # As two lists and not as one statement: rows by the ten thousand that are minutes old mislead the planner.
    over = set(Violation.objects.filter(kind=rule.kind).open().values_list("card_id", flat=True))
    begun = []
    for pk in rule.found(now).order_by().values_list("pk", flat=True).iterator(chunk_size=AT_ONCE):
        if pk in over:
            over.discard(pk)
        else:
            begun.append(pk)
    _end(rule.kind, sorted(over), now)
    return _begin(rule, sorted(begun), now)


def _begin(rule, cards, now):
    """In the order of ids, as whoever removes cards locks them."""
    count = 0
    for start in range(0, len(cards), AT_ONCE):
        found = rule.found(now).filter(pk__in=cards[start : start + AT_ONCE]).order_by("pk")
        rows = [
            Violation(kind=rule.kind, card_id=pk, person_id=owner, since=rule.since(base), found_at=now)
            for pk, owner, base in found.values_list("pk", "owner_id", "base")
        ]
        Violation.objects.bulk_create(rows, ignore_conflicts=True)
        count += len(rows)
    return count


def _end(kind, cards, now):
    """Closed by what happened to the card last, at that moment, not when we looked."""
    last = Event.objects.filter(card=OuterRef("card"), at__lte=now, at__gt=OuterRef("since")).order_by("-at", "-id")
    for start in range(0, len(cards), AT_ONCE):
        rows = Violation.objects.filter(kind=kind, card__in=cards[start : start + AT_ONCE]).open()
        rows.update(
            resolved_at=Greatest("since", Coalesce(Subquery(last.values("at")[:1]), now)),
            resolved_by=Subquery(last.values("actor")[:1]),
        )

"""Keeps the register of violations true to the rows: what has begun is written down, what is over is closed (R-011)."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
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
    found = rule.found(now).order_by()
    known = Violation.objects.filter(kind=rule.kind).open()
    over = known.filter(~Exists(found.filter(pk=OuterRef("card_id"))))
    last = Event.objects.filter(card=OuterRef("card"), at__lte=now).order_by("-at", "-id")
    over.update(
        # Closed by what happened to the card last, at that moment, not when we looked.
        resolved_at=Greatest("since", Coalesce(Subquery(last.filter(at__gt=OuterRef("since")).values("at")[:1]), now)),
        resolved_by=Subquery(last.filter(at__gt=OuterRef("since")).values("actor")[:1]),
    )
    new = found.filter(~Exists(known.filter(card_id=OuterRef("pk")))).values_list("pk", "owner_id", "base")
    rows = [
        Violation(kind=rule.kind, card_id=pk, person_id=owner, since=rule.since(base), found_at=now)
        for pk, owner, base in new.iterator(chunk_size=AT_ONCE)
    ]
    Violation.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    return len(rows)

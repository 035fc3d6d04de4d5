"""The way out of the database: rows are written with the change, a worker delivers them and marks them."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from .models import Outbox

log = logging.getLogger("crm.outbox")
MOST_TRIES = 12
_couriers = {}


def courier(kind):
    """Register ``func(payload, key)`` that delivers rows of this kind; raising means «try again later»."""

    def register(func):
        _couriers[kind] = func
        return func

    return register


def put(kind, key, payload, run_after=None):
    """Write a row inside the current transaction; the same key is written once."""
    return Outbox.objects.bulk_create(
        [Outbox(kind=kind, key=key, payload=payload, run_after=run_after or timezone.now())], ignore_conflicts=True
    )


def due(now):
    return Outbox.objects.filter(done_at=None, dead_at=None, run_after__lte=now).order_by("run_after", "id")


def drain(now=None, most=200):
    """Deliver what is due, one row per transaction, so that a broken row stops no other; returns how many."""
    delivered = 0
    for _turn in range(most):
        if not _deliver_next(now or timezone.now()):
            break
        delivered += 1
    return delivered


def _deliver_next(now):
    with transaction.atomic():
        row = due(now).select_for_update(skip_locked=True).first()
        if row is None:
            return False
        row.tries += 1
        try:
            _couriers[row.kind](row.payload, row.key)
        except Exception as error:
            log.warning("outbox %s: %s", row.pk, type(error).__name__)
            row.last_error = f"{type(error).__name__}: {error}"[:300]
            row.run_after = now + timedelta(seconds=min(2**row.tries, 3600))
            row.dead_at = now if row.tries >= MOST_TRIES else None
        else:
            row.done_at = now
        row.save()
        return True

"""What the system does to many cards, one by one: each in a transaction of its own, for no longer than a turn lasts."""

import logging
import time

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from .moves import Refused

log = logging.getLogger("crm.turns")
# A backlog is worked off over many turns, so that it delays nothing else that the clock has to do.
SECONDS = 0.8
AT_ONCE = 500


def for_each(rows, act) -> int:
    """Call ``act(row)`` for the rows of a queryset until the turn's seconds are over; returns for how many it did.

    They come in another order each time, so that rows which always fail never stand before the others. A row that
    somebody has moved or removed meanwhile is left, and so is one that fails, which is logged.
    """
    over, done = time.monotonic() + SECONDS, 0
    for row in rows.order_by("?")[:AT_ONCE]:
        if time.monotonic() > over:
            break
        try:
            with transaction.atomic():
                act(row)
            done += 1
        except (Refused, ObjectDoesNotExist):
            continue
        except Exception:
            log.exception("%s %s was left as it is", row._meta.label_lower, row.pk)
    return done

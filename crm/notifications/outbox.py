"""The way out of the database: rows are written with the change, a worker delivers them and marks them."""

import logging
from datetime import timedelta
from smtplib import SMTPResponseException

from django.db import connection, transaction
from django.utils import timezone

from .models import Outbox

log = logging.getLogger("crm.outbox")
MOST_TRIES = 12
# A row taken for sending is nobody else's for so long; after that its sender is taken for dead.
LEASE = timedelta(minutes=5)
KEPT = timedelta(days=30)
_couriers = {}
_outside = set()
_servers: dict = {}
_labels = {}


class Undeliverable(Exception):
    """It will never be taken, however often it is tried."""


class Later(Exception):
    """Not before the aware moment ``until``; this was no try."""

    def __init__(self, until):
        super().__init__(until)
        self.until = until


def courier(kind, outside=False, label="", by=None):
    """Register ``func(payload, key)`` that delivers rows of this kind; raising means «try again later».

    What a courier writes is committed with the mark on its row, exactly once. One that goes ``outside`` may wait for
    others, so it runs without a transaction: after a crash it may run again, and ``key`` names the same thing twice.
    ``by()`` says through which server it goes, and how that is set, for the log.
    """

    def register(func):
        _couriers[kind] = func
        _labels[kind] = label
        _servers[kind] = by
        if outside:
            _outside.add(kind)
        return func

    return register


def label_of(row):
    """What kind of thing it is, in the reader's language."""
    return _labels.get(row.kind) or row.kind


def put(kind, key, payload, run_after=None):
    """Write a row inside the current transaction; the same key is written once."""
    return put_all([(kind, key, payload, run_after)])


def put_all(rows):
    """Write (kind, key, payload, run_after) rows inside the current transaction, in one statement."""
    return Outbox.objects.bulk_create(
        [
            Outbox(kind=kind, key=key, payload=payload, run_after=at or timezone.now())
            for kind, key, payload, at in rows
        ],
        ignore_conflicts=True,
    )


def due(now, kinds):
    """Rows of these kinds to deliver now."""
    rows = Outbox.objects.filter(done_at=None, dead_at=None, run_after__lte=now, kind__in=kinds)
    return rows.order_by("run_after", "id")


def drain(now=None, most=200, kinds=None):
    """Deliver what is due, one row per transaction, so that a broken row stops no other; returns how many were tried.

    When the other side does not answer at all, the rest of that kind waits for the next turn. A kind that nobody here
    knows waits for a process that does (B22).
    """
    tried, away = 0, set()
    for _turn in range(most):
        kind, answered = _deliver_next(now or timezone.now(), set(kinds or _couriers) - away)
        if kind is None:
            break
        tried += 1
        if not answered:
            away.add(kind)
    return tried


def drain_inside():
    """Deliver what stays in the house: hints to open pages, bundles, imports."""
    return drain(kinds=set(_couriers) - _outside)


def drain_outside():
    """Deliver letters and messages, by one worker at a time: those who wait for a slow server never hold all workers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('crm.outbox'))")
        if not cursor.fetchone()[0]:
            return 0
    try:
        return drain(kinds=_outside)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('crm.outbox'))")


def sweep(now=None):
    """Forget what was delivered more than 30 days ago; returns how many rows."""
    return Outbox.objects.filter(done_at__lt=(now or timezone.now()) - KEPT).delete()[0]


def dead():
    """What was given up, the latest first."""
    return Outbox.objects.filter(dead_at__isnull=False).order_by("-dead_at", "-id")


def revive(rows):
    """Try these dead rows again from the beginning; returns how many."""
    return rows.filter(dead_at__isnull=False).update(dead_at=None, tries=0, run_after=timezone.now())


def _deliver_next(now, kinds):
    """Try one row; returns its kind (None when there is none) and whether the other side answered."""
    with transaction.atomic():
        row = due(now, kinds).select_for_update(skip_locked=True).first()
        if row is None:
            return None, True
        row.tries += 1
        if row.kind not in _outside:
            return row.kind, _attempt(row, now)
        if row.tries > MOST_TRIES:  # its sender died each time
            row.tries, row.dead_at = MOST_TRIES, now
        row.run_after = now + LEASE
        row.save(update_fields=["tries", "run_after", "dead_at"])
    return row.kind, row.dead_at is not None or _attempt(row, now)


def _attempt(row, now):
    deliver, answered = _couriers[row.kind], True
    try:
        if row.kind in _outside:
            deliver(row.payload, row.key)
        else:
            with transaction.atomic():
                deliver(row.payload, row.key)
    except Later as later:
        row.tries -= 1
        row.run_after = later.until
    except Exception as error:
        answered = isinstance(error, SMTPResponseException) or not isinstance(error, OSError)
        cause = _cause(error)
        if answered or not _known(row, cause):
            log.warning("outbox %s, %s: %s%s", row.pk, row.kind, cause, "" if answered else _by(row.kind))
        row.last_error = cause
        row.run_after = now + timedelta(seconds=min(15 * 2**row.tries, 3600))
        row.dead_at = now if row.tries >= MOST_TRIES or isinstance(error, Undeliverable) else None
    else:
        row.done_at = now
    row.save(update_fields=["tries", "run_after", "last_error", "done_at", "dead_at"])
    return answered


def _known(row, cause):
    """Whether rows of this kind already wait for this very reason: a server that is away is told of once, not per row."""
    return Outbox.objects.filter(kind=row.kind, done_at=None, dead_at=None, last_error=cause).exists()


def _by(kind):
    by = _servers.get(kind)
    return f" by {by()}; such rows wait and are tried again" if by else "; such rows wait and are tried again"


def _cause(error):
    """What went wrong without anybody's data: kinds and codes, never the words of a message."""
    if isinstance(error, Undeliverable):
        return str(error)[:300]
    if isinstance(error, SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    return f"{type(error).__name__} {error.errno}" if getattr(error, "errno", None) else type(error).__name__

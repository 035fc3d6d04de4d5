"""Statements written once: of the same shape Django composes the same SQL every time, and only the values differ.

Composing what stands behind a page's badges takes Django longer than answering it takes the database.
"""

from copy import copy
from datetime import UTC, datetime
from functools import cache

from django.db import connection

# What stands in a statement for the row it is about, and for values that nothing else has.
PERSON = 2**62 + 20_261_125
STANDS = {
    "now": datetime(9001, 1, 1, tzinfo=UTC), "tonight": datetime(9002, 1, 1, tzinfo=UTC),
    "since": datetime(9003, 1, 1, tzinfo=UTC), "seq": 2_026_112_601,
}  # fmt: skip

_written: dict = {}


@cache
def permission_id(codename):
    """The permission's id, looked up once: with the id the planner estimates right, with a codename it does not."""
    from django.contrib.auth.models import Permission

    return Permission.objects.values_list("pk", flat=True).get(content_type__app_label="cards", codename=codename)


def composed(shape, row, compose, **values):
    """SQL and its parameters of the queryset ``compose(row, **values)``, composed once for all rows of this ``shape``.

    ``compose`` may let its query depend on nothing of the row but its ``pk`` and what ``shape`` names, and on ``values``
    (aware datetimes and numbers named in STANDS).
    """
    shape = shape, permission_id("view_card")
    if shape not in _written:
        stand = copy(row)
        stand.pk = PERSON
        _written[shape] = compose(stand, **{one: STANDS[one] for one in values}).query.sql_with_params()
    sql, params = _written[shape]
    known = {PERSON: row.pk} | {STANDS[one]: value for one, value in values.items()}
    return sql, [known.get(p, p) if isinstance(p, int | datetime) else p for p in params]


def answered(shape, row, compose, **values):
    """The rows of such a statement, as tuples."""
    with connection.cursor() as cursor:
        cursor.execute(*composed(shape, row, compose, **values))
        return cursor.fetchall()


def prepared(name, user, compose, **moments):
    """The same for a statement about what a person sees: the shape is its ``name`` and the person's rights."""
    shape = name, user.is_active, frozenset(user.roles), user.distributes_leads
    return composed(shape, user, compose, **moments)

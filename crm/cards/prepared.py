"""Statements written once: for people of the same rights Django composes the same SQL, and only the values differ.

Composing what stands behind a page's badges takes Django longer than answering it takes the database.
"""

from copy import copy
from datetime import UTC, datetime

from .access import permission_id

# What stands in a statement for the values of whoever asks: a number and moments that nothing else has.
PERSON = 2**62 + 20_261_125
MOMENTS = {"now": datetime(9001, 1, 1, tzinfo=UTC), "tonight": datetime(9002, 1, 1, tzinfo=UTC)}

_written: dict = {}


def prepared(name, user, compose, **moments):
    """SQL and its parameters for this person of the queryset ``compose(user, **moments)``, composed once for its rights.

    ``compose`` may let its query depend on nothing but the person's rights and ``moments`` (aware datetimes named in
    MOMENTS); whatever else it depends on has to be part of ``name``.
    """
    rights = name, user.is_active, frozenset(user.roles), user.distributes_leads, permission_id("view_card")
    if rights not in _written:
        stand = copy(user)
        stand.pk = PERSON
        _written[rights] = compose(stand, **{one: MOMENTS[one] for one in moments}).query.sql_with_params()
    sql, params = _written[rights]
    values = {PERSON: user.pk} | {MOMENTS[one]: at for one, at in moments.items()}
    return sql, [values.get(p, p) if isinstance(p, int | datetime) else p for p in params]

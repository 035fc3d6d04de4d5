"""Rows on their way into the database by COPY: instances are gathered per table and written many at once."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from itertools import count

from django.apps import apps
from django.contrib.postgres.indexes import GinIndex
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connection, connections, models

AT_ONCE = 20_000
# What the driver writes as it is; asking each field to prepare it would take a fifth of the time.
AS_IT_IS = {str, int, bool, type(None), datetime, date, Decimal}


class Tables:
    """Gives every row its id in advance, so that rows can name each other before any is written."""

    def __init__(self):
        self.ids = {}
        self.waiting = defaultdict(list)
        self.written = defaultdict(int)

    def id(self, model):
        """The next id of the model's table."""
        table = _root(model)
        if table not in self.ids:
            self.ids[table] = count((table._base_manager.aggregate(last=models.Max("pk"))["last"] or 0) + 1)
        return next(self.ids[table])

    def add(self, row):
        """Keep the row for its table, with an id of its own unless it has one; returns it."""
        if row.pk is None:
            row.pk = self.id(type(row))
        self.put(type(row), row)
        return row

    def put(self, model, row):
        """Keep the row for one table: a card stands in two."""
        model = model._meta.concrete_model
        self.waiting[model].append(row)
        self.written[model] += 1
        if len(self.waiting[model]) >= AT_ONCE:
            self.write(model)

    def write(self, model):
        """COPY what waits for this table."""
        fields = model._meta.local_concrete_fields
        names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
        columns = [(field.attname, _writer(field)) for field in fields]
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {connection.ops.quote_name(model._meta.db_table)} ({names}) FROM STDIN") as copy,
        ):
            for row in self.waiting.pop(model, ()):
                copy.write_row([written(getattr(row, name)) for name, written in columns])

    def finish(self):
        """Write what is left, let the sequences go on after it, and tell the planner."""
        for model in list(self.waiting):
            self.write(model)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(self.written)):
                cursor.execute(statement)


def words_indexed(add):
    """Make the indexes of words, or drop them: over rows that are there already they are made many times faster."""
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            for index in model._meta.indexes:
                if isinstance(index, GinIndex):
                    (editor.add_index if add else editor.remove_index)(model, index)


def analyse():
    """Bring the planner's figures up to date, as autovacuum would by and by; outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _writer(field):
    """What of a value of this field is given to the driver."""
    line, asis = connections[DEFAULT_DB_ALIAS], set() if isinstance(field, models.JSONField) else AS_IT_IS
    return lambda value: value if type(value) in asis else field.get_db_prep_save(value, line)


def _root(model):
    parents = model._meta.get_parent_list()
    return (parents[-1] if parents else model)._meta.concrete_model

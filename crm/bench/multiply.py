"""Makes a filled company many times as big inside the database: the same cards again and again, with everything on them.

Filling tells each card's story one by one; where only the number of cards matters, copies serve as well and take seconds.
"""

import os
import sys

import django
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from .tables import analyse

# Farther apart than any ids that filling gives.
APART = 10_000_000
NAMES = (
    "cards.Card", "cards.CardGrant", "cards.Event", "leads.Inquiry", "deals.Deal", "expenses.Spending",
    "activities.Task", "activities.CheckItem", "activities.Reminder", "deals.Turn", "chats.Room",
)  # fmt: skip


@transaction.atomic
def multiply(times):
    """``times`` companies where there was one, all of the same people and clients."""
    models = [apps.get_model(name) for name in NAMES]
    copied = {model._meta.db_table for model in models}
    with connection.cursor() as cursor:
        for model in models:
            columns, values = [], []
            for field in model._meta.local_concrete_fields:
                name = connection.ops.quote_name(field.column)
                to = field.related_model._meta.db_table if field.is_relation else ""
                columns.append(name)
                if field.primary_key or to in copied:
                    values.append(f"{name} + copy.number * {APART}")
                else:
                    values.append("NULL" if field.unique and field.null else name)
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"  # noqa: S608
                f" FROM {table}, generate_series(1, %s) AS copy (number)",
                [times - 1],
            )
        own = [model for model in models if model._meta.pk.get_internal_type() == "BigAutoField"]
        for statement in connection.ops.sequence_reset_sql(no_style(), own):
            cursor.execute(statement)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    multiply(int(sys.argv[1]))
    analyse()

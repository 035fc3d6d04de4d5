"""What the database must be able to do for cards to be found."""

from django.core.checks import Tags, Warning, register
from django.db import connections


@register(Tags.database)
def letters(app_configs, databases, **kwargs):
    """Warn where the database takes nothing but ASCII for letters: parts of Russian words are then in no index (R-507)."""
    found = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT datctype FROM pg_database WHERE datname = current_database()")
            if cursor.fetchone()[0] in ("C", "POSIX"):
                found.append(WORDLESS)
    return found


WORDLESS = Warning(
    "Search is slow in this database: its LC_CTYPE knows no Cyrillic letters.",
    hint="Dump it, create it anew with LC_CTYPE C.UTF-8, restore it (docs/production.md, “Letters of the database”).",
    id="cards.W001",
)

"""`manage.py pg TOOL …`: pg_dump, pg_restore or psql on this installation's database, wherever it is."""

import argparse
import os
import subprocess
import sys

from django.core.management.base import BaseCommand, CommandError
from psycopg.conninfo import conninfo_to_dict

from crm.launcher import postgres
from crm.launcher.services import database_url

VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


class Command(BaseCommand):
    """Run a PostgreSQL tool that needs no further word about where the database is."""

    help = "Run pg_dump, pg_restore or psql on this database: manage.py pg pg_dump --format=custom --file=crm.dump"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser) -> None:
        """The tool and all its own arguments."""
        parser.add_argument("tool", nargs=argparse.REMAINDER, help="pg_dump, pg_restore or psql, and its arguments")

    def handle(self, *args, tool: list[str], **options) -> None:
        """Ends with the tool's exit code; raises CommandError when there is no such tool."""
        where = conninfo_to_dict(database_url())
        env = os.environ | {VARIABLES[key]: str(value) for key, value in where.items() if key in VARIABLES}
        env["PATH"] = f"{postgres.binaries()}{os.pathsep}{env.get('PATH', os.defpath)}"
        try:
            sys.exit(subprocess.run(tool or ["psql"], env=env).returncode)
        except FileNotFoundError:
            raise CommandError(f"There is no tool named {tool[0]}.") from None

"""`manage.py prepare`: what a start needs before anyone may be let in."""

import sys
from contextlib import redirect_stdout
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    """Progress goes to the standard error, how to sign in to the standard output: the supervisor shows it last."""

    help = "Bring the database to this version; give the first start of a trial its demo company."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options) -> None:
        """Migrate when needed, collect static files in production, load the demo company into an empty trial."""
        with redirect_stdout(sys.stderr):
            for folder in (settings.STATIC_ROOT, settings.MEDIA_ROOT):  # looked for before anything is in them
                Path(folder).mkdir(parents=True, exist_ok=True)
            try:
                connection.ensure_connection()
            except OperationalError as problem:
                raise CommandError(f"The database does not answer: {str(problem).strip()}") from None
            self._migrate()
            if settings.PRODUCTION:
                call_command("collectstatic", interactive=False, verbosity=0)
            elif not get_user_model().objects.exists():
                self._load_demo()
        self.stdout.write(self._welcome())

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            first = not executor.loader.applied_migrations
            print("Creating tables…" if first else f"Applying {len(plan)} migrations…", file=sys.stderr)
            call_command("migrate", interactive=False, verbosity=0 if first else 1)

    def _load_demo(self) -> None:
        print("Loading the demo company…", file=sys.stderr)
        with transaction.atomic():  # a start cut short must not leave half a company
            call_command("demo")

    def _welcome(self) -> str:
        people = get_user_model()
        if not people.objects.exists():
            return "Nobody can sign in yet. Create the first administrator:\n\n  python manage.py firstadmin\n"
        if settings.PRODUCTION or not find_spec("crm.demo"):
            return ""
        known = set(people.objects.filter(is_active=True).values_list(people.USERNAME_FIELD, flat=True))
        logins: dict[str, tuple[str, str]] = {}
        for role, email, password in import_module("crm.demo").LOGINS:
            if email in known:
                logins.setdefault(str(role), (email, password))
        width = max(map(len, logins), default=0)
        lines = [f"  {role:<{width}}  {email}  {password}" for role, (email, password) in logins.items()]
        return "\n".join(["Demo logins:", "", *lines, ""]) if logins else ""

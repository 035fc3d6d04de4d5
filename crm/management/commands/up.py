"""`manage.py up`, for those who come through Django; manage.py itself goes straight to the supervisor."""

import sys

from django.core.management.base import BaseCommand

from crm.launcher import supervisor


class Command(BaseCommand):
    """Start the whole product and stay until Ctrl-C."""

    help = "Start database, Redis, web, worker and beat, and keep them running. HOST and PORT say where."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options) -> None:
        """Hand over to the supervisor and end with its exit code."""
        sys.exit(supervisor.main())

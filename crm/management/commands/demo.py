"""`manage.py demo`: a company to try the product with."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from crm.people.models import User


class Command(BaseCommand):
    """Only for an empty trial: never beside real people, never in production."""

    help = "Load the demo company into an empty trial installation."

    def handle(self, *args, **options) -> None:
        """Raises CommandError in production, or when somebody works here already."""
        from crm.demo.load import load
        from crm.oversight.watch import watch
        from deals.rhythm import follow_dates

        if settings.PRODUCTION:
            raise CommandError("The demo company has known passwords: it is not for production.")
        if User.objects.exists():
            raise CommandError("The company has people already: the demo company is for an empty installation.")
        began = time.monotonic()
        with translation.override("ru"):
            load(self._progress)
            # What the clock does in its first minute, or «Контроль» would say until then that all is well.
            follow_dates()
            watch()
        self.stdout.write(f"The demo company is ready after {time.monotonic() - began:.0f} s.")

    def _progress(self, told: int) -> None:
        if told % 500 == 0:
            self.stdout.write(f"{told} acts told…")
            self.stdout.flush()

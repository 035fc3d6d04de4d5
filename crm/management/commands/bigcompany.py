"""`manage.py bigcompany`: a company with years of work behind it, to measure and to try things on."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from crm.cards.models import Card
from crm.launcher.bootstrap import Progress
from crm.people.models import User


class Command(BaseCommand):
    """Only for a database that holds nobody's work."""

    help = "Fill an empty database with a big company; the same numbers and seed give the same company."

    def add_arguments(self, parser) -> None:
        """How much of everything."""
        for name, number in (
            ("managers", 20),
            ("leads", 20_000),
            ("deals", 20_000),
            ("expenses", 10_000),
            ("events", 200_000),
        ):
            parser.add_argument(f"--{name}", type=int, default=number, help=f"how many {name} (%(default)s)")
        parser.add_argument("--seed", type=int, default=1, help="another number gives another company (%(default)s)")

    def handle(self, *args, managers, leads, deals, expenses, events, seed, **options) -> None:
        """Raises CommandError in production, beside real people, or without a single manager."""
        from crm.bench.fill import fill
        from crm.bench.tables import analyse

        if settings.PRODUCTION:
            raise CommandError("The big company has known passwords: it is not for production.")
        if Card.objects.exists() or User.objects.exists():
            raise CommandError("The database already holds a company: the big one is for an empty database.")
        if managers < 1 or min(leads, deals, expenses, events) < 0:
            raise CommandError("At least one manager, and nothing less than none.")
        began = time.monotonic()
        progress = Progress("The big company", leads + deals + expenses)
        before = {
            "leads": 0,
            "deals": leads,
            "expenses": leads + deals,
            "constraints": progress.total,
            "indexes": progress.total,
        }

        def said(what, done, _of) -> None:
            progress.count = before[what] + done

        with translation.override("ru"):
            written = fill(managers, leads, deals, expenses, events, seed, said)
        analyse()
        progress.end()
        cards, events = written["cards_card"], written["cards_event"]
        took = time.monotonic() - began
        self.stdout.write(f"{cards} cards, {events} events, {sum(written.values())} rows in all after {took:.0f} s")

"""`manage.py bench`: how fast the product is with a big company, over real HTTP, as production starts it."""

import os
import platform
import signal
import sys

from django.core.management.base import BaseCommand, CommandError

WHO = "manager1@bench.example"


class Command(BaseCommand):
    """Everything happens in a scratch database that is dropped at the end; the installation's own is not touched."""

    help = "Measure boards, cards, moves, lists, search and memory on a big company in a scratch database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser) -> None:
        """Which sizes, and how patiently."""
        parser.add_argument("--cards", type=int, default=50_000, help="cards of the company measured (%(default)s)")
        parser.add_argument(
            "--growth", default="2000,20000", help="sizes whose growth is compared, such as 2000,20000,200000"
        )
        parser.add_argument("--rounds", type=int, default=3, help="the best of so many rounds counts (%(default)s)")
        parser.add_argument("--seconds", type=float, default=6, help="how long many clients run (%(default)s)")
        parser.add_argument("--chat", action="store_true", help="only chats: sockets, one busy chat, two processes")
        parser.add_argument(
            "--files", type=int, metavar="MB", help="only files: one of so many MB, small and hostile ones"
        )
        parser.add_argument("--only", default="", help="only acts whose name has this in it")

        parser.add_argument("--schedule", action="store_true", help="only the clock's verbs, in a table of their own")

    def handle(self, *args, cards, growth, rounds, seconds, only, chat, schedule, files, **options) -> None:
        """Raises CommandError where the measuring tools are not installed."""
        try:
            from crm.bench.papers import Papers
            from crm.bench.report import Bench
            from crm.bench.talk import Talk
        except ModuleNotFoundError as missing:
            raise CommandError(f"{missing.name} is missing: use `make bench`.") from None
        # How Python was built is worth a factor of 1.5 to 2, so whoever compares figures has to know which it was.
        python = f"Python {platform.python_version()} of {sys.base_prefix}"
        self.stdout.write(f"{os.cpu_count()} cores, {python}, load {os.getloadavg()[0]:.1f} at the start")
        # Asked to stop, it still drops its database.
        signal.signal(signal.SIGTERM, lambda *_frame: sys.exit(143))
        if chat:
            Talk(self.stdout, seconds).run()
            return
        if files:
            Papers(self.stdout, files).run()
            return
        if schedule:
            Bench(self.stdout, WHO, rounds, seconds).schedule(cards)
            return
        sizes = [int(size) for size in growth.split(",") if size.strip()]
        Bench(self.stdout, WHO, rounds, seconds, only).run(cards, sizes)

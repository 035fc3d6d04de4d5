"""What the clock costs: every verb of the schedule over the big company, as one worker calls them, one after another.

`manage.py bench --schedule` fills the scratch database and runs this module over it, in a process that does nothing else.
"""

import os
import resource
import time
from datetime import timedelta

import django
import psutil

GOAL = 5.0  # seconds for all verbs of one minute together
# They wait for servers that are not ours.
OUTSIDE = {"send letters and messages", "listen to Telegram"}


def peak():
    """The most memory that this process has held so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def processor():
    """Seconds of processor that this process and the one of the database that serves it have used."""
    from django.db import connection

    connection.ensure_connection()
    served = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return time.process_time() + served.user + served.system


def called(verb, now):
    """Seconds, seconds of processor, and statements of one call."""
    from django.db import connection

    said, before = [], processor()

    def count(execute, sql, params, many, context):
        said.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        begun = time.perf_counter()
        verb(now)
        return time.perf_counter() - begun, processor() - before, len(said)


def moments(now):
    """A morning in which the digests are due, and the hour of warnings of the same day."""
    from crm.office.calendar import add_working_days, company_date, day_end, day_start

    day = add_working_days(company_date(now), 1)
    return {"09:01": day_start(day) + timedelta(minutes=1), "evening": day_end(day) - timedelta(minutes=30)}


def tables(say):
    """Both moments, each twice: what has piled up is done first, and a minute later there is nothing new."""
    from django.db.models import Count
    from django.utils import timezone

    from crm.cards.models import Card
    from crm.schedule import SCHEDULE

    say(f"{Card.objects.open().aggregate(n=Count('pk'))['n']} open cards of {Card.objects.count()}")
    verbs = {name: verb for name, (_seconds, verb) in SCHEDULE.items() if name not in OUTSIDE}
    for title, now in moments(timezone.now()).items():
        heads = "".join(f"{head:>9}" for head in ("first s", "CPU s", "SQL", "again s", "CPU s", "SQL", "peak MB"))
        say(f"\n{title + f', {now:%d.%m.%Y}':<34}{heads}")
        together = [0.0, 0.0]
        for name, verb in verbs.items():
            first = called(lambda moment, verb=verb: ask(verb, moment), now)
            again = called(lambda moment, verb=verb: ask(verb, moment), now + timedelta(minutes=1))
            together = [together[0] + again[0], together[1] + again[1]]
            say(f"{name:<34}" + "".join(f"{s:>9.2f}{c:>9.2f}{n:>9}" for s, c, n in (first, again)) + f"{peak():>9.0f}")
        missed = " ✗" if together[0] > GOAL else ""
        say(f"{'together':<34}{'':>27}{together[0]:>9.2f}{together[1]:>9.2f}   (goal ≤ {GOAL:.0f} s){missed}")


def ask(verb, now):
    """Call it with the moment, where it takes one."""
    return verb(now) if verb.__code__.co_argcount else verb()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    tables(lambda text: print(text, flush=True))  # noqa: T201

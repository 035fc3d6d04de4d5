"""Many clocks on one database: `python -m tests.heavy.clock` calls verbs of the schedule at the moments it is told.

Each line it reads is JSON: the moment, the verbs, how many clocks at once, and after how many seconds some of them are
killed. Whatever they leave undone is done by one clock more, at the same moment, as the next beat would.
"""

import json
import os
import signal
import sys
import time
from datetime import datetime

import django
import time_machine

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
_kept = []
# They work a backlog off in turns, a beat each; here all the beats that it takes come at the same moment.
IN_TURNS = {"save ripe leads", "keep the rhythms of reminding", "follow the dates of reminders"}


def run(verbs, now):
    """Call these verbs, which take a moment as a value; what robots look up by themselves is that moment too."""
    from crm.schedule import SCHEDULE

    with time_machine.travel(now, tick=False):
        for name in verbs:
            verb = SCHEDULE[name][1]
            given = (now,) if verb.__code__.co_argcount else ()
            while verb(*given) and name in IN_TURNS:
                pass


def fork(verbs, now, gate, told):
    """Start one clock as a process of its own; it says which of the database's processes serves it, and waits at the gate."""
    from django.db import connection

    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _kept.append(connection.connection)  # the parent's: not ours to close
        connection.connection = None
        connection.ensure_connection()
        os.write(told, f"{connection.connection.info.backend_pid}\n".encode())
        os.close(gate[1])
        os.read(gate[0], 1)
        run(verbs, now)
        code = 0
    except Exception as error:
        os.write(told, f"error {type(error).__name__} {error}\n".replace("\n", " ").encode() + b"\n")
    finally:
        os._exit(code)


def _line(pipe):
    """One line, not a byte more."""
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(pipe, 1)
    return line


def together(verbs, now, clocks, kills, again):
    """So many clocks at once, some killed after so many seconds; returns what they complained of."""
    from django.db import connection

    (heard, told), gate = os.pipe(), os.pipe()
    pids = [fork(verbs, now, gate, told) for _n in range(clocks)]
    os.close(told)
    backends = [int(_line(heard)) for _pid in pids]
    os.close(gate[1])
    os.close(gate[0])
    begun = time.perf_counter()
    for pid, after in zip(pids, kills, strict=False):
        time.sleep(max(0.0, after - (time.perf_counter() - begun)))
        os.kill(pid, signal.SIGKILL)
    ends = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    with os.fdopen(heard) as lines:
        complaints = lines.read().splitlines()
    with connection.cursor() as cursor:  # what the killed had sent may still be on its way through the server
        while backends:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)", [backends])
            if cursor.fetchone()[0] == 0:
                break
            time.sleep(0.005)
    if again and -signal.SIGKILL in ends:
        run(verbs, now)
    return ends.count(-signal.SIGKILL), complaints


def main():
    django.setup()
    for line in sys.stdin:
        asked = json.loads(line)
        now, killed, complaints = datetime.fromisoformat(asked["now"]), 0, []
        if asked["clocks"] > 1:
            killed, complaints = together(asked["verbs"], now, asked["clocks"], asked["kills"], asked["again"])
        else:
            run(asked["verbs"], now)
        print(json.dumps({"killed": killed, "complaints": complaints}), flush=True)


if __name__ == "__main__":
    main()

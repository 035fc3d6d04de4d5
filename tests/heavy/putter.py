"""A process that puts files into cards until it is killed: `python -m tests.heavy.putter` forks one for every line."""

import io
import os
import signal
import sys
from random import Random
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
NAMES = 4


def content(key):
    """The bytes that belong to this key: up to half a megabyte, the same whoever asks."""
    random = Random(UUID(str(key)).int)
    return random.randbytes(random.randrange(500_000))


def put(folder, key, by):
    """Put the key's bytes under one of a few names, so that many become versions of one file."""
    from files import verbs

    return verbs.put(folder, f"{key.int % NAMES}.bin", io.BytesIO(content(key)), by, key)


def work(journal, seed, who, folders):
    """Put files into random ones of these folders for ever; what was begun and done stands in the journal."""
    from crm.people.models import User
    from files.models import Folder

    random, by = Random(seed), User.objects.get(pk=who)
    file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, b"ready - -\n")
    while True:
        pk, key = random.choice(folders), UUID(int=random.getrandbits(128))
        folder = Folder.objects.select_related("card").get(pk=pk)
        os.write(file, f"start {key} {pk}\n".encode())
        put(folder, key, by)
        os.write(file, f"done {key} {pk}\n".encode())


def main():
    django.setup()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        journal, seed, who, *folders = line.split()
        pid = os.fork()
        if pid == 0:
            try:
                work(journal, int(seed), int(who), [int(pk) for pk in folders])
            finally:
                os._exit(1)
        print(pid, flush=True)


if __name__ == "__main__":
    main()

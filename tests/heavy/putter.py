"""A process that works on cards' files until it is killed: `python -m tests.heavy.putter` forks one for every line."""

import io
import os
import signal
import sys
from random import Random
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
NAMES = 4
GROUPS = 3
COPIES = "Копии"
ACTS = ("put", "move", "move", "copy", "bin", "restore", "restore")


def content(key):
    """The bytes that belong to this key: up to half a megabyte, the same whoever asks."""
    random = Random(UUID(str(key)).int)
    return random.randbytes(random.randrange(500_000))


def put(folder, key, by):
    """Put the key's bytes under one of a few names, so that many become versions of one file."""
    from files import verbs

    return verbs.put(folder, f"{key.int % NAMES}.bin", io.BytesIO(content(key)), by, key)


def group(folder, key):
    """Files that are only ever moved, binned and brought back together: one of three threes of the card."""
    from files.models import File

    mine = File.objects.filter(folder__card_id=folder.card_id, name__startswith=f"Тройка {key.int % GROUPS} ")
    return mine.exclude(folder__name=COPIES)


def place(folder, key):
    """The subfolder that the key's group is moved to."""
    places = folder.children.exclude(name=COPIES)
    return places[key.int // GROUPS % len(places)]


def things_for(act, folder, key):
    """What the act would be done to; nothing when there is nothing to do."""
    if act == "put":
        return [folder]
    return [thing for thing in group(folder, key) if (thing.trashed_at is not None) is (act == "restore")]


def do(act, things, folder, key, by):
    from files import arranging, bin

    if act == "put":
        put(folder, key, by)
    elif act == "move":
        arranging.move_all(things, place(folder, key), by)
    elif act == "copy":
        arranging.copy_all(things, folder.children.get(name=COPIES), by, key)
    elif act == "bin":
        bin.put_all_away(things, by)
    else:
        bin.restore_all(things, by)


def work(journal, seed, who, folders):
    """Act on random ones of these folders for ever; what was begun and done stands in the journal."""
    from crm.people.models import User
    from files.models import Folder

    random, by = Random(seed), User.objects.get(pk=who)
    file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, b"ready - - -\n")
    while True:
        act, pk, key = random.choice(ACTS), random.choice(folders), UUID(int=random.getrandbits(128))
        folder = Folder.objects.select_related("card").get(pk=pk)
        if things := things_for(act, folder, key):
            os.write(file, f"start {act} {key} {pk}\n".encode())
            do(act, things, folder, key, by)
            os.write(file, f"done {act} {key} {pk}\n".encode())


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

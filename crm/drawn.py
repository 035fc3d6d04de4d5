"""What looks the same to many readers is drawn once and kept in this process's memory."""

from threading import Lock

from cachetools import LRUCache
from django.utils.translation import get_language
from markupsafe import Markup

from crm.office.calendar import company_today, company_zone

# Letters of markup: all that is kept (of Russian ones a letter takes two bytes), and the most of one drawing.
MOST = 32_000_000
LONGEST = 20_000


def size(drawn):
    """How long the markup is, which may come with what belongs to it."""
    return len(drawn[0] if isinstance(drawn, tuple) else drawn)


_kept: LRUCache = LRUCache(MOST, getsizeof=size)
_lock = Lock()


def surroundings():
    """What all that is drawn now depends on: the reader's language, the company's zone, and the year, not written in dates."""
    return get_language(), company_zone().key, company_today().year


def recall(looks):
    """What is kept of these looks (tuples of all that the drawing depends on), None where there is nothing."""
    with _lock:
        return [_kept.get(look) for look in looks]


def keep(look, drawn):
    if size(drawn) <= LONGEST:
        with _lock:
            _kept[look] = drawn


def drawn_once(macro, rows, *shared):
    """What ``macro(row, *shared)`` draws of each row (tuples of all that it shows), one after another."""
    about = (macro.name, *shared, *surroundings())
    looks = [(row, *about) for row in rows]
    drawn = recall(looks)
    for place, (look, kept) in enumerate(zip(looks, drawn, strict=True)):
        if kept is None:
            drawn[place] = macro(look[0], *shared)
            keep(look, drawn[place])
    return Markup("").join(drawn)

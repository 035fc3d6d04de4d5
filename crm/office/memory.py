"""What every page reads from the office's rows, kept in the process and dropped when any of them changes."""

from collections.abc import Callable
from functools import wraps
from time import monotonic
from typing import Any, TypeVar
from uuid import uuid4

from django.db import transaction

Built = TypeVar("Built")

# Another process hears of a change no later than this; the one that made it, at once.
FRESH_SECONDS = 2


class _Memory:
    def __init__(self, office):
        self.office = office
        self.read_at = monotonic()
        self.built: dict[Callable, Any] = {}


_memory: _Memory | None = None


def current() -> _Memory:
    """The memory of this process, checked against the office row at most every ``FRESH_SECONDS``."""
    global _memory
    memory = _memory
    if memory is None or not 0 <= monotonic() - memory.read_at < FRESH_SECONDS:
        from .models import Office

        office = Office.load()
        if memory is None or memory.office.revision != office.revision:
            memory = _Memory(office)
        memory.read_at = monotonic()
        _memory = memory
    return memory


def remembered(build: Callable[[], Built]) -> Callable[[], Built]:
    """Keep what a function without arguments builds from office rows until one of them changes."""

    @wraps(build)
    def kept() -> Built:
        built = current().built
        if build not in built:
            built[build] = build()
        return built[build]

    return kept


def forget() -> None:
    """Drop what this process remembers, for whoever changed rows behind the models' back."""
    global _memory
    _memory = None


def touch(**_signal: object) -> None:
    """Tell every process that office rows have changed; saving or deleting a row does it by itself."""
    from .models import Office

    # A token and not a counter: a number that was rolled back would come again with other rows behind it.
    Office.objects.update(revision=uuid4())
    forget()
    # Until the commit another thread may have read the old rows again.
    transaction.on_commit(forget)

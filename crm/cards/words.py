"""Finding rows by words: parts of them, other forms of them, ё as е; each way by an index of its own (R-507)."""

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorExact
from django.db import models
from django.db.models import F, Func, Q


def stems():
    """The stems of the words a row is found by, as its index has them."""
    return SearchVector("words", config="russian")


def worded(*texts):
    """The ways in which a row's ``words`` may hold one of the texts: each word as a part of one, or all in other forms."""
    ways = []
    for text in dict.fromkeys(texts):
        parts = [Q(words__icontains=fold(word)) for word in text.split()[:8]]
        forms = Q(SearchVectorExact(stems(), SearchQuery(fold(text), config="russian")))
        ways += [Q(*parts), forms] if parts else [Q()]
    return ways


def meeting(rows, ways):
    """Those of the rows that meet any of these conditions; all where one of them is empty.

    Each is asked of its own index, once and before all else: as one OR, or joined, it is asked of row after row, which
    took from two seconds to a minute with fifty thousand.
    """
    if not all(ways):
        return rows
    first, *others = [rows.model._base_manager.order_by().filter(way).values("pk") for way in ways]
    return rows.filter(OneOf(F("pk"), ArraySubquery(first.union(*others, all=True))))


class OneOf(Func):
    """Whether a value stands in an array, which the database makes before it looks at any row."""

    template, arg_joiner, output_field = "%(expressions)s)", " = ANY(", models.BooleanField()


def fold(text):
    """Text as it is kept for search: without the difference between ё and е."""
    return text.replace("ё", "е").replace("Ё", "Е")

"""Finding rows by words: parts of them, other forms of them, ё as е; each way by an index of its own (R-507)."""

import re
from functools import reduce
from operator import and_

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorExact
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce

RUSSIAN = "russian"
MOST = 8  # words of a text that are looked for
LONG = 5  # letters of a word that is recognised by its beginning


def stems():
    """The stems of the words a row is found by, as its index has them."""
    return SearchVector("words", config=RUSSIAN)


def worded(*texts):
    """The ways in which a row's ``words`` may hold one of the texts: each word as a part of one, or all in other forms."""
    ways = []
    for text in dict.fromkeys(texts):
        ways.append(Q(*parts(text)))
        if asked := forms(text):
            ways.append(Q(SearchVectorExact(stems(), asked)))
    return ways


def parts(text):
    """Every word of the text as a part of a row's ``words``."""
    return [Q(words__icontains=fold(word)) for word in text.split()[:MOST]]


def forms(text, begun=False):
    """Every word of the text in any of its forms, as a query of an index of stems; None where there is no word.

    One word has stems of different lengths («ресторан» has «рестора», «ресторанов» has «ресторан»), so that a long one
    is also asked for by its beginning and by the stem of its stem. The last word may be only ``begun``.
    """
    words = re.findall(r"[^\W_]+", fold(text).lower())[:MOST]
    queries = [any_form(word, len(word) >= LONG or (begun and word is words[-1])) for word in words]
    return reduce(and_, queries) if queries else None


def any_form(word, begun):
    if not begun:
        return SearchQuery(word, config=RUSSIAN)
    stem = Coalesce(Stem(Value(word)), Value(""))
    return SearchQuery(f"{word}:*", config=RUSSIAN, search_type="raw") | SearchQuery(stem, config=RUSSIAN)


class Stem(Func):
    """The stem of a Russian word, NULL for one that means nothing by itself."""

    template, output_field = "(ts_lexize('russian_stem', %(expressions)s))[1]", models.TextField()


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

"""Finding files by their names and by the text inside, among those the person sees (R-507, R-511)."""

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.cards.words import fold, meeting
from crm.search.views import source

from . import kinds
from .models import File

CONFIG = "russian"


def words_of(text):
    return fold(text).split()[:8]


def query(text):
    """Every word of the text in any of its forms; the last one may be only begun."""
    words = ["".join(c for c in word if c.isalnum()) for word in words_of(text)]
    words = [word for word in words if word]
    if not words:
        return None
    whole = [SearchQuery(word, config=CONFIG) for word in words[:-1]]
    asked = SearchQuery(words[-1], config=CONFIG) | SearchQuery(f"{words[-1]}:*", config=CONFIG, search_type="raw")
    for one in whole:
        asked = one & asked
    return asked


def ways(*texts):
    """The ways in which a file answers: each word of a text occurs in its name, or all of them, in some form, inside."""
    found = []
    for text in dict.fromkeys(texts):
        found.append(Q(*(Q(words__icontains=word) for word in words_of(text))))
        if (asked := query(text)) is not None:
            found.append(Q(blob__vector=asked))
    return found


def matching(files, text):
    """Those of the files that answer to the text, those that are mostly about it first."""
    asked = query(text)
    found = meeting(files, ways(text))
    if asked is None:
        return found.order_by("-at")
    return found.annotate(rank=SearchRank(F("blob__vector"), asked)).order_by(F("rank").desc(nulls_last=True), "-at")


@source(_("Files"))
def found(user, texts, most):
    """Rows of the palette and of the search page, the newest first; one query for all readings of what was typed."""
    files = meeting(File.objects.visible_to(user).there(), ways(*texts))
    files = files.select_related("folder__card").order_by("-at")
    return [
        {
            "url": file.get_absolute_url(), "icon": kinds.icon(file.name), "name": file.name,
            "note": f"{file.card.number} · {file.card.title}",
        }
        for file in files[:most]
    ]  # fmt: skip

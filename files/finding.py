"""Finding files by their names and by the text inside, among those the person sees (R-507, R-511)."""

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.cards.access import fold
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


def matching(files, text):
    """Files in whose name every word occurs, or in whose text all of them are in some form."""
    named = Q()
    for word in words_of(text):
        named &= Q(words__icontains=word)
    asked = query(text)
    if asked is None:
        return files.filter(named).order_by("-at")
    found = files.filter(named | Q(blob__vector=asked))
    return found.annotate(rank=SearchRank(F("blob__vector"), asked)).order_by(F("rank").desc(nulls_last=True), "-at")


@source(_("Files"))
def found(user, texts, most):
    """Rows of the palette and of the search page."""
    files = File.objects.visible_to(user).there().select_related("folder__card")
    rows = {}
    for text in texts:
        for file in matching(files, text)[:most]:
            rows.setdefault(file.pk, file)
    return [
        {
            "url": file.get_absolute_url(), "icon": kinds.icon(file.name), "name": file.name,
            "note": f"{file.card.number} · {file.card.title}",
        }
        for file in list(rows.values())[:most]
    ]  # fmt: skip

"""Finding files by their names and by the text inside, among those the person sees (R-507, R-511)."""

from django.contrib.postgres.search import SearchRank
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.cards.words import forms, meeting, parts
from crm.search.views import source

from . import kinds
from .models import File


def ways(*texts):
    """The ways in which a file answers: each word of a text occurs in its name, or all of them, in some form, inside."""
    found = []
    for text in dict.fromkeys(texts):
        found.append(Q(*parts(text)))
        if asked := forms(text, begun=True):
            found.append(Q(blob__vector=asked))
    return found


def matching(files, text):
    """Those of the files that answer to the text, those that are mostly about it first."""
    asked = forms(text, begun=True)
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

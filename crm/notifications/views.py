"""The bell and its page: what a person should know, by days, and marking it as read."""

from dataclasses import dataclass
from itertools import groupby

from django.http import Http404
from django.views.decorators.http import require_POST, require_safe

from crm.cards.models import Card
from crm.office.calendar import company_date, company_today
from crm.pipelines.moves import move_form
from crm.web import go, nothing, number, page, visible

from . import outbox
from .decisions import steps_of
from .models import Notice
from .notices import KINDS, address, deals_of, newest, read, word

AT_ONCE = 50
FARTHEST = 200


@dataclass
class Shown:
    """A notice as its reader sees it; ``deal`` is the seen deal it is about, ``steps`` what can be decided right here."""

    row: Notice
    text: str
    icon: str
    address: str
    deal: Card | None
    card: Card | None
    # (step, whether it asks something first)
    steps: list


def shown(rows, user):
    """The rows worded for their reader, in as many queries for thirty as for one."""
    deals, steps = deals_of(rows, user), steps_of(rows, user)
    for row in rows:
        card, offered = steps.get(row.pk, (None, []))
        yield Shown(
            row, word(row), KINDS[row.kind].icon, address(row, user), deals.get(row.data.get("deal")), card,
            [(step, bool(move_form(card, step, None, user).fields)) for step in offered],
        )  # fmt: skip


@require_safe
def notices(request):
    """One's notices, the newest first, by days, each leading to its card (R-514)."""
    turn = min(number(request.GET.get("page"), 1) or 1, FARTHEST)
    rows = newest(request.user, (turn - 1) * AT_ONCE, AT_ONCE + 1)
    days = groupby(shown(rows[:AT_ONCE], request.user), key=lambda told: company_date(told.row.at))
    context = {
        "days": [(day, list(told)) for day, told in days], "today": company_today(), "page": turn,
        "more": len(rows) > AT_ONCE, "unread": Notice.objects.of(request.user).unread().count(),
        "undelivered": outbox.dead().count() if request.user.is_administrator else 0,
    }  # fmt: skip
    return page(request, "notifications/notices.html", context)


@require_safe
def bell(request):
    """The bell with its number alone, for open pages that heard of something."""
    return page(request, "notifications/_bell.html", {"unread": Notice.objects.of(request.user).unread().count()})


@require_POST
def notices_read(request):
    """Mark all notices as read."""
    read(request.user)
    return go(request, "notices")


@require_POST
def notice_read(request, pk):
    """Mark one notice as read; with ``go`` the answer leads on to what it is about."""
    row = Notice.objects.of(request.user).select_related("card").filter(pk=pk, kind__in=KINDS).first()
    if row is None:
        raise Http404
    read(request.user, pk=pk)
    place = request.POST.get("go") and address(row, request.user)
    if place or not request.headers.get("HX-Request"):
        return go(request, place or "notices")
    return nothing(**{"notices-read": {}})


@require_POST
@visible(Card)
def card_read(request, card):
    """The card is open before its reader: its notices are read."""
    read(request.user, card=card.pk)
    return nothing(**{"notices-read": {}})

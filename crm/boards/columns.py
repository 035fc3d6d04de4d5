"""A board's rows: every column's newest cards in one statement, counts and sums over all that is seen in another."""

from collections import namedtuple
from decimal import Decimal

from django.db import connection
from django.db.models import CharField, Count, F, Sum
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.cards.models import CardLink, kind_of
from crm.jinja import day, when
from crm.office.calendar import company_date, working_days_between
from crm.office.models import office
from crm.people.models import initials, tone
from crm.pipelines.declare import of

PER_COLUMN = 50

Row = namedtuple(
    "Row",
    "id version url title client who note owner_name owner_initials owner_tone amount margin margin_low days days_over "
    "step_state step_at step_text links files folder_url chat_url unread messages extra can_move",
)

# What a board shows of a card; a pipeline's own columns come after.
SHARED = (
    "id", "version", "stage", "title", "owner_id", "owner__name", "amount", "stage_since", "next_step_at", "next_step",
    "message_count", "file_count", "company__name", "contact__name", "created_at",
)  # fmt: skip
OWN = {
    "leads": ("person", "firm", "raw_text", "channel"),
    "expenses": ("deal__title", "purpose", "due_on", "paid_total"),
}
DEAL = ("cost_estimate",)

_unread = []


def unread_by(func):
    """Register ``func(user, card ids) -> {card id: unread}``; chats do."""
    _unread.append(func)
    return func


def fields_of(slug):
    return (*SHARED, *OWN.get(slug, DEAL))


def newest(cards, slug, stages, per_stage=PER_COLUMN, start=0):
    """The newest cards of each stage as dicts, one lateral statement however many stages there are."""
    names = fields_of(slug)
    one = (
        cards.filter(pipeline=slug)
        .annotate(at_stage=RawSQL('"wanted"."stage"', (), output_field=CharField()))
        .filter(stage=F("at_stage"))
        .order_by("-stage_since", "-id")
        .values_list(*names)[start : start + per_stage]
    )
    inner, params = one.query.sql_with_params()
    sql = f'SELECT "found".* FROM unnest(%s::text[]) WITH ORDINALITY AS "wanted"("stage", "n") CROSS JOIN LATERAL ({inner}) AS "found"({", ".join(f"c{n}" for n in range(len(names)))}) ORDER BY "wanted"."n"'  # noqa: E501, S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(stages), *params])
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def only(cards, slug, pk):
    """One card as a dict in a list, or an empty list when it is not among them."""
    return list(cards.filter(pipeline=slug, pk=pk).values(*fields_of(slug)))


def page_of(cards, slug, order, start, most):
    """A page of a list as dicts."""
    return list(cards.order_by(*order).values(*fields_of(slug))[start : start + most])


def totals(cards, slug):
    """{stage: (count, sum in roubles)} over every card the queryset holds."""
    rows = cards.filter(pipeline=slug).order_by().values_list("stage").annotate(n=Count("pk"), total=Sum("amount"))
    return {stage: (n, total or Decimal(0)) for stage, n, total in rows}


def rows_of(found, user, slug):
    """The dicts as the tuples that boards/_card.html draws; links and unread come in one statement each."""
    ids = [card["id"] for card in found]
    links = {}
    for a, _b in (
        CardLink.objects.filter(source_id__in=ids)
        .values_list("source_id", "target_id")
        .union(CardLink.objects.filter(target_id__in=ids).values_list("target_id", "source_id"), all=True)
    ):
        links[a] = links.get(a, 0) + 1
    unread = {}
    for ask in _unread:
        unread.update(ask(user, ids))
    today = company_date(timezone.now())
    return [draw(card, user, slug, today, links, unread) for card in found]


def draw(card, user, slug, today, links, unread):
    since = company_date(card["stage_since"])
    days = max(0, working_days_between(since, today))
    state, at = step_state(card["next_step_at"], today)
    client, who, note, margin, extra = own_words(card, slug)
    kind = kind_of(slug)
    address = reverse(f"{kind._meta.app_label}:card", args=[card["id"]])
    name = card["owner__name"] or ""
    return Row(
        card["id"], card["version"], address, card["title"], client, who, note, name, initials(name),
        tone(card["owner_id"]), card["amount"], margin,
        margin is not None and margin < office().margin_threshold, days, days > office().stuck_days,
        state, at, card["next_step"], links.get(card["id"], 0), card["file_count"],
        None, f"{address}#feed" if slug != "expenses" else None, unread.get(card["id"], 0),
        max(0, card["message_count"] - 1), extra, True,
    )  # fmt: skip


def margin(income, cost):
    """Planned profit in per cent of income, as ``deals.money`` defines it; None without both estimates."""
    if not income or cost is None:
        return None
    return (income - cost) * 100 / income


def own_words(card, slug):
    """Client, who, note, margin and marks of a card, as its pipeline shows them."""
    client = card["company__name"] or card["contact__name"] or ""
    if slug == "leads":
        return client or card["firm"], card["person"], card["raw_text"][:140], None, ()
    if slug == "expenses":
        marks = (_("until %(day)s") % {"day": day(card["due_on"])},) if card["due_on"] else ()
        return client, card["deal__title"] or _("Without a deal"), card["purpose"], None, marks
    return client, "", "", margin(card["amount"], card["cost_estimate"]), ()


def step_state(at, today):
    """State and words of the next step: late, today, later or none (R-253)."""
    if at is None:
        return "none", ""
    on = company_date(at)
    if at < timezone.now():
        late = max(1, working_days_between(on, today))
        return "late", _("Overdue") if on == today else _("Overdue %(days)s d") % {"days": late}
    if on == today:
        return "today", _("Today %(time)s") % {"time": when(at)}
    return "later", day(on)


def visible(user, slug, filters=None):
    """The cards of a board or a list: seen by this person and let through by the filters."""
    cards = kind_of(slug).objects.visible_to(user)
    return filters.narrow(cards) if filters is not None else cards


def columns(user, slug, filters, stages=None):
    """The open stages with their heads, and rows by stage."""
    process = of(slug)
    cards = visible(user, slug, filters)
    sums = totals(cards, slug)
    wanted = [s.value for s in process.open_stages] if stages is None else stages
    by_stage = {}
    found = newest(cards, slug, wanted) if wanted else []
    for data, row in zip(found, rows_of(found, user, slug), strict=True):
        by_stage.setdefault(data["stage"], []).append(row)
    return sums, by_stage

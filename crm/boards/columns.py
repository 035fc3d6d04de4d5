"""A board's rows: every column's newest cards in one statement, counts and sums over all that is seen in another."""

from collections import namedtuple
from decimal import Decimal
from functools import cache

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import CharField, Count, F, IntegerField, OuterRef, Subquery, Sum, Value, Window
from django.db.models.expressions import RawSQL
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.cards.models import Card, CardLink, kind_of
from crm.cards.prepared import prepared
from crm.cards.steps import say
from crm.jinja import day, percent, roubles, when
from crm.office.calendar import company_zone, working_days_between
from crm.office.models import office
from crm.people.models import initials, tone
from crm.pipelines.declare import of

from .filters import late, without_step

# What a board draws at first is what a screen or two hold; scrolling brings the rest, fifty at a time.
FIRST = 20
PER_COLUMN = 50

Row = namedtuple(
    "Row",
    "id version url title client who note owner_name owner_initials owner_tone amount margin margin_low days days_over "
    "step_state step_at step_text links files folder_url chat_url unread messages extra can_move",
)

# A stage over every card that is seen: how many, their sum in roubles, how many are overdue and without a step.
Total = namedtuple("Total", "count sum late none", defaults=(0, Decimal(0), 0, 0))

# What a board shows of a card; a pipeline's own columns come after.
SHARED = (
    "id", "version", "stage", "title", "owner_id", "owner__name", "amount", "stage_since", "next_step_at", "next_step",
    "message_count", "file_count", "company__name", "contact__name",
)  # fmt: skip
OWN = {
    "leads": ("person", "firm", "raw_text", "channel", "received_at", "has_brief", "may_refer"),
    "expenses": ("deal_id", "deal_title", "purpose", "due_on", "paid_total"),
}
DEAL = ("cost_estimate", "paid_total", "last_touch_at")

_unread = []


def unread_by(func):
    """Register ``func(user)``: an expression over a card's row for how many messages this person has not read; chats do."""
    _unread.append(func)
    return func


class Number(Subquery):
    """How many rows the subquery has."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS rows)"
    output_field = IntegerField()
    empty_result_set_value = 0


def drawn(user, slug):
    """The rows of a pipeline with all that a board or a list shows of them, as dicts in one statement."""
    rows = kind_of(slug).objects.filter(pipeline=slug)
    out, back = CardLink.objects.filter(source=OuterRef("pk")), CardLink.objects.filter(target=OuterRef("pk"))
    unread = sum((ask(user) for ask in _unread), Value(0))
    if slug == "expenses":
        rows = rows.annotate(deal_title=deal_title(user))
    return rows.annotate(link_count=Number(out.values("pk")) + Number(back.values("pk")), unread_count=unread)


def deal_title(user):
    """What an expense's deal is called, to those who see it and to the accountant, who keeps its budget (G1, R-304)."""
    deals = Card.objects.all() if user.is_accountant else Card.objects.visible_to(user)
    return Subquery(deals.filter(pk=OuterRef("deal_id")).values("title"))


def fields_of(slug):
    return (*SHARED, *OWN.get(slug, DEAL), "link_count", "unread_count")


def newest(cards, user, slug, stages, per_stage=PER_COLUMN, start=0):
    """The newest cards of each stage as dicts, in the stages' order, in one statement however many stages there are."""
    return told(lambda: choice(cards, user, slug, stages, per_stage, start).query.sql_with_params(), slug, stages)


def first(user, slug, stages):
    """What a board shows at first to a person who has not narrowed it, by a statement composed once."""
    compose = lambda person: choice(Card.objects.visible_to(person), person, slug, stages, FIRST)  # noqa: E731
    return told(lambda: prepared(("first", slug, *stages), user, compose), slug, stages)


def choice(cards, user, slug, stages, per_stage, start=0):
    """The newest cards as a queryset of one stage, named "wanted"."stage", or of all when something narrows the cards.

    Among all cards each stage is read from its end of the index; among those that something narrows, which are fewer,
    every card is ranked once.
    """
    names, end = fields_of(slug), start + per_stage
    if cards.query.where:
        newer = Window(RowNumber(), partition_by=F("stage"), order_by=[F("stage_since").desc(), F("pk").desc()])
        ranked = cards.filter(pipeline=slug, stage__in=stages).annotate(place=newer)
        ranked = ranked.filter(place__gt=start, place__lte=end).values("pk")
        return drawn(user, slug).filter(pk__in=ranked).order_by("-stage_since", "-pk").values_list(*names)
    at_stage = RawSQL(WANTED, (), output_field=CharField())  # noqa: S611
    of_stage = drawn(user, slug).annotate(at_stage=at_stage).filter(stage=F("at_stage"))
    return of_stage.order_by("-stage_since", "-id").values_list(*names)[start:end]


WANTED = '"wanted"."stage"'


def told(statement, slug, stages):
    """The chosen cards as dicts, one stage after another; none where Django knows beforehand that there are none."""
    names = fields_of(slug)
    try:
        inner, params = statement()
    except EmptyResultSet:
        return []
    if WANTED in inner:
        columns = ", ".join(f"c{n}" for n in range(len(names)))
        inner = (
            'SELECT "found".* FROM unnest(%s::text[]) WITH ORDINALITY AS "wanted"("stage", "n") '  # noqa: S608
            f'CROSS JOIN LATERAL ({inner}) AS "found"({columns}) ORDER BY "wanted"."n"'
        )
        params = [list(stages), *params]
    with connection.cursor() as cursor:
        cursor.execute(inner, params)
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    places = {stage: place for place, stage in enumerate(stages)}
    return sorted(found, key=lambda card: places[card["stage"]])


def only(cards, user, slug, pk):
    """One card as a dict in a list, or an empty list when it is not among them."""
    return list(drawn(user, slug).filter(pk=pk, pk__in=cards.filter(pk=pk).values("pk")).values(*fields_of(slug)))


def page_of(cards, user, slug, order, start, most):
    """A page of a list as dicts."""
    page = cards.filter(pipeline=slug).order_by(*order).values("pk")[start : start + most]
    return list(drawn(user, slug).filter(pk__in=page).order_by(*order).values(*fields_of(slug)))


def totals(cards, slug, steps=False):
    """{stage: Total} over every card the queryset holds; what waits is counted only with ``steps``."""
    counts = {"n": Count("pk"), "total": Sum("amount")}
    if steps:
        counts |= {"late": Count("pk", filter=late()), "none": Count("pk", filter=without_step())}
    rows = cards.filter(pipeline=slug).order_by().values_list("stage").annotate(**counts)
    return {stage: Total(n, total or Decimal(0), *more) for stage, n, total, *more in rows}


def rows_of(found, user, slug):
    """The dicts as the tuples that boards/_card.html draws."""
    look = Look()
    return [draw(card, slug, look) for card in found]


class Look:
    """What the cards of one page share: today, the office's limits, and words that many of them have in common."""

    def __init__(self):
        self.now, self.zone, self.office = timezone.now(), company_zone(), office()
        self.today = self.date(self.now)
        self.days, self.steps = {}, {}

    def date(self, moment):
        return moment.astimezone(self.zone).date()

    def days_since(self, moment):
        """Working days since the moment, never less than none."""
        date = self.date(moment)
        if date not in self.days:
            self.days[date] = max(0, working_days_between(date, self.today))
        return self.days[date]

    def step(self, at):
        """State and words of a next step; of another day's step they are the same at every hour."""
        date = at and self.date(at)
        key = at if date == self.today else date
        if key not in self.steps:
            self.steps[key] = say(at, self.now)
        return self.steps[key]


def draw(card, slug, look):
    days = look.days_since(card["stage_since"])
    stage = of(slug).stages[card["stage"]]
    goes_on = None if card["next_step_at"] else stage.leaves_at(card["stage_since"])
    state, at = look.step(card["next_step_at"] or goes_on)
    client, who, note, margin, extra = own_words(card, slug)
    address = address_of(f"{kind_of(slug)._meta.app_label}:card") % card["id"]
    name = card["owner__name"] or ""
    return Row(
        card["id"], card["version"], address, card["title"], client, who, note, name, initials(name),
        tone(card["owner_id"]), card["amount"], margin,
        margin is not None and margin < look.office.margin_threshold, days, days > stage.norm and not stage.waits,
        state, at, stage.goes_on if goes_on else card["next_step"], card["link_count"], card["file_count"],
        *ways(slug, card["id"]), card["unread_count"],
        max(0, card["message_count"] - 1), extra, True,
    )  # fmt: skip


def ways(slug, pk):
    """Addresses of the card's folder, and of its chat where its pipeline has one; boards name them, they do not know them."""
    return address_of("files:of_card") % pk, address_of("chats:of_card") % pk if slug != "expenses" else None


@cache
def address_of(name):
    """The pattern of a card's address, to be filled with its number: reversing one per card costs more than drawing it."""
    return reverse(name, args=[0]).replace("/0/", "/%d/")


def margin(income, cost):
    """Planned profit in per cent of income, as ``deals.money`` defines it; None without both estimates."""
    if not income or cost is None:
        return None
    return (income - cost) * 100 / income


def own_words(card, slug):
    """Client, who, note, margin and marks of a card, as its pipeline shows them."""
    client = card["company__name"] or card["contact__name"] or ""
    if slug == "leads":
        came = f"{channels()[card['channel']]} · {when(card['received_at'])}"
        who = ", ".join(filter(None, [card["person"], client or card["firm"]]))
        return came, who, card["raw_text"][:140], None, lead_marks(card)
    if slug == "expenses":
        marks = (_("until %(day)s") % {"day": day(card["due_on"])},) if card["due_on"] else ()
        payee = "" if client in card["title"] else client
        deal = card["deal_title"] or ("" if card["deal_id"] else _("Without a deal"))
        return deal, payee, card["purpose"], None, marks
    return client, "", fact(card), margin(card["amount"], card["cost_estimate"]), warm_marks(card, slug)


def warm_marks(card, slug):
    """«Тёплая» with the day of the last contact, where the pipeline says that its cards are warm (R-217)."""
    if card["stage"] != of(slug).warm:
        return ()
    touched = card["last_touch_at"]
    return (_("warm, %(day)s") % {"day": day(touched)} if touched else _("warm"),)


def fact(card):
    """The actual profit in words, once something has been paid (R-320)."""
    if not card["amount"] or not card["paid_total"]:
        return ""
    share = percent(margin(card["amount"], card["paid_total"]))
    return _("Actual profit %(sum)s, %(share)s") % {
        "sum": roubles(card["amount"] - card["paid_total"]), "share": share,
    }  # fmt: skip


def channels():
    """What the ways that leads come by are called."""
    return dict(kind_of("leads")._meta.get_field("channel").flatchoices)


def lead_marks(card):
    """Whether there is a technical brief and whether the source may be named, where that is known (R-110)."""
    brief = {True: _("has a brief"), False: _("no brief")}.get(card["has_brief"])
    named = {True: _("may be named"), False: _("not to be named")}.get(card["may_refer"])
    return tuple(filter(None, (brief, named)))


def visible(user, slug, filters=None):
    """The cards of a board or a list: seen by this person and let through by the filters."""
    cards = Card.objects.visible_to(user)
    return filters.narrow(cards) if filters is not None else cards


def columns(user, slug, filters):
    """The open stages with their heads, and rows by stage."""
    process = of(slug)
    cards = visible(user, slug, filters)
    sums = totals(cards, slug, steps=not filters.chosen)
    wanted, by_stage = [s.value for s in process.open_stages], {}
    found = newest(cards, user, slug, wanted, FIRST) if filters.chosen else first(user, slug, wanted)
    for data, row in zip(found, rows_of(found, user, slug), strict=True):
        by_stage.setdefault(data["stage"], []).append(row)
    return sums, by_stage

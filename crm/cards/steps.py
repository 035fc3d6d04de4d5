"""The next step of a card: which of four states it is in, and where on the calendar it falls (R-253, R-024).

``Card.next_step_at`` mirrors the earliest open activity with a date, so that every list and board reads one column.
The same words and spans serve activities themselves through ``field``.
"""

from datetime import date, datetime, timedelta

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.jinja import day, when
from crm.office.calendar import add_working_days, company_date, is_working, midnight, working_days_between

LATE, TODAY, LATER, NONE = "late", "today", "later", "none"
TOMORROW, WEEK, NEXT = "tomorrow", "week", "next"
# The columns of «Сроки» in their order.
SPANS = (LATE, TODAY, TOMORROW, WEEK, NEXT, LATER, NONE)


def state(at: datetime | None, now: datetime | None = None) -> str:
    """Which of the four states a step due at this aware moment is in: late, today, later, or none without a moment."""
    now = now or timezone.now()
    if at is None:
        return NONE
    if at < now:
        return LATE
    return TODAY if company_date(at) == company_date(now) else LATER


def say(at: datetime | None, now: datetime | None = None) -> tuple[str, str]:
    """The state, and the words beside its icon: «Просрочено 2 дн», «Сегодня 14:00», «26 ноя»."""
    now = now or timezone.now()
    found = state(at, now)
    if at is None:
        return found, ""
    on, today = company_date(at), company_date(now)
    if found == LATE:
        days = max(1, working_days_between(on, today))
        return found, _("Overdue") if on == today else _("Overdue %(days)s d") % {"days": days}
    return found, _("Today %(time)s") % {"time": when(at)} if found == TODAY else day(on)


def cuts(now: datetime) -> dict[str, tuple[datetime | None, datetime | None]]:
    """Where each span with a date begins and ends (aware, end excluded); what is late ends now, and today begins."""
    today = company_date(now)
    after, monday = today + timedelta(days=2), today + timedelta(days=7 - today.weekday())
    ends = [now, *map(midnight, (today + timedelta(days=1), after, max(after, monday), monday + timedelta(days=7)))]
    return dict(zip(SPANS, zip([None, *ends], [*ends, None], strict=True), strict=False))


def span(at: datetime | None, now: datetime) -> str:
    """The span that a moment falls into."""
    if at is None:
        return NONE
    return next(name for name, (_start, end) in cuts(now).items() if end is None or at < end)


def inside(name: str, now: datetime, field: str = "next_step_at") -> Q:
    """What holds for the rows of one span; ``name`` is one of ``SPANS``."""
    if name == NONE:
        return Q(**{field: None})
    start, end = cuts(now)[name]
    after = Q(**{f"{field}__gte": start}) if start is not None else Q()
    return after & (Q(**{f"{field}__isnull": False}) if end is None else Q(**{f"{field}__lt": end}))


def spanned(rows: QuerySet, now: datetime, field: str = "next_step_at") -> QuerySet:
    """The rows with the name of their span as ``span``."""
    whens = [When(inside(name, now, field), then=Value(name)) for name in SPANS]
    return rows.annotate(span=Case(*whens, output_field=CharField()))


def ranked(rows: QuerySet, now: datetime, field: str = "next_step_at", start: int = 0, most: int = 50) -> QuerySet:
    """The earliest rows of every span, so many of each from the ``start``-th on."""
    earlier = Window(RowNumber(), partition_by=F("span"), order_by=[F(field).asc(), F("pk").asc()])
    return spanned(rows, now, field).annotate(nth=earlier).filter(nth__gt=start, nth__lte=start + most)


def heads(now: datetime) -> list[dict]:
    """The columns of «Сроки»: name of the span, its words, and which spans a card may be dropped from (R-024)."""
    today = company_date(now)
    dates = {TODAY: today, TOMORROW: today + timedelta(days=1)}
    words = {
        LATE: _("Overdue"), TODAY: _("Today"), TOMORROW: _("Tomorrow"), WEEK: _("This week"), NEXT: _("Next week"),
        LATER: _("Later on"), NONE: _("No date"),
    }  # fmt: skip
    return [
        {
            "stage": name,
            "name": words[name] + (date_format(dates[name], ", D j").lower() if name in dates else ""),
            "takes": [] if name == LATE else [other for other in SPANS if other != name],
        }
        for name in SPANS
    ]


def day_in(name: str, now: datetime) -> date | None:
    """The date that something dropped into a span gets, or None when no working day of that span is left.

    Today and tomorrow are themselves; the others their first working day. Raises KeyError for late and none.
    """
    today = company_date(now)
    monday = today + timedelta(days=7 - today.weekday())
    first = {
        TODAY: today,
        TOMORROW: today + timedelta(days=1),
        WEEK: today + timedelta(days=2),
        NEXT: max(monday, today + timedelta(days=2)),
        LATER: monday + timedelta(days=7),
    }[name]
    if name in (TODAY, TOMORROW):
        return first
    found = first if is_working(first) else add_working_days(first, 0)
    end = cuts(now)[name][1]
    return found if end is None or midnight(found) < end else None

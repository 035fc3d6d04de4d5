"""The working calendar: a year of twelve months, a day's own word, and a year taken from a file (D.6)."""

from calendar import Calendar
from collections import Counter
from datetime import date

from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.web import go

from ..calendar import company_today, known_years, working_days
from ..calendar_file import import_calendar
from ..changes import Act, remember, remove, save, settling, values_of
from ..forms.rows import CalendarFileForm, DayForm
from ..models import Area, CalendarDay
from ..production_calendar import DECREES, DayKind, rests_by_rule, usual_kind
from . import dialog, for_keepers, saved, settings_page, settled

FIRST, LAST = 2000, 2100


@require_safe
@for_keepers
def year(request, year=None):
    """Twelve months with days off, shortened and moved days; a day opens when pressed."""
    today = company_today()
    year = year or today.year
    if not FIRST <= year <= LAST:
        raise Http404
    own = {row.date: row for row in CalendarDay.objects.filter(date__year=year)}
    months = [month_of(year, month, own, today) for month in range(1, 13)]
    return settings_page(
        request, "office/_calendar.html", Area.CALENDAR, _("Working calendar"),
        year=year, years=(max(FIRST, year - 1), min(LAST, year + 1)), months=months,
        totals=sum((month["totals"] for month in months), Counter()), known=year in known_years(),
        decree=DECREES.get(year), own=[row for row in own.values() if not row.official],
        weekdays=[_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su")],
    )  # fmt: skip


def month_of(year, month, own, today):
    """A month as weeks of days; a date of a neighbouring month is None."""
    days, totals = working_days(), Counter()
    weeks = []
    for week in Calendar().monthdatescalendar(year, month):
        line = []
        for day in week:
            if day.month != month:
                line.append(None)
                continue
            kind, row = days.kind(day), own.get(day)
            totals[kind.value] += 1
            line.append({
                "date": day, "kind": kind.value, "today": day == today,
                "own": row is not None and not row.official,
                "moved": (kind == DayKind.OFF) != rests_by_rule(day),
                "title": ", ".join(filter(None, [date_format(day, "j E"), str(kind.label), row.note if row else ""])),
            })  # fmt: skip
        weeks.append(line)
    return {"name": date_format(date(year, month, 1), "F"), "weeks": weeks, "totals": totals}


def day_of(text):
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if not FIRST <= day.year <= LAST:
        raise Http404
    return day


@require_http_methods(["GET", "POST"])
@for_keepers
def day(request, day):
    """What the company does on one date."""
    on = day_of(day)

    def build(data, files):
        row = CalendarDay.objects.filter(date=on).first()
        return DayForm(data, instance=row or CalendarDay(date=on, kind=working_days().kind(on)))

    form, done = saved(request, build)
    if done:
        return settled(request, form.change, reverse("office:calendar", args=[on.year]))
    row = CalendarDay.objects.filter(date=on, official=False).first()
    return dialog(
        request, form, date_format(on, "j E Y"), date_format(on, "l"), "office/_day.html",
        day=on, usual=DayKind(row.decreed or usual_kind(on)).label if row else None,
    )  # fmt: skip


@require_POST
@for_keepers
def day_resets(request, day):
    """Give the date back to the production calendar."""
    on = day_of(day)
    with settling():
        row = CalendarDay.objects.filter(date=on, official=False).first()
        change = None
        if row and row.decreed:
            was = values_of(row)
            row.kind, row.official, row.note, row.decreed = row.decreed, True, "", ""
            change = save(row, was, request.user, Area.CALENDAR)
        elif row:
            change = remove(row, request.user, Area.CALENDAR)
    return settled(request, change, reverse("office:calendar", args=[on.year]))


@require_http_methods(["GET", "POST"])
@for_keepers
def imports(request):
    """A year from calendar.json: first what would change, then, asked again, it is taken."""
    form = CalendarFileForm(request.POST or None, request.FILES or None)
    if not (form.is_bound and form.is_valid()):
        return dialog(request, form, _("Year from a file"), part="office/_import.html", looked=None)
    taken, kinds = form.cleaned_data["year"], form.cleaned_data["kinds"]
    if request.POST.get("take") != "1":
        return dialog(
            request, form, _("Year from a file"), str(taken), "office/_import.html",
            looked=look_at(taken, kinds), content=form.cleaned_data["content"],
        )  # fmt: skip
    with settling():
        row = CalendarDay(date=date(taken, 1, 1))
        said = import_calendar(form.cleaned_data["content"])
        remember(row, Act.IMPORTED, request.user, Area.CALENDAR, said, _("Year %(year)s") % {"year": taken})
    return go(request, reverse("office:calendar", args=[taken]))


def look_at(year, kinds):
    """What taking the file would change: dates whose kind differs from today's calendar, own ones left alone."""
    own = set(CalendarDay.objects.filter(date__year=year, official=False).values_list("date", flat=True))
    days = working_days()
    differ = [(day, days.kind(day), kind) for day, kind in kinds.items() if days.kind(day) != kind]
    return {
        "year": year,
        "counts": Counter(kind.value for kind in kinds.values()),
        "changes": [(day, was.label, kind.label) for day, was, kind in differ if day not in own],
        "kept": [day for day, _was, _kind in differ if day in own],
    }

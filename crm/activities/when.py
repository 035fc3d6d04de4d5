"""When an activity is: the dates people press, and a date with or without an hour as a moment."""

from collections import namedtuple
from datetime import date, datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from crm.jinja import day as said_day
from crm.office.calendar import add_working_days, company_date, company_zone, day_end

# Nobody plans for a day that is longer past; a year was mistyped.
LONG_AGO = timedelta(days=180)
# A step that far ahead would silence «no next step» for good.
FAR_AHEAD = timedelta(days=2 * 365)
Quick = namedtuple("Quick", "code label date")


def quick(now: datetime) -> list[Quick]:
    """Today, the next working day, and about three days and a week from now, on working days."""
    today = company_date(now)
    tomorrow = add_working_days(today, 1)
    usual = tomorrow == today + timedelta(days=1)
    return [
        Quick("today", __("Today"), today),
        Quick("tomorrow", __("Tomorrow") if usual else said_day(tomorrow), tomorrow),
        Quick("three", __("In 3 days"), add_working_days(today + timedelta(days=3), 0)),
        Quick("week", __("In a week"), add_working_days(today + timedelta(days=7), 0)),
    ]


def moment(day: date, hour: time | None, now: datetime) -> datetime:
    """The aware moment of a date: its hour, or the end of its working day; today's own evening once that is over."""
    if hour is not None:
        return datetime.combine(day, hour, company_zone())
    end = day_end(day)
    if end <= now and day == company_date(now):
        return datetime.combine(day, time(23, 59), company_zone())
    return end


class WhenForm(forms.Form):
    """A date with or without an hour: typed, or one of the quick ones; ``due_at`` and ``all_day`` are what they come to."""

    when = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    day = forms.DateField(
        label=_("Date"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    time = forms.TimeField(
        label=_("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    needs_date = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.now = timezone.now()
        self.quick = quick(self.now)
        self.fields["when"].choices = [("", ""), *((q.code, q.label) for q in self.quick)]

    def clean(self):
        found = super().clean() or self.cleaned_data
        chosen = {q.code: q.date for q in self.quick}
        day = chosen.get(found.get("when")) or found.get("day")
        if day is None:
            if self.needs_date and not self.errors.get("day"):
                self.add_error("day", _("Say when."))
            return found
        if day != self.initial.get("day") and (doubt := self._doubt(day - company_date(self.now))):
            self.add_error("day", doubt)
            return found
        hour = found.get("time")
        return {**found, "due_at": moment(day, hour, self.now), "all_day": hour is None}

    @staticmethod
    def _doubt(ahead):
        """What to ask of a day that is so far ahead, if anything."""
        if ahead < -LONG_AGO:
            return _("This day is long past: is the year right?")
        return _("This day is more than two years ahead: is the year right?") if ahead > FAR_AHEAD else None


def shown(task) -> dict:
    """A task's time as the form's initial values."""
    if task.due_at is None:
        return {}
    local = task.due_at.astimezone(company_zone())
    return {"day": local.date(), "time": None if task.all_day else local.time()}

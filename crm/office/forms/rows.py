"""Forms of the rows that an administrator keeps: catalogue entries, ready tasks, own accounts, days of the calendar."""

import json

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..calendar_file import read_calendar
from ..models import Account, Area, CalendarDay, Entry, TaskTemplate
from . import SettingsForm


class EntryForm(SettingsForm):
    area = Area.CATALOGUES

    class Meta:
        model = Entry
        fields = ["name"]

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())


class TaskTemplateForm(SettingsForm):
    """A ready task; its checklist is typed a point a line (R-242, R-243)."""

    area = Area.TASKS

    checklist = forms.CharField(
        label=gettext_lazy("Checklist"),
        required=False,
        max_length=12_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("Each point on a line of its own. Tasks that are already set keep theirs."),
    )

    class Meta:
        model = TaskTemplate
        fields = ["title", "hint", "days", "checklist"]
        help_texts = {
            "hint": gettext_lazy("Stands under the name where processes are chosen."),
            "days": gettext_lazy("Due at the end of that working day; 0 is the same day."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["checklist"] = "\n".join(self.instance.checklist)
        if not self.instance.is_choice:
            del self.fields["hint"]
        if self.instance.is_dated:
            del self.fields["days"]

    def clean_checklist(self):
        lines = [" ".join(line.split()) for line in self.cleaned_data["checklist"].splitlines()]
        return [line for line in lines if line]


class AccountForm(SettingsForm):
    area = Area.ACCOUNTS

    class Meta:
        model = Account
        fields = ["firm", "inn", "kpp", "bank", "bank_city", "bik", "correspondent", "number"]
        widgets = {
            name: forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"})
            for name in ("inn", "kpp", "bik", "correspondent", "number")
        }


class DayForm(SettingsForm):
    """What the company does on one date; its own word goes before the year's decree (D.6)."""

    area = Area.CALENDAR

    class Meta:
        model = CalendarDay
        fields = ["kind", "note"]
        widgets = {"kind": forms.RadioSelect}
        help_texts = {"note": gettext_lazy("Why, for those who wonder later.")}

    def keep(self, by):
        row = self.instance
        if row.official:
            row.official, row.decreed = False, self.was["kind"]
        return super().keep(by)


class CalendarFileForm(forms.Form):
    """A year's calendar.json: first looked at, then taken."""

    MOST_BYTES = 100_000

    file = forms.FileField(
        label=gettext_lazy("File calendar.json"),
        required=False,
        help_text=gettext_lazy("A year as xmlcalendar.ru publishes it. First you see what would change."),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )
    text = forms.CharField(widget=forms.HiddenInput, required=False, max_length=MOST_BYTES)

    def clean(self):
        answers = super().clean()
        file, text = answers.get("file"), answers.get("text")
        if file and file.size > self.MOST_BYTES:
            raise ValidationError(_("The file is larger than a calendar can be."))
        if not file and not text:
            self.add_error("file", _("Choose a file."))
            return answers
        try:
            content = json.loads(file.read() if file else text)
        except (ValueError, RecursionError):
            self.add_error("file", _("This is not a JSON file."))
            return answers
        try:
            answers["year"], answers["kinds"] = read_calendar(content)
        except ValidationError as error:
            self.add_error("file", error)
        answers["content"] = content
        return answers

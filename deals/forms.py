"""Forms of a deal: a new one, and its facts and estimates."""

from uuid import uuid4, uuid5

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.cards.fields import DayFormField
from crm.office.calendar import company_today
from crm.pipelines.editing import CardForm
from crm.pipelines.moves import siblings
from crm.pipelines.who import nobody

from . import rhythm
from .hints import hint_of
from .models import Deal, Turn
from .pipelines.asks import RhythmFields


class DealForm(CardForm):
    class Meta:
        model = Deal
        fields = ["title", "company", "contact", "amount", "cost_estimate", "comment"]
        labels = {"amount": _("Income estimate")}
        widgets = {"comment": forms.Textarea(attrs={"rows": 3})}


class DealFactsForm(CardForm):
    # Longer than what people type: the system has put the folder's address below it.
    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=11_000, widget=forms.Textarea(attrs={"rows": 3})
    )

    class Meta:
        model = Deal
        fields = [
            "title", "amount", "cost_estimate", "company", "contact", "source", "source_note", "may_refer",
            "object_type", "service", "brief", "comment", *Deal.HINTS,
        ]  # fmt: skip
        labels = {"amount": _("Income estimate")}
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("brief", "learned")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in Deal.HINTS:
            self.fields[name].help_text = hint_of(name)


class RhythmForm(RhythmFields):
    """The needs and the rhythm of a client who is being reminded, changed later on (R-233, R-234, R-235)."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args, deal, **kwargs):
        held = {name: getattr(deal, name) for name in self.base_fields if hasattr(deal, name)}
        super().__init__(*args, initial=held, **kwargs)

    @property
    def values(self):
        """The deal's own fields as answered."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("key", "version")}


class ShiftForm(forms.Form):
    """How far to put off the open reminders of several clients: by a week, a month, or to a date (R-236)."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)
    channel = forms.ChoiceField(label=_("Which"), required=False, choices=[("", _("All")), *Turn.Channel.choices])
    by = forms.ChoiceField(
        label=_("Until when"), widget=forms.RadioSelect,
        choices=[("week", _("By a week")), ("month", _("By a month")), ("day", _("To a date"))], initial="week",
    )  # fmt: skip
    day = DayFormField(label=_("Date"), required=False)

    def clean(self):
        answers = super().clean()
        if answers.get("by") == "day" and "day" not in self.errors:
            if answers.get("day") is None:
                self.add_error("day", _("Choose a date."))
            elif answers["day"] < company_today():
                self.add_error("day", _("This day has passed."))
        return answers

    def shift(self, turn, user):
        """Put one reminder off as was answered; the same form moves it once."""
        by, key = self.cleaned_data["by"], self.cleaned_data["key"]
        key = key and uuid5(key, str(turn.pk))
        if by == "day":
            return rhythm.put_on(turn, self.cleaned_data["day"], user, key)
        return rhythm.shift(turn, rhythm.PUT_OFF[by], user, key)


class TransferForm(forms.Form):
    """Where to bring a deal: an open stage of another pipeline (R-021)."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    goal = forms.ChoiceField(label=_("Pipeline and stage"))

    def __init__(self, *args, deal, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = deal.version
        self.fields["goal"].choices = [
            (p.label, [(f"{p.slug} {stage.value}", stage.label) for stage in p.open_stages if reachable(p, stage)])
            for p in siblings(deal)
        ]


def reachable(process, stage):
    """Whether a deal newly put into the pipeline's first stage can be brought on to this one by a person."""
    return stage.value == process.first or any(
        process.first in step.sources and step.by is not nobody and step.to == stage.value
        for step in process.steps.values()
    )

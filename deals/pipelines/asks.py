"""Questions that a deal's moves ask; an answer whose name is a field of the deal is kept in it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.cards.fields import YesNoFormField
from crm.office.catalogues import choices, templates
from crm.pipelines.forms import Ask

PERIODS = [("month", _("a month")), ("quarter", _("a quarter")), ("year", _("a year"))]
CHANNELS = ("letter", "call", "meeting")


class LossAsk(Ask):
    loss_reason = forms.ChoiceField(label=_("Reason"), choices=lambda: choices("loss_reason"), widget=forms.RadioSelect)
    remark = forms.CharField(label=_("Remark"), required=False, max_length=2000, widget=forms.Textarea)


class PoolAsk(Ask):
    """«Есть заявка?»: the answer decides which deals are opened (R-218, R-219)."""

    title = _("Does the client have a request?")

    has_request = YesNoFormField(label=_("Is there a request?"))
    request = forms.CharField(label=_("The request"), required=False, max_length=10_000, widget=forms.Textarea)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["request"].initial = self.card.request  # what the lead asked for

    def clean(self):
        answers = super().clean()
        if answers.get("has_request") and not answers.get("request"):
            self.add_error("request", _("Write down what the client asks for."))
        return answers


class RequestAsk(Ask):
    title = _("What does the client ask for?")

    request = forms.CharField(label=_("The request"), max_length=10_000, widget=forms.Textarea)


class RhythmFields(forms.Form):
    """What the client may need, and how often to remind by each channel; 0 is «не нужно» (R-233, R-234)."""

    needs = forms.MultipleChoiceField(
        label=_("Possible needs of the client"), choices=lambda: choices("need"), widget=forms.CheckboxSelectMultiple
    )
    letter_times = forms.IntegerField(label=_("Letters, times"), min_value=0, max_value=60)
    letter_per = forms.ChoiceField(label=_("Letters, per"), choices=PERIODS, initial="quarter")
    call_times = forms.IntegerField(label=_("Calls, times"), min_value=0, max_value=60)
    call_per = forms.ChoiceField(label=_("Calls, per"), choices=PERIODS, initial="quarter")
    meeting_times = forms.IntegerField(label=_("Meetings, times"), min_value=0, max_value=60)
    meeting_per = forms.ChoiceField(label=_("Meetings, per"), choices=PERIODS, initial="year")

    def clean(self):
        answers = super().clean()
        times = [answers.get(f"{channel}_times") for channel in CHANNELS]
        if None not in times and not any(times):
            raise forms.ValidationError(_("Choose at least one kind of contact: all three cannot be 0."))
        return answers


class RhythmAsk(RhythmFields, Ask):
    title = _("Needs and rhythm of the client")


class OfferAsk(Ask):
    """«Какой процесс запустить?»: a task with its checklist for each chosen one (R-243)."""

    title = _("Which process to start?")

    processes = forms.MultipleChoiceField(
        label=_("Which process to start?"),
        choices=lambda: [(t.code, t.titled()) for t in templates("offer")],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one process.")},
    )


class ReworkAsk(OfferAsk):
    title = _("What has to be reworked?")

    remark = forms.CharField(label=_("What to rework"), max_length=2000, widget=forms.Textarea)

    field_order = ["remark", "processes"]

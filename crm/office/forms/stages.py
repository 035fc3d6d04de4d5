"""Forms of a stage and of a field's hint: the company's own words over those that came with the product."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..changes import save, values_of
from ..hints import hinted
from ..models import Area, FieldHint, Office, StageSetting
from . import SettingsForm


class StageForm(SettingsForm):
    """Words, norm and density of one stage, and what may be asked on the way into it (G5)."""

    area = Area.STAGES

    class Meta:
        model = StageSetting
        fields = ["name", "hint", "days", "tone", "empties", "needs"]
        widgets = {
            "hint": forms.Textarea(attrs={"rows": 3}),
            "tone": forms.Select(choices=[("", gettext_lazy("By its place")), *((n, str(n)) for n in range(1, 8))]),
        }
        help_texts = {
            "hint": gettext_lazy("People see it at the stage. Empty: the words that came with the product."),
            "days": gettext_lazy("A card that stands longer is stuck. Empty: the company's own limit."),
            "tone": gettext_lazy("From 1, the lightest, to 7."),
            "empties": gettext_lazy("The column says until when its new cards must be sorted out."),
        }

    def __init__(self, *args, process, stage, **kwargs):
        super().__init__(*args, **kwargs)
        self.process, self.stage = process, stage
        self.fields["name"].help_text = _("Came with the product as “%(name)s”; empty means that.") % {
            "name": stage.declared
        }
        self.initial |= {
            "name": self.instance.name or stage.declared,
            "hint": self.instance.hint or stage.declared_hint,
        }
        if not stage.is_open:
            del self.fields["days"], self.fields["tone"]
        elif stage.waits:
            del self.fields["days"]
        if stage.value != process.first or not process.declared_empty:
            del self.fields["empties"]
        self._offer_needs()
        self.office = Office.load()
        self.switches = switches_into(process, stage.value)
        for switch in self.switches:
            field = Office._meta.get_field(switch)
            self.fields[switch] = forms.BooleanField(
                label=field.verbose_name, required=False, initial=getattr(self.office, switch)
            )
            self.seen += "01"[getattr(self.office, switch)]
        self.fields["version"].initial = self.seen

    def _offer_needs(self):
        offered = self.process.may_ask(self.stage.value)
        if not offered:
            del self.fields["needs"]
            return
        self.fields["needs"] = forms.MultipleChoiceField(
            label=self.fields["needs"].label, required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(name, self.process.field_label(name)) for name in offered],
            help_text=_("Nobody brings a card here while one of these is empty: the move asks for what is missing."),
        )  # fmt: skip

    @property
    def subject(self):
        return f"{self.process.label}: {self.stage.declared}"

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        others = [str(s.label) for s in self.process.stages.values() if s.value != self.stage.value]
        if name.lower() in [other.lower() for other in others]:
            raise forms.ValidationError(_("Another stage of this pipeline is called so."))
        return "" if name == str(self.stage.declared) else name

    def clean_hint(self):
        hint = self.cleaned_data["hint"].strip()
        return "" if hint == str(self.stage.declared_hint) else hint

    def keep(self, by):
        office, was = self.office, values_of(self.office)
        for switch in self.switches:
            setattr(office, switch, self.cleaned_data[switch])
        asked = save(office, was, by, Area.STAGES, subject=self.subject)
        untouched = self.was is None and values_of(self.instance) == values_of(self._nothing_said())
        return (None if untouched else super().keep(by)) or asked

    def _nothing_said(self):
        return StageSetting(pipeline=self.process.slug, stage=self.stage.value)


def switches_into(process, stage: str) -> list[str]:
    """The company's switches that ask for more on the way into this stage, those marked “(proposed)” (R-012)."""
    ways = [step for step in process.steps.values() if step.to == stage]
    return list(dict.fromkeys(name for way in ways for name in (*way.optional, *(p.switch for p in way.papers))))


class HintForm(SettingsForm):
    """What to write into a field of a card (R-212)."""

    area = Area.TASKS

    class Meta:
        model = FieldHint
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.came_with = str(hinted[self.instance.field].text)
        self.fields["text"].help_text = _("Empty: “%(text)s”.") % {"text": self.came_with}
        self.initial["text"] = self.instance.text or self.came_with

    def clean_text(self):
        text = self.cleaned_data["text"].strip()
        return "" if text == self.came_with else text

    @property
    def subject(self):
        return str(hinted[self.instance.field].label)

"""Forms of a lead: a new one on one screen, what is known about it, whom it is given to, whom nobody listens to."""

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from crm.clients.phones import normalise_phone
from crm.people.models import User
from crm.pipelines.editing import CardForm

from .exclusions import read_address
from .models import Channel, Lead

PEOPLE_TYPE = [(c.value, c.label) for c in (Channel.PHONE, Channel.MANUAL, Channel.MAIL, Channel.SITE)]
LONGEST_TITLE = 120


def readable_phone(typed):
    """The phone as it was typed, if a number can be read in it: what cannot be dialled is no phone (R-504)."""
    try:
        if typed:
            normalise_phone(typed)
    except ValueError as error:
        raise forms.ValidationError(str(error)) from None
    return typed


class NewLeadForm(CardForm):
    """Whatever is known of who called, three fields in view; a title makes itself of it (R-012, R-102)."""

    IN_VIEW = ("person", "reach", "raw_text")

    reach = forms.CharField(
        label=_("Phone or e-mail"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "placeholder": "+7 912 345-67-89"}),
    )

    class Meta:
        model = Lead
        fields = ["person", "raw_text", "title", "firm", "phone", "email", "channel", "owner"]
        labels = {"person": _("Who asks"), "raw_text": _("What is needed")}
        widgets = {
            "person": forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "placeholder": _("Name, company")}),
            "raw_text": forms.Textarea(attrs={"rows": 3}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        }  # fmt: skip

    field_order = ["person", "reach", "raw_text"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["title"].required = self.fields["title"].widget.is_required = False
        self.fields["channel"].choices = PEOPLE_TYPE
        self.fields["channel"].initial = Channel.PHONE
        self.fields["owner"].initial = self.user.pk if self.user.works_with_clients else None
        if not self.user.may_distribute_leads:
            del self.fields["owner"]

    def clean_phone(self):
        return readable_phone(self.cleaned_data.get("phone"))

    @property
    def opened(self):
        """Whether more than the three fields has to be shown: something there is wrong."""
        return any(name not in self.IN_VIEW for name in self.errors)

    def clean(self):
        answers = super().clean()
        if reach := answers.get("reach"):
            name = "email" if "@" in reach else "phone"
            if not answers.get(name):
                try:
                    answers[name] = self._meta.model._meta.get_field(name).clean(reach, None)
                    self.clean_phone()
                except forms.ValidationError as error:
                    self.add_error("reach", error)
            elif answers[name] != reach:
                answers["comment"] = f"{self.fields['reach'].label}: {reach}"
        name, comma, firm = answers.get("person", "").partition(",")
        if comma and not answers.get("firm"):  # written as the field asks for it
            answers["person"], answers["firm"] = name.strip(), firm.strip()
        wanted = answers.get("raw_text", "").partition("\n")[0].strip()
        short = Truncator(wanted).chars(LONGEST_TITLE)
        known = (answers.get("title"), short, *(answers.get(name) for name in ("firm", "person", "phone", "email")))
        answers["title"] = next(filter(None, known), "")
        if not answers["title"] and not self.errors:
            self.add_error("person", _now("Say what it is about or who called."))
        return answers

    @property
    def values(self):
        comment = self.cleaned_data.get("comment")
        return super().values | ({"comment": comment} if comment else {})


class LeadForm(CardForm):
    class Meta:
        model = Lead
        fields = [
            "title", "person", "firm", "phone", "email", "company", "contact", "source", "source_note", "may_refer",
            "has_brief", "object_type", "service", "amount", "raw_text", "comment",
        ]  # fmt: skip
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("raw_text", "comment")}

    def clean_phone(self):
        """One that came in long ago, or with a letter, stays as it is."""
        phone = self.cleaned_data["phone"]
        return readable_phone(phone) if "phone" in self.changed_data else phone


class AssignForm(forms.Form):
    """Who answers for several leads from now on (R-104)."""

    owner = forms.ModelChoiceField(label=_("Responsible"), queryset=User.objects.none(), empty_label=_("not chosen"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.assignable().order_by("name")


class ExclusionForm(forms.Form):
    """An address for the exclusion list, read as what it looks like: a phone, a mail, a mail domain."""

    address = forms.CharField(
        label=_("Phone, e-mail or mail domain"), max_length=254, help_text=_("For a domain: example.ru")
    )

    def clean_address(self):
        try:
            return read_address(self.cleaned_data["address"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

"""Forms of oversight: a question to a manager, and until when an item is put off."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.boards.filters import responsible
from crm.people.models import User

from .control import ABOUT_CLIENTS
from .models import Violation


class QuestionForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)
    text = forms.CharField(label=_("Question"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class AnswerForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)
    text = forms.CharField(
        label=_("Your answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True})
    )


class SnoozeForm(forms.Form):
    days = forms.TypedChoiceField(
        label=_("Put off for"), coerce=int, initial=3, widget=forms.RadioSelect,
        choices=[(1, _("1 working day")), (3, _("3 working days")), (5, _("for a week")), (20, _("for a month"))],
    )  # fmt: skip


class RegisterFilter(forms.Form):
    """What narrows the register; a condition that cannot be read is left out."""

    CLIENTS = "clients"

    kind = forms.ChoiceField(label=_("Violation"), required=False, choices=[("", _("any"))])
    person = forms.ModelChoiceField(
        label=_("Responsible"), required=False, queryset=User.objects.none(), empty_label=_("all")
    )
    nobody = forms.BooleanField(label=_("Without a responsible person"), required=False)
    all = forms.BooleanField(label=_("Resolved as well"), required=False)

    def __init__(self, data, user):
        super().__init__(data)
        self.fields["kind"].choices += [(self.CLIENTS, _("All about clients")), *Violation.Kind.choices]
        if user.is_executive:
            self.fields["person"].queryset = responsible()
        else:
            del self.fields["person"], self.fields["nobody"]

    @property
    def chosen(self):
        """How many conditions are set."""
        self.is_valid()
        return sum(bool(value) for value in getattr(self, "cleaned_data", {}).values())

    def narrow(self, rows):
        self.is_valid()
        wanted = getattr(self, "cleaned_data", {})
        if not wanted.get("all"):
            rows = rows.open()
        if wanted.get("kind") == self.CLIENTS:
            rows = rows.filter(kind__in=ABOUT_CLIENTS)
        elif wanted.get("kind"):
            rows = rows.filter(kind=wanted["kind"])
        if wanted.get("person"):
            rows = rows.filter(card__owner=wanted["person"])
        if wanted.get("nobody"):
            rows = rows.filter(card__owner=None)
        return rows

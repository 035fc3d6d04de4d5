"""Choosing a file of leads, and saying which column is which field."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from crm.people.models import User

from ..models import LeadImport
from .fields import NAMING, fields_for, label_of
from .reading import MOST_BYTES, Unreadable, read


class FileForm(forms.Form):
    """A file; ``table`` is what it says."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("CSV from Excel, 1C or another CRM; the first row holds headings; up to 10,000 rows"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv", "class": "control"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        self.data_read = file.read(MOST_BYTES + 1)
        try:
            self.table = read(self.data_read)
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from None
        return file


class ColumnsForm(forms.ModelForm):
    """Which field of a lead each column fills, who answers for the leads, and what of those already known."""

    takes_known = forms.BooleanField(label=_("Also create leads of contacts that are already here"), required=False)

    class Meta:
        model = LeadImport
        fields = ["owner", "takes_known"]

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        names = fields_for(user.may_distribute_leads)
        choices = [("", _("do not import")), *((name, label_of(name)) for name in names)]
        self.columns = []
        for n, (heading, name) in enumerate(zip(self.instance.columns, self.instance.fields, strict=True)):
            field = f"column_{n}"
            self.fields[field] = forms.ChoiceField(
                label=heading or f"№ {n + 1}", choices=choices, initial=name, required=False
            )
            self.columns.append(field)
        if user.may_distribute_leads:
            owner = self.fields["owner"]
            owner.queryset = User.objects.assignable().order_by("name")
            owner.label, owner.empty_label = _now("Responsible"), _now("nobody yet")
        else:
            del self.fields["owner"]

    @property
    def bound_columns(self):
        return [self[name] for name in self.columns]

    def clean(self):
        answers = super().clean()
        chosen = [answers.get(name, "") for name in self.columns]
        for column, name in zip(self.columns, chosen, strict=True):
            if name and chosen.count(name) > 1:
                self.add_error(column, _now("Two columns cannot fill one field."))
        if not set(NAMING) & set(chosen) and not self.errors:
            raise forms.ValidationError(_now("Say which column holds the name, the company, the phone or the mail."))
        self.instance.fields = chosen
        return answers

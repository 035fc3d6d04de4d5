"""Forms of a company and a contact with their phones and mails; requisites are never a reason not to save."""

import re
import uuid

from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from crm.cards.picks import offer_few
from crm.people.models import User

from .models import Channel, Company, Contact
from .phones import normalise_email, normalise_phone
from .requisites import compact, problems
from .verbs import add_channels, tell_requisites

MOST_CHANNELS = 20


def several(text):
    """What was typed, one value for each line, comma or semicolon."""
    return [part.strip() for part in re.split(r"[\n,;]+", text) if part.strip()]


class CompactField(forms.CharField):
    """Digits as people paste them: spaces and dashes in between do not count."""

    def to_python(self, value):
        return compact(super().to_python(value))

    def widget_attrs(self, widget):
        return {"autocomplete": "off"}


class ClientForm(forms.ModelForm):
    """What both forms share: channels, the responsible person, and no overwriting of what others changed."""

    phone = forms.CharField(
        label=_("Phones"), required=False, max_length=1000, help_text=_("Several: separate by commas")
    )
    email = forms.CharField(label=_("E-mails"), required=False, max_length=2000)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["version"].initial = self.instance.version
        self.fields["key"].initial = uuid.uuid4()
        if self.instance.pk:
            self.fields["phone"].initial = ", ".join(written for _number, written in phones_of(self.instance))
            self.fields["email"].initial = ", ".join(c.value for c in self.instance.mails)
        if user.is_executive:
            self.fields["owner"].queryset = User.objects.active().order_by("name")
            self.fields["owner"].initial = user.pk
        else:
            del self.fields["owner"]

    def read_channels(self, name, normalise):
        values = several(self.cleaned_data[name])[:MOST_CHANNELS]
        for value in values:
            try:
                normalise(value)
            except ValueError as error:
                raise forms.ValidationError(f"{value}: {error}") from None
        return values

    def clean_phone(self):
        return self.read_channels("phone", normalise_phone)

    def clean_email(self):
        return self.read_channels("email", normalise_email)

    def clean(self):
        fields = super().clean()
        if self.instance.pk and fields.get("version") != self.instance.version:
            raise forms.ValidationError(
                _("Somebody changed this client meanwhile. Open it again so as not to lose that.")
            )
        return fields

    def save(self, commit=True):
        """The client as the form says; a new one is made once for the same key."""
        if self.instance.pk is None:
            self.instance.key = self.cleaned_data["key"]
        try:
            return self._save(commit)
        except IntegrityError:
            made = type(self.instance).objects.filter(key=self.instance.key).first() if self.instance.key else None
            if made is None:
                raise
            return made

    @transaction.atomic
    def _save(self, commit):
        client = self.instance
        if client.pk:
            client.version += 1
        elif "owner" not in self.fields:
            client.owner = self.user
        client = super().save(commit)
        if {"phone", "email"} & set(self.changed_data):
            client.channels.all().delete()
            add_channels(client, self.cleaned_data["phone"], self.cleaned_data["email"])
        client.refresh_words()
        return client


class CompanyForm(ClientForm):
    class Meta:
        model = Company
        fields = [
            "name", "kind", "owner", "phone", "email", "site", "address", "legal_name", "inn", "kpp", "ogrn",
            "bank_name", "bik", "account", "correspondent_account", "comment",
        ]  # fmt: skip
        field_classes = dict.fromkeys(["inn", "kpp", "ogrn", "bik", "account", "correspondent_account"], CompactField)
        widgets = {"comment": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.paid_by = self.instance.requisites

    @transaction.atomic
    def _save(self, commit):
        new = self.instance.pk is None
        company = super()._save(commit)
        if not new and company.requisites != self.paid_by:
            tell_requisites(company, self.paid_by, self.user)
        return company


class ContactForm(ClientForm):
    class Meta:
        model = Contact
        fields = ["name", "position", "role", "company", "kind", "owner", "phone", "email", "comment"]
        labels = {"name": _("Full name")}
        widgets = {"comment": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        seen = Company.objects.visible_to(self.user)
        hidden = self.instance.company_id and not seen.filter(pk=self.instance.company_id).exists()
        if hidden:
            del self.fields["company"]
        else:
            self.fields["company"].queryset = seen
            offer_few(self.fields["company"])


REQUISITES = {
    "inn": "inn",
    "kpp": "kpp",
    "ogrn": "ogrn",
    "bik": "bik",
    "account": "account",
    "corr_account": "correspondent_account",
}


def doubts(company):
    """What looks wrong in a company's requisites, as (field's name, words): a warning, not a refusal (D.3)."""
    found = problems(**{key: getattr(company, name) for key, name in REQUISITES.items()})
    return [(company._meta.get_field(REQUISITES[key]).verbose_name, words) for key, words in found.items()]


def phones_of(client):
    """A client's phones as people write them, each with the number to dial."""
    return [(c.value, c.written) for c in client.channels.all() if c.kind == Channel.Kind.PHONE]

"""Changing a card's fields through a form: the version the person saw goes with it, and nothing typed is ever lost."""

import uuid

from django import forms
from django.utils.translation import gettext as _

from crm.cards.verbs import Stale, change
from crm.office.catalogues import name_of

from .forms import narrow


class CardForm(forms.ModelForm):
    """A form over a card; offers only what this person may choose (R-015), its key makes sending twice harmless."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["key"].initial = uuid.uuid4()
        if self.instance.pk:
            self.fields["version"].initial = self.instance.version
        for name, field in self.fields.items():
            narrow(field, user)
            self._keep_current(name, field)

    def _keep_current(self, name, field):
        """What stands on the card stays a choice, though this person could not choose it anew."""
        current = getattr(self.instance, f"{name}_id", None)
        if current and getattr(field, "queryset", None) is not None:
            field.queryset = field.queryset.model.objects.filter(
                pk__in=[*field.queryset.values_list("pk", flat=True), current]
            )
        catalogue = getattr(fields_of(self.instance).get(name), "catalogue", "")
        if catalogue:
            held = getattr(self.instance, name) or []
            offered = list(field.choices)
            kept = [code for code in ([held] if isinstance(held, str) else held) if code not in dict(offered)]
            field.choices = [*offered, *((code, name_of(catalogue, code)) for code in kept)]

    @property
    def values(self):
        """The card's own fields as answered."""
        return {name: self.cleaned_data[name] for name in self._meta.fields if name in self.cleaned_data}


def fields_of(card):
    """The card's fields by name."""
    return {field.name: field for field in card._meta.concrete_fields}


def save_changes(card, form, by, values=None):
    """Change the card as the form says; False, with the form saying why, when somebody else was first."""
    try:
        change(
            card, form.values if values is None else values, by, form.cleaned_data["version"], form.cleaned_data["key"]
        )
    except Stale:
        form.add_error(
            None, _("Somebody has changed this card meanwhile. Look at it in a new tab; what you typed is kept here.")
        )
        return False
    return True

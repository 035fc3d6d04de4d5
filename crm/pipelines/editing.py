"""Changing a card's fields through a form: the version the person saw goes with it, and nothing typed is ever lost."""

import uuid

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crm.cards.models import Event
from crm.cards.verbs import Stale, change, shown
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
            field.queryset = field.queryset | field.queryset.model.objects.filter(pk=current)
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
        say_who_was_first(card, form, form.values if values is None else values)
        return False
    return True


def say_who_was_first(card, form, values):
    """Nothing typed is lost: what stands on the card by now is said beside each field that differs; sent again, it counts."""
    now = type(card).objects.get(pk=card.pk)
    last = Event.objects.filter(card_id=card.pk).exclude(actor=None).select_related("actor").order_by("-pk").first()
    who = last.actor.name if last else _("Somebody")
    for name, value in values.items():
        if name in form.fields and value != getattr(now, name):
            stands = shown(now, name) or "—"
            form.add_error(name, _("Saved now: %(value)s") % {"value": _ANSWER.get(stands, stands)})
    form.add_error(None, _(
        "%(who)s has changed this meanwhile. What you typed is kept: look at what is marked and save again."
    ) % {"who": who})  # fmt: skip
    form.data = form.data.copy()
    form.data[form.add_prefix("version")] = now.version


_ANSWER = {"yes": lazy("yes"), "no": lazy("no")}

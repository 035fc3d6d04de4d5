"""Forms of the settings: validated and saved while nobody else changes settings, told when somebody was first."""

from django import forms
from django.utils.translation import gettext as _

from ..changes import save, values_of, version_of
from ..history import shown
from ..models import Area, SettingsChange
from ..models.limits import bounds


class SettingsForm(forms.ModelForm):
    """A form over a row of the office, built and saved while ``settling()``.

    ``version`` is the row as the person saw it: when it is another by now, the form says what stands there, keeps
    what was typed, and may be sent again.
    """

    area: Area
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.was = None if self.instance._state.adding else values_of(self.instance)
        self.seen = self.fields["version"].initial = version_of(self.instance)
        for name, field in self.fields.items():
            if isinstance(field, forms.IntegerField):
                least, most = bounds(self._meta.model._meta.get_field(name))
                words = _("Enter a number from %(least)s to %(most)s.") % {"least": least, "most": most}
                field.error_messages |= {"min_value": words, "max_value": words}

    @property
    def subject(self):
        """The row as the history names it; empty for the row's own words."""
        return ""

    def clean(self):
        answers = super().clean()
        if answers.get("version", "") != self.seen:
            self._say_who_was_first(answers)
        return answers

    def validate_unique(self):
        """All of the row's constraints, those over fields that the form does not show as well."""
        super().validate_unique()
        if self.errors:
            return
        try:
            self.instance.validate_constraints()
        except forms.ValidationError as error:
            self._update_errors(error)

    def _say_who_was_first(self, answers):
        meta = self.instance._meta
        last = SettingsChange.objects.filter(model=meta.model_name, row=self.instance.pk).select_related("by").first()
        who = last.by.name if last else _("Somebody")
        self.add_error(None, _(
            "%(who)s has changed this meanwhile. What you typed is kept: look at what is marked and save again."
        ) % {"who": who})  # fmt: skip
        for name in self._meta.fields or ():
            stands = (self.was or {}).get(name)
            if name in answers and answers[name] != stands:
                self.add_error(name, _("Saved now: %(value)s") % {"value": shown(meta.get_field(name), stands)})
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = self.seen

    def keep(self, by):
        """Save what was answered and remember it; the change, or None when nothing differs."""
        return save(self.instance, self.was, by, self.area, subject=self.subject)

"""Forms of a task: a new one, and another day for an open one."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.people.models import User

from .models import Task


class DueField(forms.DateTimeField):
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs):
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs)


class TaskForm(forms.ModelForm):
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    due_at = DueField(label=_("Due"))
    checklist = forms.CharField(
        label=_("Checklist, one line for each point"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Task
        fields = ["title", "kind", "due_at", "owner", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args, card, user, **kwargs):
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        owner.queryset = User.objects.assignable() | User.objects.filter(pk=user.pk)
        owner.required = True

    def clean_checklist(self):
        return [line.strip()[:300] for line in self.cleaned_data["checklist"].splitlines() if line.strip()]


class DateForm(forms.Form):
    due_at = DueField(label=_("Due"))

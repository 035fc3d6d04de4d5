"""Forms of an activity: planned or changed, moved to another time, done with the next step at hand, talked about."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.cards.access import who_sees
from crm.web import SeenMixin

from .models import Task
from .when import WhenForm, shown

NAMES = {"call": _("Call"), "letter": _("Letter"), "meeting": _("Meeting"), "task": _("Task")}
REMIND = [(0, _("at that time")), (15, _("15 minutes before")), (60, _("an hour before")), (1440, _("a day before"))]


class KindField(forms.ChoiceField):
    widget = forms.RadioSelect

    def __init__(self, **kwargs):
        super().__init__(label=_("Kind"), choices=list(NAMES.items()), initial="call", **kwargs)


class TitleField(forms.CharField):
    """What to do; left empty, the kind's own name is enough (R-012)."""

    def __init__(self, **kwargs):
        super().__init__(label=_("What to do"), required=False, max_length=300, **kwargs)


class StepForm(WhenForm):
    """The next step beside «done»: planned when a date is given, left out without one."""

    kind = KindField(required=False)
    title = TitleField()
    needs_date = False
    field_order = ["kind", "title"]

    @property
    def step(self):
        """The fields of the step to plan, or None."""
        found = self.cleaned_data
        if "due_at" not in found:
            return None
        kind = found["kind"] or Task.Kind.CALL
        title = found["title"] or str(NAMES[kind])
        return {"kind": kind, "title": title, "due_at": found["due_at"], "all_day": found["all_day"]}


class DoneForm(StepForm):
    """What came of an activity, and the next step if there is to be one."""

    result = forms.CharField(
        label=_("Result"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 2})
    )
    touched = forms.BooleanField(label=_("The contact with the client took place"), required=False)


class TaskForm(WhenForm, SeenMixin):
    """All of an activity; only those who see its card may do it or take part in it (R-015)."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    kind = KindField()
    title = TitleField()
    checklist = forms.CharField(
        label=_("Checklist, one line for each point"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    remind = forms.TypedMultipleChoiceField(
        label=_("Remind"), choices=REMIND, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Task
        fields = [
            "kind", "title", "owner", "text", "duration", "place", "participants", "repeat", "repeat_until",
        ]  # fmt: skip
        widgets = {
            "text": forms.Textarea(attrs={"rows": 2}),
            "participants": forms.CheckboxSelectMultiple,
            "repeat_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    FIRST = ("kind", "title", "day", "time", "when", "key", "seen")

    def __init__(self, *args, card, user, **kwargs):
        task = kwargs.get("instance")
        first = {"owner": card.owner_id or user.pk, "key": uuid.uuid4(), "remind": [15]}
        if task is not None:
            lines, offsets = (
                task.checks.values_list("text", flat=True),
                task.reminders.values_list("minutes", flat=True),
            )
            first = {"remind": list(offsets), "checklist": "\n".join(lines), **shown(task)}
        kwargs["initial"] = first | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.needs_date = task is None
        seen = who_sees(card)
        blind = _("This person does not see the card: give access first.")
        for name in ("owner", "participants"):
            self.fields[name].queryset = seen
            self.fields[name].error_messages["invalid_choice"] = blind
        self.fields["participants"].required = False
        self.fields["owner"].required = True

    @property
    def more(self):
        """The fields that stay folded until they are needed (R-012)."""
        return [self[name] for name in self.fields if name not in self.FIRST]

    @property
    def more_errors(self):
        return any(self.errors.get(field.name) for field in self.more) if self.is_bound else False

    def clean_checklist(self):
        return [line.strip()[:300] for line in self.cleaned_data["checklist"].splitlines() if line.strip()]

    def clean(self):
        found = super().clean()
        found["title"] = found.get("title") or str(NAMES.get(found.get("kind"), ""))
        if found.get("repeat") and not found.get("due_at"):
            self.add_error("repeat", _("What repeats needs a date."))
        if self.instance.twin_of(found.get("owner")):
            self.add_error("owner", _("This person has the same activity already."))
        return found

    @property
    def answer(self):
        """What ``verbs.add`` and ``verbs.edit`` take."""
        names = ("kind", "title", "owner", "text", "duration", "place", "repeat", "repeat_until",
                 "participants", "checklist", "remind")  # fmt: skip
        found = self.cleaned_data
        return {
            **{name: found[name] for name in names},
            "due_at": found.get("due_at"),
            "all_day": found.get("all_day", False),
        }


class DateForm(WhenForm):
    """Another time, and for a calendar's drag how long it takes."""

    duration = forms.IntegerField(required=False, min_value=5, max_value=1440)
    series = forms.BooleanField(label=_("Move all that follow as well"), required=False)

    def __init__(self, *args, task, **kwargs):
        super().__init__(*args, initial=shown(task), **kwargs)
        if not task.repeat:
            del self.fields["series"]


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Comment"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 1, "class": "control"})
    )


class ContactForm(forms.Form):
    """A contact that took place, or a note; only the note needs words."""

    kind = forms.ChoiceField(choices=[(k, k) for k in ("call", "letter", "meeting", "message", "note")])
    text = forms.CharField(label=_("What was agreed"), required=False, max_length=10_000)

    def clean(self):
        found = super().clean()
        if found.get("kind") == "note" and not found.get("text"):
            self.add_error("text", _("A note needs words."))
        return found

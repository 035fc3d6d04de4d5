"""How a person is told: what goes where, and quiet hours, in their own profile."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from crm.web import page, toast

from . import telegram
from .models import Preferences
from .wishes import CRITICAL, HINTS, Channel, Group, preferences, settle, wants

PAGE, PART = "notifications/wishes_page.html", "notifications/_wishes.html"


def channels():
    """Channels that this installation has."""
    return [c for c in Channel if c != Channel.TELEGRAM or telegram.is_there()]


class Hour(forms.TimeField):
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class WishesForm(forms.Form):
    """A row of boxes for each group of notices, and when to be left alone."""

    quiet_from = Hour(label=_("Quiet from"), required=False)
    quiet_until = Hour(label=_("until"), required=False)
    quiet_days_off = forms.BooleanField(label=_("Quiet on days off"), required=False)

    def __init__(self, data=None, *, user):
        row = preferences(user.pk)
        initial = {name: getattr(row, name) for name in self.base_fields}
        super().__init__(data, initial=initial)
        self.user, self.channels = user, channels()
        for group in Group:
            free = [c for c in self.channels if c != Channel.APP or group not in CRITICAL]
            self.fields[group.value] = forms.MultipleChoiceField(
                label=group.label, choices=[(c.value, c.label) for c in free], required=False,
                initial=[c for c in free if wants(user.pk, group, c)],
            )  # fmt: skip

    def rows(self):
        """Each group with its hint and, for each channel, (channel, whether it is on, whether it can be put off)."""
        for group in Group:
            on = self[group.value].value() or []
            yield group, HINTS[group], [
                (c, (c == Channel.APP and group in CRITICAL) or c in on, c != Channel.APP or group not in CRITICAL)
                for c in self.channels
            ]  # fmt: skip

    def clean(self):
        answers = super().clean()
        if bool(answers.get("quiet_from")) != bool(answers.get("quiet_until")) and not self.errors:
            self.add_error("quiet_until", _("Say both hours, or neither."))
        return answers

    def save(self):
        """Keep the wishes; what this installation does not offer now stays as it was."""
        row, answers = preferences(self.user.pk), self.cleaned_data
        hidden = [c for c in Channel if c not in self.channels]
        channels = {
            group.value: [*answers[group.value], *(c.value for c in hidden if wants(self.user.pk, group, c))]
            for group in Group
        }
        settle(Preferences(
            user_id=row.user_id, channels=channels, quiet_from=answers["quiet_from"], quiet_until=answers["quiet_until"],
            quiet_days_off=answers["quiet_days_off"],
        ))  # fmt: skip


@require_http_methods(["GET", "POST"])
@transaction.atomic
def wishes(request):
    """What goes where, and when it is quiet."""
    form = WishesForm(request.POST if request.method == "POST" else None, user=request.user)
    says = None
    if request.method == "POST" and form.is_valid():
        form.save()
        form, says = WishesForm(user=request.user), {"toast": toast(_("Saved"))}
    return page(request, PAGE, {"wishes": form}, part=PART, status=422 if form.errors else 200, says=says)

"""Forms of a lead: a new one on one screen, and what is known about it."""

from django import forms
from django.utils.translation import gettext as _now

from crm.pipelines.editing import CardForm

from .models import Channel, Lead

PEOPLE_TYPE = [(c.value, c.label) for c in (Channel.PHONE, Channel.MANUAL, Channel.MAIL, Channel.SITE)]


class NewLeadForm(CardForm):
    """Whatever is known of who called: a title makes itself of it (R-102)."""

    class Meta:
        model = Lead
        fields = ["title", "person", "phone", "email", "firm", "channel", "owner", "raw_text"]
        widgets = {"raw_text": forms.Textarea(attrs={"rows": 3}), "phone": forms.TextInput(attrs={"type": "tel"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["title"].required = self.fields["title"].widget.is_required = False
        self.fields["channel"].choices = PEOPLE_TYPE
        self.fields["channel"].initial = Channel.PHONE
        self.fields["owner"].initial = self.user.pk
        if not self.user.may_distribute_leads:
            del self.fields["owner"]

    def clean(self):
        answers = super().clean()
        known = (answers.get(name) for name in ("title", "firm", "person", "phone", "email"))
        answers["title"] = next(filter(None, known), "")
        if not answers["title"] and not self.errors:
            self.add_error("title", _now("Say what it is about or who called."))
        return answers


class LeadForm(CardForm):
    class Meta:
        model = Lead
        fields = [
            "title", "person", "firm", "phone", "email", "company", "contact", "source", "source_note", "may_refer",
            "has_brief", "object_type", "service", "amount", "raw_text", "comment",
        ]  # fmt: skip
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("raw_text", "comment")}

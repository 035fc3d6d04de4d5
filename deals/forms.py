"""Forms of a deal: a new one, and its facts and estimates."""

from django import forms

from crm.pipelines.editing import CardForm

from .models import Deal


class DealForm(CardForm):
    class Meta:
        model = Deal
        fields = ["title", "company", "contact", "amount", "cost_estimate", "comment"]
        widgets = {"comment": forms.Textarea(attrs={"rows": 3})}


class DealFactsForm(CardForm):
    class Meta:
        model = Deal
        fields = [
            "title", "amount", "cost_estimate", "company", "contact", "source", "source_note", "may_refer",
            "object_type", "service", "brief", "comment", *Deal.HINTS,
        ]  # fmt: skip
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("brief", "comment", "learned")}

"""Field types the whole product shares: money, and a question that must be answered yes or no."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.jinja import grouped
from crm.office.calendar import company_today
from crm.office.catalogues import choices, name_of

MOST_MONEY = 999_999_999_999
_TOO_MUCH = _("A sum this large is not possible: at most 999 999 999 999 roubles.")
MONEY_ERRORS: dict[str, Any] = {
    "invalid": _("Enter a sum in roubles, for example 12 500,50."),
    "min_value": _("A sum cannot be below zero."),
    "max_decimal_places": _("Enter kopecks with at most two digits."),
    **dict.fromkeys(("max_value", "max_digits", "max_whole_digits"), _TOO_MUCH),
}


def above_zero(value):
    if not value:
        raise forms.ValidationError(_("Enter a sum above zero."))


class MoneyFormField(forms.DecimalField):
    """Roubles as people type them: «1 234 567,89 ₽» is as good as 1234567.89."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "num"})
    default_error_messages = MONEY_ERRORS

    def to_python(self, value):
        if isinstance(value, str):
            value = re.sub(r"[\s₽]|руб\.?", "", value).replace(",", ".").replace("−", "-")
            if not re.fullmatch(r"[+-]?[\d.]*", value):  # Decimal would take 1e5, 1_000 and NaN
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)

    def prepare_value(self, value):
        return grouped(value) if isinstance(value, Decimal) else value

    def has_changed(self, initial, data):
        return super().has_changed(initial, self._plain(data))

    def _plain(self, data):
        try:
            return self.to_python(data)
        except forms.ValidationError:
            return data


class MoneyField(models.DecimalField):
    """Roubles with kopecks as Decimal, never negative, up to 999 999 999 999,99 (R-001)."""

    default_error_messages = MONEY_ERRORS

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        kwargs.setdefault("validators", [MinValueValidator(0), MaxValueValidator(MOST_MONEY)])
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": MoneyFormField, "widget": MoneyFormField.widget, **kwargs})


class TotalField(models.DecimalField):
    """What many sums come to, kept by the product itself: wider than a single sum (R-001)."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"max_digits": 20, "decimal_places": 2, "default": 0, "editable": False, **kwargs})


class DayInput(forms.DateInput):
    """A browser's own calendar, which speaks ISO."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class DayFormField(forms.DateField):
    """A date of the business: a year that was mistyped is told, not stored."""

    widget = DayInput
    YEARS = range(2000, 2101)

    def validate(self, value):
        super().validate(value)
        if value is not None and value.year not in self.YEARS:
            raise forms.ValidationError(_("Enter a date between the years 2000 and 2100."))


class PastDayFormField(DayFormField):
    """A date on which something has already happened."""

    def validate(self, value):
        super().validate(value)
        if value is not None and value > company_today():
            raise forms.ValidationError(_("This day has not come yet."))


class DayField(models.DateField):
    """A date that people type; to the database it is like any other."""

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateField", args, kwargs

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": DayFormField, "widget": DayInput, **kwargs})


YES_NO = [("yes", _("Yes")), ("no", _("No"))]


class YesNoFormField(forms.TypedChoiceField):
    widget = forms.RadioSelect

    def __init__(self, **kwargs):
        kwargs["choices"] = YES_NO
        kwargs["coerce"] = {"yes": True, "no": False, "True": True, "False": False}.get
        kwargs["empty_value"] = None
        super().__init__(**kwargs)
        self.error_messages["required"] = _("Choose yes or no.")

    def prepare_value(self, value):
        return {True: "yes", False: "no"}.get(value, value)


class YesNoField(models.BooleanField):
    """Yes, no, or not answered yet (None); there is no default answer (R-106, R-111)."""

    def __init__(self, *args, **kwargs):
        kwargs.update(null=True, blank=True)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs):
        return YesNoFormField(label=self.verbose_name, help_text=self.help_text, required=kwargs.get("required", False))


class CatalogueField(models.CharField):
    """The code of an entry of one of the office's catalogues, offered by name (R-001b, R-020)."""

    def __init__(self, *args, catalogue="", **kwargs):
        self.catalogue = catalogue
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "catalogue": self.catalogue}

    def contribute_to_class(self, cls, name, **kwargs):
        super().contribute_to_class(cls, name, **kwargs)
        setattr(cls, f"get_{name}_display", lambda card: name_of(self.catalogue, getattr(card, name)))

    def formfield(self, **kwargs):
        return forms.ChoiceField(
            label=self.verbose_name,
            help_text=self.help_text,
            required=not self.blank,
            widget=kwargs.get("widget", forms.Select),
            choices=lambda: [("", _("not chosen")), *choices(self.catalogue)],
        )


class CatalogueListField(ArrayField):
    """Codes of several entries of a catalogue."""

    def __init__(self, *args, catalogue="", **kwargs):
        self.catalogue = catalogue
        kwargs.setdefault("base_field", models.CharField(max_length=40))
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "catalogue": self.catalogue}

    def contribute_to_class(self, cls, name, **kwargs):
        super().contribute_to_class(cls, name, **kwargs)
        setattr(
            cls,
            f"get_{name}_display",
            lambda card: ", ".join(name_of(self.catalogue, code) for code in getattr(card, name)),
        )

    def formfield(self, **kwargs):
        return forms.MultipleChoiceField(
            label=self.verbose_name,
            help_text=self.help_text,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=lambda: choices(self.catalogue),
        )

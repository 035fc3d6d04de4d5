"""Changes of settings in people's words."""

from dataclasses import dataclass

from django.apps import apps
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .changes import Act, can_undo
from .models import SettingsChange
from .stages import field_label


@dataclass(frozen=True)
class Line:
    """One line of the history: what was changed, and each value from and to."""

    change: SettingsChange
    subject: str
    act: str
    values: list[tuple[str, str, str]]
    can_undo: bool


def shown(field, value) -> str:
    """A value as people read it: yes and no, the choice's name, the lines of a list, a dash for nothing."""
    if value in (None, "", []):
        return "—"
    value = field.to_python(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return " · ".join(field_label(line) if field.name == "needs" else str(line) for line in value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    kind = field.get_internal_type()
    if kind == "TimeField":
        return f"{value:%H:%M}"
    if kind == "DateField":
        return date_format(value, "j E Y")
    return f"{value.normalize():f}" if kind == "DecimalField" else str(value)


def line(change: SettingsChange) -> Line:
    """The change as its history shows it."""
    act = "" if change.act == Act.CHANGED else SettingsChange.Act(change.act).label
    return Line(change, change.subject, str(act), list(_values(change)), can_undo(change))


def _values(change):
    if change.act == Act.PLACED:
        was, now = change.values["place"]
        yield _("Place"), str(was), str(now)
    elif change.act == Act.IMPORTED:
        yield _("Dates changed"), "", str(change.values["changed"])
    else:
        model = apps.get_model("office", change.model)
        fields = {f.name: f for f in model._meta.concrete_fields if f.editable}
        for name, (was, now) in change.values.items():
            field = fields.get(name)
            if field and (change.act == Act.CHANGED or not _unsaid(field, was if now is None else now)):
                yield str(field.verbose_name), shown(field, was), shown(field, now)


def _unsaid(field, value):
    """Whether of a row that came or went this says nothing: it is as nobody chose it."""
    return value in (None, "", []) or value == field.get_default()

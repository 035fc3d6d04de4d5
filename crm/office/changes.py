"""How settings are changed: one writer at a time, every change remembered with who, from and to, and taken back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.translation import gettext as _

from .memory import touch
from .models import Area, Office, SettingsChange

Act = SettingsChange.Act
# Not an answer of a form: who moved a row changes it by place().
_APART = {"id", "revision", "position"}


class Refused(Exception):
    """The change cannot be made; the text says why, in the reader's language."""


@contextmanager
def settling() -> Iterator[None]:
    """A transaction in which nobody else changes settings: what was checked is still so when it is saved."""
    with transaction.atomic():
        Office.load()
        Office.objects.select_for_update().get(pk=1)
        yield


def values_of(row: models.Model) -> dict[str, Any]:
    """What a person settles on a row, by field."""
    return {f.name: f.value_from_object(row) for f in row._meta.concrete_fields if f.name not in _APART}


def version_of(row: models.Model) -> str:
    """A short word that differs whenever the row's values do; empty for a row that is not there yet."""
    if row._state.adding:
        return ""
    return blake2b(json.dumps(values_of(row), cls=DjangoJSONEncoder).encode(), digest_size=8).hexdigest()


def save(row, was: dict[str, Any] | None, by, area: Area, *, subject="", undoes=None) -> SettingsChange | None:
    """Save a row whose values were ``was`` (None: it is new) and remember it; None when nothing differs.

    To be called while ``settling()``, with the row read inside it.
    """
    values = values_of(row)
    if was is None:
        row.save(force_insert=True)
        changed, act = {name: [None, value] for name, value in values.items()}, Act.ADDED
    else:
        changed = {name: [was[name], value] for name, value in values.items() if value != was[name]}
        act = Act.CHANGED
        if not changed:
            return None
        row.save()
    return remember(row, act, by, area, changed, subject, undoes)


def remove(row, by, area: Area, *, subject="", undoes=None) -> SettingsChange:
    """Delete a row that only overrides what is there without it, and remember what it said."""
    gone = {name: [value, None] for name, value in values_of(row).items()}
    change = remember(row, Act.REMOVED, by, area, gone, subject, undoes)
    row.delete()
    return change


def place(row, to: int, by, area: Area, undoes=None) -> SettingsChange | None:
    """Put a row at place ``to`` (from 0) among those offered beside it; None when it stands there already."""
    rows = list(row.siblings())
    was = next((n for n, one in enumerate(rows) if one.pk == row.pk), None)
    to = min(to, len(rows) - 1)
    if was is None or to == was:
        return None
    rows.insert(to, rows.pop(was))
    for n, one in enumerate(rows, 1):
        one.position = 10 * n
    type(row).objects.bulk_update(rows, ["position"])
    touch()
    return remember(row, Act.PLACED, by, area, {"place": [was + 1, to + 1]}, undoes=undoes)


def remember(row, act: Act, by, area: Area, values: dict, subject="", undoes=None) -> SettingsChange:
    """Write who changed what from what to what, in the transaction of the change."""
    return SettingsChange.objects.create(
        area=area, act=act, model=row._meta.model_name, row=row.pk, subject=subject or row.subject, values=values,
        by=by, undoes=undoes,
    )  # fmt: skip


def can_undo(change: SettingsChange) -> bool:
    """Whether the way back is known; whether it is still open shows when it is tried."""
    return change.act != Act.IMPORTED and not hasattr(change, "undone_by")


def undo(change: SettingsChange, by) -> SettingsChange:
    """Take one change back. Raises Refused when what it changed has been changed again since, or may not go back."""
    with settling():
        if not can_undo(SettingsChange.objects.select_related("undone_by").get(pk=change.pk)):
            raise Refused(_("This has already been taken back."))
        model = apps.get_model("office", change.model)
        row = model.objects.filter(pk=change.row).first()
        try:
            made = _back(change, model, row, by)
        except ValidationError as error:
            raise Refused(" ".join(error.messages)) from None
        if made is None:
            raise Refused(_("This has been changed again since then."))
        return made


def _back(change, model, row, by) -> SettingsChange | None:
    more = {"area": Area(change.area), "undoes": change}
    if change.act == Act.REMOVED:
        row = model(**_restored(model, change.values, 0))
        row.full_clean()
        return save(row, None, by, subject=change.subject, **more)
    if row is None:
        return None
    if change.act == Act.PLACED:
        was, now = change.values["place"]
        stands = [one.pk for one in row.siblings()]
        return place(row, was - 1, by, **more) if stands.index(row.pk) == now - 1 else None
    now, values = _restored(model, change.values, 1), values_of(row)
    if any(values[name] != value for name, value in now.items()):
        return None
    if change.act == Act.ADDED and not hasattr(row, "active"):
        return remove(row, by, subject=change.subject, **more)
    for name, value in ({"active": False} if change.act == Act.ADDED else _restored(model, change.values, 0)).items():
        setattr(row, name, value)
    row.full_clean()
    return save(row, values, by, subject=change.subject, **more)


def _restored(model, values: dict, side: int) -> dict[str, Any]:
    fields = {f.name: f for f in model._meta.concrete_fields}
    return {name: fields[name].to_python(pair[side]) for name, pair in values.items() if name in fields}

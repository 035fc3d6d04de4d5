"""Catalogues and ready tasks as pages and robots read them: from memory, by code."""

from .memory import remembered
from .models import Entry, TaskTemplate


@remembered
def _entries() -> dict[str, dict[str, Entry]]:
    catalogues: dict[str, dict[str, Entry]] = {}
    for entry in Entry.objects.all():
        catalogues.setdefault(entry.catalogue, {})[entry.code] = entry
    return catalogues


@remembered
def _templates() -> dict[str, TaskTemplate]:
    return {template.code: template for template in TaskTemplate.objects.all()}


def entries(catalogue: str) -> list[Entry]:
    """What a catalogue offers now, in its order."""
    return [entry for entry in _entries().get(catalogue, {}).values() if entry.active]


def choices(catalogue: str, *keep: str) -> list[tuple[str, str]]:
    """Code and name of what a form offers; ``keep`` are codes offered even if they were retired since being chosen."""
    known = _entries().get(catalogue, {}).values()
    return [(entry.code, entry.name) for entry in known if entry.active or entry.code in keep]


def name_of(catalogue: str, code: str) -> str:
    """The name behind a code, a retired one as well; the code itself when the catalogue never had it."""
    entry = _entries().get(catalogue, {}).get(code)
    return entry.name if entry else code


def template(code: str) -> TaskTemplate:
    """The ready task of this code, a retired one as well. Raises TaskTemplate.DoesNotExist."""
    found = _templates().get(code)
    if found is None:
        raise TaskTemplate.DoesNotExist(code)
    return found


def templates(group: str) -> list[TaskTemplate]:
    """The ready tasks that a group offers now, in their order, such as ``offer`` for R-243."""
    return [template for template in _templates().values() if template.group == group and template.active]

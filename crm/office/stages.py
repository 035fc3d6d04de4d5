"""What the company calls its stages and expects of them: its own words over those that the pipelines' code declares."""

from typing import Any

from .memory import remembered
from .models import StageSetting

# Pipelines as crm.pipelines declares them, which the settings page offers to reword.
processes: dict[str, Any] = {}

_as_declared = StageSetting()


def register(process: Any) -> None:
    """Let the company reword the stages of a pipeline."""
    processes[process.slug] = process


@remembered
def _settings() -> dict[tuple[str, str], StageSetting]:
    return {(row.pipeline, row.stage): row for row in StageSetting.objects.all()}


def stage_setting(pipeline: str, stage: str) -> StageSetting:
    """What the company says of a stage, from memory; never to be changed or saved. An empty one when it says nothing."""
    return _settings().get((pipeline, stage), _as_declared)


def field_label(name: str) -> str:
    """What cards call a field by its name, for the history of what a stage asks for."""
    for process in processes.values():
        if name in process.may_need:
            return str(process.field_label(name))
    return name

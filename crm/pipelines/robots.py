"""What the system does by itself when a card is created, leaves a stage or enters one; rows, inside the transaction."""

from collections import defaultdict

_robots = defaultdict(list)


def on_enter(pipeline, *stages):
    """Register ``func(card, event)`` for entering these stages, by moving or by being created there."""
    return _register("enters", pipeline, stages)


def on_leave(pipeline, *stages):
    """Register ``func(card, event)`` for leaving these stages in any direction; no stage given means any."""
    return _register("leaves", pipeline, stages or ("*",))


def on_create(*pipelines):
    """Register ``func(card, event)`` for new cards of these pipelines; none given means every pipeline."""

    def register(func):
        for pipeline in pipelines or ("*",):
            _robots["creates", pipeline, "*"].append(func)
        return func

    return register


def _register(kind, pipeline, stages):
    def register(func):
        for stage in stages:
            _robots[kind, pipeline, str(stage)].append(func)
        return func

    return register


def run(kind, card, stage, event):
    """Run what is registered, most general first; all of a move happens or none."""
    for pipeline, at in (("*", "*"), (card.pipeline, "*"), (card.pipeline, stage)):
        for robot in _robots[kind, pipeline, at]:
            robot(card, event)


def robots_of(pipeline, stage):
    """Names of robots by kind, for the printed table."""
    return {
        kind: [robot.__name__ for robot in _robots[kind, pipeline, stage]]
        for kind in ("enters", "leaves")
        if _robots[kind, pipeline, stage]
    }

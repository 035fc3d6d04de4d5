"""A pipeline written down as a table: its stages, the steps between them, who may take a step, what a step needs."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from crm.cards.models import KINDS

WON, LOST, ASIDE = "won", "lost", "aside"


@dataclass(frozen=True)
class Who:
    """Who may take a step: a name for people and a check of (card, user)."""

    name: str
    label: str | Promise
    check: Callable

    def __call__(self, card, user):
        return self.check(card, user)


worker = Who("worker", _("those who work on the card"), lambda card, user: True)
executive = Who("executive", _("an executive"), lambda card, user: user.is_executive)
accountant = Who(
    "accountant", _("an accountant or an executive"), lambda card, user: user.is_accountant or user.is_executive
)
author = Who(
    "author",
    _("the author, the responsible person or an executive"),
    lambda card, user: user.is_executive or user.pk in (card.author_id, card.owner_id),
)
nobody = Who("nobody", _("the system"), lambda card, user: False)


@dataclass(frozen=True)
class Step:
    """One way into a stage; ``needs`` are the card's own fields, ``asks`` are questions of this very move."""

    name: str
    label: str
    sources: tuple[str, ...]
    to: str
    by: Who
    needs: tuple[str, ...]
    optional: dict
    asks: type | None
    undoable: bool


@dataclass
class StageInfo:
    value: str
    label: str
    outcome: str = ""
    hint: str = ""
    needs: tuple[str, ...] = ()

    @property
    def is_open(self):
        return not self.outcome


@dataclass
class Pipeline:
    """What boards, forms, the printed table and the golden test read; registered by ``@pipeline``."""

    slug: str
    model: type
    label: str
    stages: dict[str, StageInfo]
    steps: dict[str, Step]
    first_stage_empties: bool = True
    money_label: str = ""
    icon: str = "briefcase"
    fields: tuple[str, ...] = field(default_factory=tuple)

    @property
    def first(self):
        return next(iter(self.stages))

    @property
    def open_stages(self):
        return [s for s in self.stages.values() if s.is_open]

    @property
    def closing_stages(self):
        return [s for s in self.stages.values() if not s.is_open]

    def steps_from(self, stage):
        return [s for s in self.steps.values() if stage in s.sources]

    def step_to(self, card, target, user):
        """The step this person would take to bring the card to that stage, or None."""
        steps = [s for s in self.steps.values() if s.to == target and card.stage in s.sources]
        return next((s for s in steps if s.by(card, user)), steps[0] if steps else None)

    def needs_between(self, source, step):
        """Fields required by this step and, moving forward, by every stage skipped on the way (R-008)."""
        order = [s.value for s in self.open_stages]
        needs = list(step.needs)
        if source in order and step.to in order:
            for skipped in order[order.index(source) + 1 : order.index(step.to)]:
                needs += self.stages[skipped].needs
        return list(dict.fromkeys(needs))


PIPELINES: dict[str, Pipeline] = {}


def of(card_or_slug):
    """The pipeline of a card or of a slug."""
    return PIPELINES[getattr(card_or_slug, "pipeline", card_or_slug)]


def step(*sources, to, by=worker, needs=(), optional=None, asks=None, label="", undoable=True):
    """Declare a step: from any of ``sources`` (stages) to ``to``; a django-fsm transition with our own words.

    ``needs`` name fields of the card that must be filled, ``optional`` those needed once an office setting of that
    name is on (G5); ``asks`` is a form class asked at each such move.
    Conditions hide a button, needs open a form, so needs are not FSM conditions.
    """

    def declare(method):
        method.step = {
            "sources": tuple(str(s) for s in sources),
            "to": str(to),
            "by": by,
            "needs": tuple(needs),
            "optional": optional or {},
            "asks": asks,
            "label": label,
            "undoable": undoable,
        }
        return transition(field="stage", source=[str(s) for s in sources], target=str(to))(method)

    return declare


def pipeline(
    slug,
    label,
    *,
    won=(),
    lost=(),
    aside=(),
    hints=None,
    first_stage_empties=True,
    money_label="",
    icon="briefcase",
    fields=(),
):
    """Register a model whose ``Stage`` choices and ``@step`` methods are a process (R-021)."""

    def register(model):
        outcomes = {**{s: WON for s in won}, **{s: LOST for s in lost}, **{s: ASIDE for s in aside}}
        stages = {
            s.value: StageInfo(s.value, s.label, outcomes.get(s, ""), (hints or {}).get(s, "")) for s in model.Stage
        }
        steps = {}
        for name in dir(model):
            declared = getattr(getattr(model, name, None), "step", None)
            if isinstance(declared, dict):
                steps[name] = Step(
                    name=name, **{**declared, "label": declared["label"] or stages[declared["to"]].label}
                )
        order = list(stages)
        steps = dict(sorted(steps.items(), key=lambda item: order.index(item[1].to)))
        for one in steps.values():
            if stages[one.to].is_open:
                stages[one.to].needs = tuple(dict.fromkeys((*stages[one.to].needs, *one.needs)))
        PIPELINES[slug] = Pipeline(
            slug, model, label, stages, steps, first_stage_empties, money_label or _("Amount"), icon, tuple(fields)
        )
        KINDS[slug] = model
        model.slug = slug
        return model

    return register


def table(slug):
    """The process as text, for people and for the golden test: stages, steps, who, needs, robots."""
    from .robots import robots_of

    p = PIPELINES[slug]
    lines = [f"{slug}"]
    for stage in p.stages.values():
        lines.append(f"\n[{stage.value}] {stage.outcome or 'open'}")
        for kind, names in robots_of(slug, stage.value).items():
            lines.append(f"  {kind}: {', '.join(names)}")
        for s in p.steps_from(stage.value):
            asks = ", ".join(s.asks.base_fields) if s.asks else ""
            needs = ", ".join(p.needs_between(stage.value, s))
            more = "".join([f" needs {needs}" if needs else "", f" asks {asks}" if asks else ""])
            more += "".join(f" ({', '.join(names)} if {flag})" for flag, names in s.optional.items())
            lines.append(f"  {s.name} -> {s.to} by {s.by.name}{more}")
    return "\n".join(lines) + "\n"

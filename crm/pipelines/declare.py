"""A pipeline written down as a table of its stages and the steps between them."""

from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from crm.cards.models import KINDS
from crm.office.models import office
from crm.office.stages import register as register_in_settings

from .stages import StageInfo, Step
from .who import nobody, worker

WON, LOST, ASIDE = "won", "lost", "aside"


@dataclass
class Pipeline:
    """What boards, forms, the printed table and the golden test read; registered by ``@pipeline``."""

    slug: str
    model: type
    label: str
    stages: dict[str, StageInfo]
    steps: dict[str, Step]
    declared_empty: bool = True
    money_label: str = ""
    icon: str = "briefcase"
    # Fields of the card that the company may ask for on the way into a stage.
    may_need: tuple[str, ...] = ()
    # The address, by its name, that a card's step on the board opens.
    plans: str = "activities:tasks"
    # The stage whose cards are marked as warm.
    warm: str = ""
    # What keys do to a card of a stage on the board: {stage: {letter: the stage it goes to}}.
    keys: dict = field(default_factory=dict)

    @property
    def first(self):
        return next(iter(self.stages))

    @property
    def first_stage_empties(self):
        """Whether the first stage must be empty by the end of the working day (R-252)."""
        return self.declared_empty and self.stages[self.first].setting.empties

    @property
    def open_stages(self):
        return [s for s in self.stages.values() if s.is_open]

    @property
    def closing_stages(self):
        return [s for s in self.stages.values() if not s.is_open]

    def sources_of(self, stage, user):
        """Stages from which this person may ever bring a card to that one."""
        return [x for s in self.steps.values() if s.to == stage and s.by.ever(user) for x in s.sources]

    def steps_from(self, stage):
        return [s for s in self.steps.values() if stage in s.sources]

    def step_to(self, card, target, user):
        """The step this person would take to bring the card to that stage, or None."""
        steps = [s for s in self.steps.values() if s.to == target and card.stage in s.sources]
        return next((s for s in steps if s.by(card, user)), steps[0] if steps else None)

    def skipped(self, source, step):
        """Open stages that a step forward passes by."""
        order = [s.value for s in self.open_stages]
        if source not in order or step.to not in order:
            return []
        return [self.stages[value] for value in order[order.index(source) + 1 : order.index(step.to)]]

    def needs_between(self, source, step):
        """Fields required by this step and, moving forward, by every stage skipped on the way (R-008)."""
        return list(dict.fromkeys([*step.needs, *(n for stage in self.skipped(source, step) for n in stage.needs)]))

    def switched_needs(self, source, step):
        """What the company has switched on, or chosen in its settings, for the same way (G5, R-028)."""
        skipped = self.skipped(source, step)
        switches = [step.optional, *(s.optional for s in self.steps.values() if s.target in skipped)]
        needs = [
            n for optional in switches for flag, names in optional.items() if getattr(office(), flag) for n in names
        ]
        return needs + [n for stage in [*skipped, step.target] for n in stage.setting.needs if n in self.may_need]

    def switched_papers(self, source, step):
        """Files that the company has switched on for the same way (G5)."""
        skipped = self.skipped(source, step)
        ways = [step, *(s for s in self.steps.values() if s.target in skipped)]
        return list(dict.fromkeys(paper for way in ways for paper in way.papers if getattr(office(), paper.switch)))

    def steps_into(self, stage):
        """Steps by which people bring a card into the stage."""
        return [s for s in self.steps.values() if s.to == stage and s.by is not nobody]

    def asks_anyhow(self, stage):
        """Names for people of what moves into the stage ask, whatever the company has chosen."""
        needs = [self.field_label(name) for s in self.steps_into(stage) for name in s.needs]
        forms = [s.asks for s in self.steps_into(stage) if s.asks]
        own = [field.label for form in forms for field in form.base_fields.values() if field.required]
        return list(dict.fromkeys(map(str, [*needs, *own])))

    def may_ask(self, stage):
        """Fields that the company may require at a stage, but for those that moves into it ask of anybody already."""
        steps = self.steps_into(stage)
        asked = {name for s in steps for name in (*s.needs, *(s.asks.base_fields if s.asks else ()))}
        return [name for name in self.may_need if steps and name not in asked]

    def field_label(self, name):
        """What this pipeline calls a field of its cards."""
        return self.money_label if name == "amount" else self.model._meta.get_field(name).verbose_name


PIPELINES: dict[str, Pipeline] = {}


def of(card_or_slug):
    """The pipeline of a card or of a slug."""
    return PIPELINES[getattr(card_or_slug, "pipeline", card_or_slug)]


def by_itself():
    """Cards in stages that they leave by themselves on their day."""
    stages = [stage for process in PIPELINES.values() for stage in process.stages.values() if stage.leaves]
    return reduce(or_, [Q(pipeline=stage.pipeline, stage=stage.value) for stage in stages])


def step(*sources, to, by=worker, needs=(), optional=None, papers=(), asks=None, label="", undoable=True, seen=False):
    """Declare a step: from any of ``sources`` (stages) to ``to``; a django-fsm transition with our own words.

    ``needs`` name fields of the card that must be filled, ``optional`` those needed once an office setting of that
    name is on (G5), ``papers`` files that then have to lie in its folder; ``asks`` is a form class asked at each such move.
    Conditions hide a button, needs open a form, so needs are not FSM conditions.
    """

    def declare(method):
        method.step = {
            "sources": tuple(str(s) for s in sources),
            "to": str(to),
            "by": by,
            "needs": tuple(needs),
            "optional": optional or {},
            "papers": tuple(papers),
            "asks": asks,
            "own_label": label,
            "undoable": undoable,
            "seen": seen,
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
    may_need=(),
    plans="activities:tasks",
    warm="",
    keys=None,
    leaves=None,
    dated=(),
):
    """Register a model whose ``Stage`` choices and ``@step`` methods are a process (R-021)."""

    def register(model):
        outcomes = {**{s: WON for s in won}, **{s: LOST for s in lost}, **{s: ASIDE for s in aside}}
        stages = {
            s.value: StageInfo(slug, s.value, s.label, outcomes.get(s, ""), (hints or {}).get(s, ""), dated=s in dated)
            for s in model.Stage
        }
        for source, (days, to) in (leaves or {}).items():
            stages[source].leaves, stages[source].leaves_to = days, stages[str(to)]
        for place, stage in enumerate((s for s in stages.values() if s.is_open), 1):
            stage.place = place
        steps = {}
        for name in dir(model):
            declared = getattr(getattr(model, name, None), "step", None)
            if isinstance(declared, dict):
                steps[name] = Step(name=name, target=stages[declared["to"]], **declared)
        order = list(stages)
        steps = dict(sorted(steps.items(), key=lambda item: order.index(item[1].to)))
        for one in steps.values():
            if stages[one.to].is_open:
                stages[one.to].needs = tuple(dict.fromkeys((*stages[one.to].needs, *one.needs)))
        PIPELINES[slug] = Pipeline(
            slug, model, label, stages, steps, first_stage_empties, money_label or _("Amount"), icon, tuple(may_need),
            plans, str(warm), keys or {},
        )  # fmt: skip
        KINDS[slug] = model
        register_in_settings(PIPELINES[slug])
        model.slug = slug
        return model

    return register


def table(slug):
    """The process as text, for people and for the golden test: stages, steps, who, needs, robots."""
    from .robots import robots_of

    p = PIPELINES[slug]
    lines = [f"{slug}"]
    for kind, names in robots_of(slug, "*").items():
        lines.append(f"  {kind} any stage: {', '.join(names)}")
    for stage in p.stages.values():
        left = f", left by itself after {stage.leaves} to {stage.leaves_to.value}" if stage.leaves else ""
        left += ", moved by dates" if stage.dated else ""
        lines.append(f"\n[{stage.value}] {stage.outcome or 'open'}{left}")
        for kind, names in robots_of(slug, stage.value).items():
            lines.append(f"  {kind}: {', '.join(names)}")
        for s in p.steps_from(stage.value):
            asks = ", ".join(s.asks.base_fields) if s.asks else ""
            needs = ", ".join(p.needs_between(stage.value, s))
            more = "".join([f" needs {needs}" if needs else "", f" asks {asks}" if asks else ""])
            more += "".join(f" ({', '.join(names)} if {flag})" for flag, names in s.optional.items())
            more += "".join(f" (file {paper.name} if {paper.switch})" for paper in s.papers)
            lines.append(f"  {s.name} -> {s.to} by {s.by.name}{more}")
    return "\n".join(lines) + "\n"

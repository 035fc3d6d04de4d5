"""A stage of a pipeline and the steps that lead into it: what is declared, and what the company says instead."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.office.models import StageSetting, office
from crm.office.stages import stage_setting

from .who import Who


@dataclass(frozen=True)
class Paper:
    """A file that a step asks for once the office setting ``switch`` is on: it lies in the card's folder then.

    ``name`` is the question's, ``place`` the code of the subfolder it belongs to, none for the card's own folder.
    """

    name: str
    switch: str
    label: str | Promise
    place: str = ""


@dataclass(frozen=True)
class Step:
    """One way into a stage; ``needs`` are the card's own fields, ``asks`` are questions of this very move."""

    name: str
    own_label: str | Promise
    sources: tuple[str, ...]
    to: str
    by: Who
    needs: tuple[str, ...]
    optional: dict
    papers: tuple[Paper, ...]
    asks: type | None
    undoable: bool
    # Whether it is taken only by who says which version of the card they had before their eyes.
    seen: bool
    target: "StageInfo"

    @property
    def label(self):
        """The step's own words, or the name of the stage it leads to."""
        return self.own_label or self.target.label


@dataclass
class StageInfo:
    """A stage as declared; its name, hint and limits are the company's own where it has set them (R-021, R-028)."""

    pipeline: str
    value: str
    declared: str | Promise
    outcome: str = ""
    declared_hint: str | Promise = ""
    needs: tuple[str, ...] = ()
    # The office's number of days after which a card goes on by itself, so that nobody owes it a next step; or "" (R-114).
    leaves: str = ""
    # The stage it then comes to.
    leaves_to: "StageInfo | None" = None
    # Whether the system moves its cards as the dates of their steps come near and pass (R-237).
    dated: bool = False
    # Among the open stages, from 1; 0 for one that closes the card.
    place: int = 0

    @property
    def is_open(self):
        return not self.outcome

    def leaves_at(self, since):
        """When a card that stands here since then goes on by itself, or None where it does not."""
        return since + timedelta(days=getattr(office(), self.leaves)) if self.leaves else None

    @property
    def goes_on(self):
        """What its cards do on the day of ``leaves``, in words that stand after that day."""
        return _("goes to «%(stage)s» by itself") % {"stage": self.leaves_to.label}

    @property
    def waits(self):
        """Whether standing here is a card's work, so that none is ever stuck."""
        return bool(self.leaves or self.dated)

    @property
    def setting(self) -> StageSetting:
        """What the company says of this stage: the one place where declared and own words meet."""
        return stage_setting(self.pipeline, self.value)

    @property
    def label(self):
        return self.setting.name or self.declared

    @property
    def hint(self):
        return self.setting.hint or self.declared_hint

    @property
    def tone(self):
        """How dense its ink is, from 1 to 7, denser towards the end; 0 for a stage that closes the card."""
        return self.place and (self.setting.tone or min(self.place, 7))

    @property
    def norm(self):
        """Working days after which a card is stuck here (R-008)."""
        return self.setting.days or office().stuck_days

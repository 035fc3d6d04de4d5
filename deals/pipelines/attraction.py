"""«Процесс работы по привлечению клиентов»: from knowing of a company to standing in its pool of suppliers."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crm.pipelines.declare import pipeline, step
from crm.pipelines.who import worker
from deals.models import Deal

from .asks import LossAsk, PoolAsk


class Stage(TextChoices):
    NEW = "new", _("New")
    SEARCH = "search", _("Gathering information (search for the decision maker)")
    FOUND = "found", _("Decision maker found. Discuss the strategy")
    PRESENTATION = "presentation", _("Presentation of the company")
    POOL = "pool", _("Entered the pool of suppliers")
    REFUSED = "refused", _("We do not work together")


@pipeline(
    "attraction",
    _("Attracting clients"),
    won=[Stage.POOL],
    lost=[Stage.REFUSED],
    money_label=_("Income estimate"),
    icon="target-arrow",
    warm=Stage.PRESENTATION,
    may_need=(
        "amount",
        "company",
        "contact",
        "source",
        "may_refer",
        "object_type",
        "service",
        "brief",
        "site",
        "decision_maker",
        "decision_maker_position",
        "decision_maker_phone",
        "decision_maker_email",
    ),
    hints={
        Stage.NEW: _("Look at the client and begin the search before the end of the day."),
        Stage.SEARCH: _("Find out who decides: the hint fields of the card tell where to look."),
        Stage.FOUND: _("Meet the executives and agree on the strategy; the first call or letter moves the deal on."),
        Stage.PRESENTATION: _("The client is warm: show the company and ask to join the pool of suppliers."),
    },
)
class Attraction(Deal):
    """R-211 to R-220."""

    Stage = Stage

    class Meta:
        proxy = True
        verbose_name = _("deal")

    @step(Stage.NEW, Stage.FOUND, Stage.PRESENTATION, Stage.POOL, Stage.REFUSED, to=Stage.SEARCH, by=worker)
    def search(self):
        """Begin, or go back to, the search for the decision maker."""

    @step(
        Stage.NEW, Stage.SEARCH, Stage.PRESENTATION, Stage.REFUSED, to=Stage.FOUND, by=worker,
        optional={"asks_decision_maker": ("decision_maker", "decision_maker_phone")},
    )  # fmt: skip
    def find(self):
        """The decision maker is known (R-213)."""

    @step(Stage.NEW, Stage.SEARCH, Stage.FOUND, Stage.POOL, Stage.REFUSED, to=Stage.PRESENTATION, by=worker)
    def present(self):
        """The client was touched for the first time (R-216)."""

    @step(Stage.NEW, Stage.SEARCH, Stage.FOUND, Stage.PRESENTATION, to=Stage.POOL, by=worker, asks=PoolAsk)
    def enter_pool(self):
        """The client took the company into its pool of suppliers (R-218, R-219)."""

    @step(Stage.NEW, Stage.SEARCH, Stage.FOUND, Stage.PRESENTATION, to=Stage.REFUSED, by=worker, asks=LossAsk)
    def refuse(self):
        """We do not work together, and why."""

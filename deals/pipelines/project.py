"""«Процесс работы менеджера проекта»: from a client's brief to a finished delivery."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crm.pipelines.declare import pipeline, step
from crm.pipelines.stages import Paper
from crm.pipelines.who import worker
from deals.models import Deal

from .asks import LossAsk, OfferAsk, ReworkAsk


class Stage(TextChoices):
    NEW = "new", _("Brief received")
    CLARIFYING = "clarifying", _("Clarifying the request")
    OFFER = "offer", _("Preparing the offer")
    DECISION = "decision", _("Making the decision")
    SENT = "sent", _("Offer sent to the client")
    CONTRACT = "contract", _("Contract and payment")
    SUPPLY = "supply", _("Supply and delivery")
    DONE = "done", _("Project finished")
    REFUSED = "refused", _("Refusal")


S = Stage


@pipeline(
    "project",
    _("Project manager's work"),
    won=[S.DONE],
    lost=[S.REFUSED],
    money_label=_("Income estimate"),
    icon="briefcase",
    may_need=(
        "amount",
        "company",
        "contact",
        "source",
        "may_refer",
        "object_type",
        "service",
        "brief",
        "cost_estimate",
    ),
    hints={
        S.NEW: _("Read the brief and begin clarifying before the end of the day."),
        S.CLARIFYING: _("Go through the checklist with the client, so that nothing is forgotten."),
        S.OFFER: _("Run the chosen processes and fill in both estimates."),
        S.DECISION: _("Meet the executives: approve the offer, rework it or refuse."),
        S.SENT: _("Ask for the client's answer and plan the next call."),
        S.CONTRACT: _("Sign the contract, register the expenses, wait for the payment."),
        S.SUPPLY: _("Order, deliver, install; keep the expenses paid on time."),
    },
)
class Project(Deal):
    """R-241 to R-247."""

    Stage = Stage

    class Meta:
        proxy = True
        verbose_name = _("deal")

    @step(S.NEW, S.OFFER, S.DECISION, S.SENT, S.CONTRACT, S.SUPPLY, S.REFUSED, to=S.CLARIFYING, by=worker)
    def clarify(self):
        """The manager confirms that the work with the client has begun (R-242)."""

    @step(S.NEW, S.CLARIFYING, S.SENT, S.CONTRACT, S.SUPPLY, S.REFUSED, to=S.OFFER, by=worker, asks=OfferAsk)
    def prepare_offer(self):
        """«Какой процесс запустить?» (R-243)."""

    @step(S.DECISION, to=S.OFFER, by=worker, asks=ReworkAsk, label=_("Rework the offer"))
    def rework(self):
        """The decision: the offer goes back with a comment (R-244)."""

    @step(
        S.NEW, S.CLARIFYING, S.OFFER, S.SENT, S.CONTRACT, S.SUPPLY, to=S.DECISION, by=worker,
        optional={"asks_offer": ("amount", "cost_estimate")},
        papers=[Paper("offer_file", "asks_offer_file", _("File of the offer"), place="offer")],
    )  # fmt: skip
    def decide(self):
        """The executives are asked for the final decision (R-244)."""

    @step(S.DECISION, to=S.SENT, by=worker, label=_("Approve the offer"))
    def approve_offer(self):
        """The decision: the offer goes to the client (R-244)."""

    @step(S.NEW, S.CLARIFYING, S.OFFER, S.CONTRACT, S.SUPPLY, to=S.SENT, by=worker)
    def send(self):
        """The offer went to the client."""

    @step(S.NEW, S.CLARIFYING, S.OFFER, S.DECISION, S.SENT, S.SUPPLY, to=S.CONTRACT, by=worker)
    def sign(self):
        """The contract is being signed and paid."""

    @step(S.NEW, S.CLARIFYING, S.OFFER, S.DECISION, S.SENT, S.CONTRACT, S.DONE, to=S.SUPPLY, by=worker)
    def supply(self):
        """The order is being supplied and delivered."""

    @step(S.NEW, S.CLARIFYING, S.OFFER, S.DECISION, S.SENT, S.CONTRACT, S.SUPPLY, to=S.DONE, by=worker)
    def finish(self):
        """The project is finished: won."""

    @step(
        S.NEW, S.CLARIFYING, S.OFFER, S.DECISION, S.SENT, S.CONTRACT, S.SUPPLY, to=S.REFUSED, by=worker, asks=LossAsk,
    )  # fmt: skip
    def refuse(self):
        """The client or we refuse, and why."""

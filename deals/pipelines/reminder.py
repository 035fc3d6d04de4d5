"""«Процесс напоминания клиентам о компании»: the client knows us and is reminded in an agreed rhythm."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crm.pipelines.declare import pipeline, step
from crm.pipelines.who import nobody, worker
from deals.models import Deal

from .asks import LossAsk, RequestAsk, RhythmAsk


class Stage(TextChoices):
    NEW = "new", _("New (fill in the needs and the rhythm)")
    PLANNED = "planned", _("Reminder planned")
    SOON = "soon", _("Time to remind")
    LATE = "late", _("Overdue")
    INTEREST = "interest", _("There is interest / a request")
    SILENT = "silent", _("Do not disturb")


@pipeline(
    "reminder",
    _("Reminding clients of the company"),
    won=[Stage.INTEREST],
    lost=[Stage.SILENT],
    money_label=_("Income estimate"),
    icon="bell-ringing",
    plans="deals:turns",
    dated=(Stage.PLANNED, Stage.SOON, Stage.LATE),
    may_need=("amount", "company", "contact", "source", "may_refer", "object_type", "service", "brief"),
    hints={
        Stage.NEW: _("Fill in what the client may need and how often to remind."),
        Stage.PLANNED: _("The next contact is planned; the card moves by itself when its day comes near."),
        Stage.SOON: _("The contact is due within three working days."),
        Stage.LATE: _("The day has passed: contact the client or plan another day."),
    },
)
class Reminder(Deal):
    """R-231 to R-239; the columns between are moved by the system as the dates come near (R-237)."""

    Stage = Stage

    class Meta:
        proxy = True
        verbose_name = _("deal")

    @step(Stage.NEW, to=Stage.PLANNED, by=worker, asks=RhythmAsk)
    def schedule(self):
        """Needs and rhythm are agreed (R-233, R-234)."""

    @step(Stage.SOON, Stage.LATE, to=Stage.PLANNED, by=nobody)
    def rest(self):
        """The next contact is more than three working days away."""

    @step(Stage.PLANNED, Stage.LATE, to=Stage.SOON, by=nobody)
    def come_near(self):
        """The next contact is due within three working days."""

    @step(Stage.PLANNED, Stage.SOON, to=Stage.LATE, by=nobody)
    def fall_behind(self):
        """The day of the next contact has passed."""

    @step(Stage.NEW, Stage.PLANNED, Stage.SOON, Stage.LATE, to=Stage.INTEREST, by=worker, asks=RequestAsk)
    def take_request(self):
        """«Пришла заявка»: a project deal is opened (R-239)."""

    @step(Stage.NEW, Stage.PLANNED, Stage.SOON, Stage.LATE, to=Stage.SILENT, by=worker, asks=LossAsk)
    def silence(self):
        """The client does not want to be reminded."""

    @step(Stage.INTEREST, Stage.SILENT, to=Stage.NEW, by=worker)
    def resume(self):
        """Remind again, with a rhythm agreed afresh."""

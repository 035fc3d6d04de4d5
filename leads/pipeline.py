"""«Лиды»: every inquiry is looked at within the day, discussed with an executive, and becomes a deal or is put away."""

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crm.activities.models import Task
from crm.clients.models import ClientKind
from crm.office.models import office
from crm.people.models import Role
from crm.pipelines.declare import pipeline, step
from crm.pipelines.forms import Ask
from crm.pipelines.who import Who, executive, worker
from deals.models import Deal
from leads.models import Inquiry


class Stage(TextChoices):
    NEW = "new", _("Gathering inquiries from different sources")
    DISCUSS = "discuss", _("Discuss the inquiry and set a task for a meeting")
    DEAL = "deal", _("The lead is interesting, create a deal")
    OTHER = "other", _("Other inquiries")
    SPAM = "spam", _("Spam, to the exclusion list")
    SAVED = "saved", _("Save the contact / company")


def deals_of(lead):
    """Deals that the lead led to, the latest first."""
    return Deal.objects.filter(backlinks__source_id=lead.pk, backlinks__rule="lead-deal").order_by("-pk")


class ConvertAsk(Ask):
    """Where the lead goes on: a new deal, an open deal of the same client, or the one it led to before (R-113, C-10)."""

    title = _("Does the lead have a technical brief?")
    NEW, KEEP = "new", "keep"

    target = forms.ChoiceField(label=_("Deal"), widget=forms.RadioSelect, initial=NEW)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if (made := deals_of(self.card).first()) is not None:
            self.ask_again(made)
            return
        deals = list(self.open_deals())
        if not deals:
            del self.fields["target"]
            return
        self.fields["target"].choices = [
            (self.NEW, _("Create a new deal")),
            *((str(d.pk), _("Attach to the deal “%(title)s”") % {"title": d.title}) for d in deals),
        ]

    def ask_again(self, made):
        """The lead has been here before: an executive may want one more deal, nobody else is asked (R-113)."""
        if self.user is None or not self.user.is_executive:
            del self.fields["target"]
            return
        target = self.fields["target"]
        target.label = _("The deal is already created: %(title)s") % {"title": made.title}
        target.choices = [(self.KEEP, _("Keep to it")), (self.NEW, _("Create one more"))]
        target.initial = self.KEEP

    def open_deals(self):
        if self.card.company_id is None or self.user is None:
            return Deal.objects.none()
        deals = Deal.objects.workable_by(self.user).open().filter(company_id=self.card.company_id)
        return deals.order_by("-pk")[:5]


class SaveAsk(Ask):
    kind = forms.ChoiceField(
        label=_("Who is it to us"), choices=ClientKind, widget=forms.RadioSelect, initial=ClientKind.CLIENT
    )


S = Stage


def discussed(lead):
    """Whether an executive has ticked off this entry's «Обсудить лид с руководством» (R-110)."""
    task = Task.objects.filter(card_id=lead.pk, rule="discuss-lead", entry=lead.entry, state=Task.State.DONE)
    return task.filter(done_by__roles__contains=[Role.EXECUTIVE]).exists()


convinced = Who(
    "convinced",
    _("those who work on the card, once an executive has ticked off the discussion where the company wants it"),
    lambda lead, user: user.is_executive or not office().asks_discussed or discussed(lead),
)


@pipeline(
    "leads",
    _("Leads"),
    won=[S.SAVED],
    lost=[S.SPAM],
    aside=[S.OTHER],
    money_label=_("Budget"),
    icon="inbox",
    leaves={S.DEAL: ("lead_archive_days", S.SAVED)},
    may_need=("person", "firm", "phone", "email", "amount", "object_type", "service", "raw_text"),
    hints={
        S.NEW: _("Give the inquiry to somebody and say where it came from; by the end of the day this stage is empty."),
        S.DISCUSS: _("Discuss with the executives whether the inquiry is worth our work."),
        S.DEAL: _("The deal is created; the contact saves itself when the days set for it are over."),
    },
)
class Lead(Inquiry):
    """R-101 to R-118."""

    Stage = Stage

    class Meta:
        proxy = True
        verbose_name = _("lead")

    @step(S.NEW, S.DEAL, S.OTHER, S.SPAM, S.SAVED, to=S.DISCUSS, by=worker, needs=["owner", "source", "may_refer"])
    def discuss(self):
        """Of interest to the responsible person: discuss it with the executives (R-106, R-107)."""

    @step(S.DISCUSS, to=S.DEAL, by=convinced, needs=["owner", "source", "may_refer", "has_brief"], asks=ConvertAsk)
    def convert(self):
        """Interesting: a deal is created (R-110, R-111)."""

    @step(S.NEW, to=S.DEAL, by=executive, needs=["owner", "source", "may_refer", "has_brief"], asks=ConvertAsk)
    def convert_directly(self):
        """An executive decides at once (R-110)."""

    @step(S.NEW, S.DISCUSS, S.DEAL, to=S.OTHER, by=worker)
    def put_aside(self):
        """Mail that has nothing to do with sales (R-116)."""

    @step(S.NEW, S.DISCUSS, S.DEAL, to=S.SPAM, by=worker)
    def exclude(self):
        """Spam: its phones and mails make no more leads (R-117)."""

    @step(S.NEW, S.DISCUSS, S.DEAL, to=S.SAVED, by=worker, needs=["source", "may_refer"], asks=SaveAsk)
    def save_contact(self):
        """Keep the contact for later work (R-118)."""

    @step(S.OTHER, S.SPAM, S.SAVED, to=S.NEW, by=worker)
    def restore(self):
        """Back to work."""

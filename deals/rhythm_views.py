"""The rhythm of reminding over HTTP: looked at, changed, put off by a week or a month, ended by a request (R-234 to R-239)."""

from dateutil.relativedelta import relativedelta
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.activities.views import changed, dialog
from crm.jinja import day
from crm.pipelines.editing import save_changes
from crm.web import form_key, go, page, toast, visible

from . import rhythm
from .forms import RhythmForm
from .models import Reminder, Turn
from .pipelines.asks import RequestAsk
from .robots import take_request

BY = {"week": relativedelta(weeks=1), "month": relativedelta(months=1)}


def turns_of(deal):
    """Each channel of the deal: its name, how often, and its open reminder if there is one."""
    opened = {turn.channel: turn for turn in deal.turns.open().select_related("task")}
    return [
        (
            channel.label,
            getattr(deal, f"{channel}_times"),
            getattr(deal, f"get_{channel}_per_display")(),
            opened.get(channel),
        )
        for channel in Turn.Channel
    ]


def reminder(deal):
    """The deal, if it is one of reminding; nothing else has a rhythm."""
    if deal.pipeline != Reminder.slug:
        raise Http404
    return deal


@require_safe
@visible(Reminder, work=True)
def turns(request, deal):
    """The next contact by each channel, two clicks from the board to another date (R-236)."""
    context = {
        "deal": reminder(deal), "turns": turns_of(deal), "title": _("Rhythm of reminding"), "page_title": deal.title,
        "part": "deals/_turns.html",
    }  # fmt: skip
    return page(request, "dialog_page.html", context, context["part"])


@require_POST
@visible(Turn, work=True)
def shifts(request, turn):
    """Put one reminder off by a week or a month."""
    by = BY.get(request.POST.get("by", ""))
    if by is None or not turn.task.is_open:
        raise Http404
    due = rhythm.shift(turn, by, request.user)
    said = toast(f"{turn.task.title}: {day(due)}")
    return changed(request, turn.deal.as_kind(), toast=said)


@require_http_methods(["GET", "POST"])
@visible(Reminder, work=True)
def rhythms(request, deal):
    """Change the needs and how often; only the open reminders move (R-235)."""
    form = RhythmForm(request.POST or None, deal=reminder(deal))
    form.fields["version"].initial = deal.version
    if request.method == "POST" and form.is_valid() and save_changes(deal, form, request.user):
        return changed(request, deal)
    context = {
        "form": form, "title": _("Needs and rhythm of the client"), "subtitle": deal.title, "submit": _("Save"),
        "action": reverse("deals:rhythms", args=[deal.pk]),
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@visible(Reminder, work=True)
def requests(request, deal):
    """«Пришла заявка»: a project begins, the client goes on being reminded (R-239)."""
    form = RequestAsk(request.POST or None, card=reminder(deal), user=request.user)
    if request.method == "POST" and form.is_valid():
        made = take_request(deal, form.cleaned_data["request"], request.user, form_key(request))
        return go(request, made.get_absolute_url())
    context = {
        "form": form, "title": _("A request has come"), "subtitle": deal.title, "submit": _("Open a project"),
        "action": reverse("deals:requests", args=[deal.pk]), "part": "deals/_request.html",
    }  # fmt: skip
    return dialog(request, context)

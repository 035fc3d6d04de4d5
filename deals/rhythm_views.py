"""The rhythm of reminding over HTTP: looked at, changed, put off by a week or a month, ended by a request (R-234 to R-239)."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.activities.doing import moved_to
from crm.activities.views import changed, dialog
from crm.boards import many
from crm.jinja import day
from crm.pipelines.editing import save_changes
from crm.web import form_key, go, page, visible

from . import rhythm
from .forms import RhythmForm, ShiftForm
from .models import Reminder, Turn
from .pipelines.asks import RequestAsk
from .robots import take_request


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
    by = rhythm.PUT_OFF.get(request.POST.get("by", ""))
    if by is None or not turn.task.is_open:
        raise Http404
    due = rhythm.shift(turn, by, request.user, form_key(request))
    said = moved_to(turn.task, f"{turn.task.title}: {day(due)}")
    return changed(request, turn.deal.as_kind(), toast=said)


@require_http_methods(["GET", "POST"])
def shifts_of_many(request):
    """Put the reminders of several clients off at once; what each came to is said row by row (R-236, C-23)."""
    if not request.user.works_with_clients:
        raise PermissionDenied
    ids, form = many.chosen(request), ShiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return shifted(request, ids, form)
    count = Reminder.objects.workable_by(request.user).filter(pk__in=ids).count()
    context = {
        "form": form, "title": _("Put reminders off"), "ids": ids, "submit": _("Put off"),
        "subtitle": ngettext("%(count)s client", "%(count)s clients", count) % {"count": count},
        "action": reverse("deals:shifts_of_many"), "part": "boards/_many.html",
    }  # fmt: skip
    return dialog(request, context)


def shifted(request, ids, form):
    deals = Reminder.objects.workable_by(request.user).filter(pipeline=Reminder.slug).in_bulk(ids)
    turns: dict[int, list] = {}
    for turn in Turn.objects.open().filter(deal__in=deals).select_related("task").order_by("pk"):
        if form.cleaned_data["channel"] in ("", turn.channel):
            turns.setdefault(turn.deal_id, []).append(turn)
    report, moved = [], 0
    for pk in ids:
        deal, words = deals.get(pk), ""
        if deal is None:
            words = _("The deal is gone or is not yours")
        elif pk not in turns:
            words = _("no such reminder is open")
        for turn in turns.get(pk, []):
            form.shift(turn, request.user)
            moved += 1
        report.append((deal, words))
    told = ngettext("%(count)s reminder put off", "%(count)s reminders put off", moved) % {"count": moved}
    return many.answer(request, Reminder.slug, _("Put reminders off"), told, report)


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

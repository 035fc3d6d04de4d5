"""A deal over HTTP: its page with money and expenses, a new one, and its facts."""

from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.activities.record import record_page, whole
from crm.activities.views import changed, dialog
from crm.cards.models import Event
from crm.pipelines.declare import PIPELINES, of
from crm.pipelines.editing import save_changes
from crm.pipelines.moves import Incomplete, Refused, open_card, siblings, transfer
from crm.web import go, page, visible

from .forms import DealFactsForm, DealForm, TransferForm
from .hints import hint_of
from .models import Deal, Reminder
from .rhythm_views import turns_of


@require_safe
@visible(Deal, bring=whole)
def card(request, deal):
    """The deal's page: money and client left, feed and expenses in the centre, what is next right."""
    rows = expense_rows(deal, request.user)
    runs = deal.events.filter(kind=Event.Kind.RULE, data__has_key="profit").order_by("-at", "-id")[:100]
    context = record_page(deal, request.user, tabs=[
        {"id": "expenses", "label": _("Payment of expenses"), "count": len(rows)},
        {"id": "profit", "label": _("History of the profit")},
    ])  # fmt: skip
    context |= {
        "deal": deal,
        "process": of(deal),
        "siblings": siblings(deal),
        "turns": turns_of(deal) if deal.pipeline == Reminder.slug else None,
        "rows": rows,
        "planned": next((total for _expense, _stage, total in rows if total is not None), Decimal(0)),
        "runs": [(run, _numbers(run, "profit"), _numbers(run, "margin")) for run in runs],
        "hints": [
            (deal._meta.get_field(name).verbose_name, getattr(deal, name) or "—", hint_of(name)) for name in Deal.HINTS
        ],
    }
    return page(request, "deals/card.html", context)


def _numbers(run, name):
    return [Decimal(value) if value is not None else None for value in run.data[name]]


def expense_rows(deal, user):
    """The deal's expenses this person sees, newest first, as (expense, stage, running total or None when cancelled)."""
    total, rows, stages = Decimal(0), [], PIPELINES["expenses"].stages
    for expense in deal.expenses.visible_to(user).select_related("company").order_by("created_at", "pk"):
        stage = stages[expense.stage]
        counts = stage.outcome != "lost"
        # Of what is paid off the rest is either nothing or another expense.
        total += (expense.paid_total if stage.outcome == "won" else expense.amount or 0) if counts else 0
        rows.append((expense, stage, total if counts else None))
    return rows[::-1]


@require_http_methods(["GET", "POST"])
def new(request, slug):
    """A new deal of one pipeline, its author answering for it (R-202, R-248)."""
    process = PIPELINES.get(slug)
    if process is None or not issubclass(process.model, Deal):
        raise Http404
    if not request.user.works_with_clients:
        raise PermissionDenied
    form = DealForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        deal = open_card(
            process.model, by=request.user, key=form.cleaned_data["key"], owner=request.user, **form.values
        )
        return go(request, deal.get_absolute_url())
    context = {
        "form": form, "title": _("New deal"), "subtitle": process.label, "submit": _("Create"),
        "action": reverse("deals:new", args=[slug]),
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@visible(Deal, work=True)
def edit(request, deal):
    """Facts and estimates of a deal (R-246)."""
    heading = deal.title
    form = DealFactsForm(request.POST or None, instance=deal, user=request.user)
    if request.method == "POST" and form.is_valid() and save_changes(deal, form, request.user):
        return changed(request, deal)
    context = {
        "form": form, "title": _("Change the deal"), "subtitle": heading, "submit": _("Save"),
        "action": reverse("deals:edit", args=[deal.pk]),
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@visible(Deal, work=True)
def transfers(request, deal):
    """Bring the deal to another pipeline, with the answers that its stage there needs (R-021, R-113)."""
    wanted = next((p for p in siblings(deal) if p.slug == request.GET.get("to")), None)
    form = TransferForm(request.POST or None, deal=deal, initial=wanted and {"goal": f"{wanted.slug} {wanted.first}"})
    context = {
        "form": form, "deal": deal, "title": _("Transfer to another pipeline"), "submit": _("Transfer"),
        "action": reverse("deals:transfers", args=[deal.pk]), "part": "deals/_transfer.html",
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        slug, stage = form.cleaned_data["goal"].split()
        answers = request.POST if request.POST.get("answering") == form.cleaned_data["goal"] else None
        seen = form.cleaned_data["version"], form.cleaned_data["key"]
        try:
            transfer(deal, slug, stage, request.user, answers, *seen, files=request.FILES)
        except Refused as error:
            form.add_error(None, str(error))
        except Incomplete as missing:
            context["ask"] = missing.form
            return page(request, "dialog_page.html", context, context["part"], 422)
        else:
            return go(request, deal.get_absolute_url())
    return dialog(request, context)

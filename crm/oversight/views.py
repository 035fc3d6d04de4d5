"""«Контроль» and the register of violations over HTTP."""

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from crm.activities.models import Task
from crm.activities.views import changed, dialog
from crm.cards.models import Card
from crm.jinja import day
from crm.office.calendar import company_date, working_days_between
from crm.office.models import office
from crm.pipelines.declare import PIPELINES, of
from crm.web import number, page, toast, visible

from . import asking, control
from .forms import AnswerForm, QuestionForm, RegisterFilter, SnoozeForm
from .models import Question, Violation

SHOWN = 6
PER_PAGE = 50


@require_safe
def board(request):
    """Whom to ask, what is wrong with whom, what waits for approval, what is to be paid; for executives (R-002, R-017)."""
    user, now = request.user, timezone.now()
    if not user.is_executive:
        raise Http404
    items = control.to_ask(user, now)
    asked = set(
        Question.objects.filter(answered_at=None, card_id__in=[i.card.pk for i in items]).values_list(
            "card_id", flat=True
        )
    )
    items.sort(key=lambda item: item.card.pk in asked)  # whoever was asked already waits for the answer
    shown = len(items) if request.GET.get("all") else SHOWN
    rows, total = control.approvals(user)
    managers = control.by_manager(user, now)
    context = {
        "title": _("Control"), "date": date_format(company_date(now), "l, j E").lower(), "count": len(items),
        "heading": ngettext("Ask about %(n)s client", "Ask about %(n)s clients", len(items)) % {"n": len(items)},
        "items": [(item, list(control.reasons(item, now))) for item in items[:shown]], "asked": asked,
        "hidden": max(0, len(items) - shown),
        "kinds": [(kind.value, control.SHORT[kind]) for kind in control.ABOUT_CLIENTS],
        "managers": [(person, at_work(counts, person), numbers, whose(person)) for person, counts, numbers in managers],
        "all_work": at_work(control.sums(managers)[0]), "sums": control.sums(managers)[1], "trend": control.trend(user, now),
        "approvals": [(row, working_days_between(company_date(row.stage_since), company_date(now))) for row in rows[:SHOWN]],
        "slow": office().approval_days,
        "waiting": len(rows), "waiting_sum": total, "payments": control.payments(user, now), "today": company_date(now),
    }  # fmt: skip
    return page(request, "oversight/control.html", context)


def whose(person, name="person"):
    """The condition by which the register, or with another name a list of cards, shows those of one person, or of nobody."""
    return f"{name}={person.pk}" if person else "nobody=1"


def at_work(counts, *person):
    """How many open cards, and a menu of the lists that show exactly these: one of each pipeline (R-002)."""
    narrowed = f"?{whose(*person, name='owner')}" if person else ""
    lists = [
        {"label": process.label, "note": counts[slug], "url": reverse("boards:list", args=[slug]) + narrowed}
        for slug, process in PIPELINES.items()
        if counts[slug]
    ]
    return sum(counts.values()), lists


@require_safe
def violations(request):
    """The register: executives see all of it, others what concerns the cards they see (R-011)."""
    form = RegisterFilter(request.GET or None, request.user)
    found = form.narrow(Violation.objects.visible_to(request.user)).select_related("card__owner", "resolved_by")
    start = (number(request.GET.get("page"), 1) or 1) - 1
    rows = list(found.order_by("-since", "-id")[start * PER_PAGE : (start + 1) * PER_PAGE + 1])
    args, now = request.GET.copy(), timezone.now()
    args["page"] = start + 2
    context = {
        "title": _("Violations"), "filter_form": form, "total": found.count(), "page_number": start + 1,
        "rows": [(v, of(v.card).stages[v.card.stage].label, _age(v, now)) for v in rows[:PER_PAGE]],
        "more_url": f"?{args.urlencode()}" if len(rows) > PER_PAGE else None,
    }  # fmt: skip
    return page(request, "oversight/violations.html", context)


def _age(violation, now):
    return max(0, working_days_between(company_date(violation.since), company_date(violation.resolved_at or now)))


@require_http_methods(["GET", "POST"])
@visible(Card)
def questions(request, card):
    """«Спросить менеджера»: the question goes to the card's chat and to the manager's tasks (R-017)."""
    if not request.user.is_executive:
        raise Http404
    violation = card.violations.open().first()
    about = _("What is happening with «%(title)s»?") % {"title": card.client_name or card.title}
    if violation is not None:
        about = f"{violation.get_kind_display()}. {about}"
    form = QuestionForm(request.POST or None, initial={"text": about})
    if request.method == "POST" and form.is_valid():
        try:
            asking.ask(card, form.cleaned_data["text"], request.user, form.cleaned_data["key"])
        except ValidationError as error:
            form.add_error("text", error)
        else:
            name = card.owner.first_name
            return changed(
                request,
                card,
                toast=toast(_("%(name)s is asked about «%(title)s»") % {"name": name, "title": card.title}),
            )
    context = {
        "form": form, "title": _("Ask the manager"), "subtitle": f"{card.title} · {card.owner or ''}",
        "submit": _("Ask"), "action": reverse("oversight:questions", args=[card.pk]),
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@visible(Task, work=True)
def answers(request, task):
    """«Ответить»: what the executive asked is answered by the one who was asked, from wherever the task stands (R-017)."""
    question = (
        Question.objects.filter(task=task, task__owner=request.user, answered_at=None).select_related("by").first()
    )
    if question is None:
        raise Http404
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asking.reply(question, form.cleaned_data["text"], request.user, form.cleaned_data["key"])
        return changed(request, task.card, toast=toast(_("The answer is sent: %(name)s") % {"name": question.by.name}))
    context = {
        "form": form, "title": _("%(name)s asks") % {"name": question.by.name}, "subtitle": task.text or task.title,
        "submit": _("Answer it"), "action": reverse("oversight:answers", args=[task.pk]),
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@visible(Card)
def snoozes(request, card):
    """«Отложить на …»: this executive is not shown the card here for some working days."""
    if not request.user.is_executive:
        raise Http404
    form = SnoozeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        until = asking.snooze(card, request.user, form.cleaned_data["days"])
        return changed(request, card, toast=toast(_("Put off until %(day)s") % {"day": day(until)}))
    context = {
        "form": form, "title": _("Put off"), "subtitle": card.title, "submit": _("Put off"),
        "action": reverse("oversight:snoozes", args=[card.pk]),
    }  # fmt: skip
    return dialog(request, context)

"""An expense over HTTP: its page, a new one, its facts, its payments and its parts."""

import uuid

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.activities.record import record_page, whole
from crm.activities.views import changed, dialog
from crm.cards.verbs import lock
from crm.clients.forms import doubts
from crm.jinja import day, roubles
from crm.pipelines.declare import of
from crm.pipelines.editing import save_changes
from crm.pipelines.who import accountant, author
from crm.web import form_key, go, number, page, toast, visible
from deals.models import Deal

from . import verbs
from .forms import ExpenseForm, PartsFormSet, PaymentForm, StornoForm
from .models import Expense
from .payments import APPROVED, pay, reverse_payment
from .pipeline import Stage


@require_safe
@visible(Expense, bring=whole)
def card(request, expense):
    """The expense's page; its deal is named only to those who see the deal (R-304)."""
    user = request.user
    payments = list(expense.payments.select_related("by"))
    gone = {payment.reverses_id for payment in payments}
    context = record_page(expense, user, tabs=[{"id": "payments", "label": _("Payments"), "count": len(payments)}])
    works, process = context["works"], of(expense)
    pays = works and accountant(expense, user)
    order = list(process.stages)
    back = order[: order.index(expense.stage)]
    targets = dict.fromkeys(s.to for s in context["steps"] if s.to != Stage.CANCELLED)
    ways = [process.step_to(expense, to, user) for to in sorted(targets, key=back.__contains__)]
    context |= {
        "expense": expense,
        "deal": Deal.objects.visible_to(user).filter(pk=expense.deal_id).first(),
        # The accountant keeps the deals' budget and sees no more of them (G1).
        "deal_title": expense.deal.title if expense.deal_id and user.is_accountant else "",
        "ways": ways,
        "on": next((way for way in ways if way.to not in back), None),
        "requisites": list(requisites(expense)),
        "approved": expense.requisites and expense.stage in (*APPROVED, Stage.PAID),
        "doubts": doubts(expense.company) if expense.company and expense.is_open else [],
        "payments": payments,
        "reversible": [p.pk for p in payments if pays and expense.is_open and p.pk not in gone and not p.reverses_id],
        "decisions": list(expense.decisions.select_related("by")),
        "may_pay": pays and expense.stage in APPROVED,
        "may_split": works and expense.stage == Stage.DOCUMENTS and bool(expense.amount) and author(expense, user),
    }
    return page(request, "expenses/card.html", context)


def requisites(expense):
    """What to pay by, as facts: of the approved what it is by now, of others what it was, where they differ (R-309)."""
    approved = expense.stage in (*APPROVED, Stage.PAID)
    for label, known, now in expense.requisites_to_pay_by():
        if now is None:
            yield label, known, None
        elif approved:
            yield label, known or "—", _("now: %(value)s") % {"value": now or "—"}
        else:
            yield label, now or "—", _("was: %(value)s") % {"value": known or "—"}


@require_http_methods(["GET", "POST"])
def new(request):
    """A new expense, with or without a deal (R-301, R-302)."""
    user = request.user
    if not (user.works_with_clients or user.is_accountant):
        raise PermissionDenied
    form = ExpenseForm(request.POST or None, user=user, initial={"deal": number(request.GET.get("deal"))})
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            payee = form.company()
            expense = verbs.register(user, form.cleaned_data["key"], company=payee, **form.values)
            # The form was sent before, in parallel even: the payee made for this sending goes again.
            transaction.set_rollback(expense.company != payee)
        return go(request, expense.get_absolute_url())
    context = {
        "form": form, "title": _("New expense"), "subtitle": _("The sum and the date may come later"),
        "submit": _("Create"), "action": reverse("expenses:new"),
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@visible(Expense, work=True)
def edit(request, expense):
    """Facts of an expense; another sum or payee after the approval asks for it again (R-309)."""
    heading = expense.title
    form = ExpenseForm(request.POST or None, instance=expense, user=request.user)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            deal = form.values.get("deal")
            lock(expense, beside=[deal.pk] if deal else ())  # the same form sent twice makes one payee
            saved = save_changes(expense, form, request.user, {**form.values, "company": form.company()})
            transaction.set_rollback(not saved)
        if saved:
            return changed(request, expense)
    context = {
        "form": form, "title": _("Change the expense"), "subtitle": heading, "submit": _("Save"),
        "action": reverse("expenses:edit", args=[expense.pk]),
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@visible(Expense, work=True)
def payments(request, expense):
    """A payment that was made, in full or in part (R-315, R-317)."""
    if not accountant(expense, request.user):
        raise PermissionDenied
    form = PaymentForm(request.POST or None, initial={"paid": expense.left, "key": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        answer = form.cleaned_data
        try:
            pay(
                expense, answer["paid"], answer["paid_on"], answer["order_number"],
                by=request.user, key=answer["key"], over=answer["over"],
            )  # fmt: skip
            paid = {"sum": roubles(answer["paid"])}
            return changed(request, expense, toast=toast(_("Payment entered: %(sum)s") % paid))
        except ValidationError as error:
            form.add_error("paid", error.messages)
    if not form.errors:
        del form.fields["over"]
    context = {
        "form": form, "title": _("Payment"), "subtitle": expense.title, "submit": _("Enter the payment"),
        "action": reverse("expenses:payments", args=[expense.pk]),
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@visible(Expense, work=True)
def stornos(request, expense, payment):
    """Reverse one payment of an expense that is not paid off yet (R-317)."""
    if not accountant(expense, request.user):
        raise PermissionDenied
    payment = get_object_or_404(expense.payments.filter(reverses=None), pk=payment)
    form = StornoForm(request.POST or None, initial={"key": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            reverse_payment(payment, form.cleaned_data["remark"], request.user, form.cleaned_data["key"])
            return changed(request, expense)
        except ValidationError as error:
            form.add_error(None, error.messages)
    about = {"sum": roubles(payment.amount), "day": day(payment.paid_on)}
    context = {
        "form": form, "title": _("Reverse the payment"), "subtitle": _("%(sum)s of %(day)s") % about,
        "submit": _("Reverse the payment"), "action": reverse("expenses:stornos", args=[expense.pk, payment.pk]),
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@visible(Expense, work=True)
def parts(request, expense):
    """«Разбить на платежи»: together exactly the invoice (R-306)."""
    if not author(expense, request.user):
        raise PermissionDenied
    forms, problem = (
        PartsFormSet(request.POST or None, initial=[{"amount": expense.amount, "due_on": expense.due_on}]),
        "",
    )
    if request.method == "POST":
        if forms.is_valid():
            pairs = [(a["amount"], a["due_on"]) for form in forms if (a := form.cleaned_data)]
            try:
                verbs.split(expense, pairs, request.user, form_key(request))
                return changed(request, expense)
            except ValidationError as error:
                problem = " ".join(error.messages)
        problem = problem or " ".join(forms.non_form_errors())
    context = {
        "forms": forms, "expense": expense, "problem": problem, "key": request.POST.get("key") or uuid.uuid4(),
        "part": "expenses/_parts.html", "page_title": _("Split into payments"),
    }  # fmt: skip
    return page(request, "dialog_page.html", context, "expenses/_parts.html", 422 if request.method == "POST" else 200)

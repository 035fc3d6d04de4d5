"""A lead over HTTP: its page, a new one, and what is known about it."""

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.activities.record import record_page
from crm.activities.views import changed, dialog
from crm.pipelines.editing import save_changes
from crm.web import go, page, visible

from .forms import LeadForm, NewLeadForm
from .intake import Excluded, admit_sender, receive
from .models import Lead


@require_safe
@visible(Lead)
def card(request, lead):
    """The lead's page: who asks for what left, feed in the centre, what is next right."""
    return page(request, "leads/card.html", record_page(lead, request.user) | {"lead": lead})


@require_http_methods(["GET", "POST"])
def new(request):
    """A new lead by hand; the excluded are refused beside the address that is (R-102, R-117)."""
    user = request.user
    if not (user.works_with_clients or user.may_distribute_leads):
        raise PermissionDenied
    form = NewLeadForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid() and (lead := take_in(form, user)):
        return go(request, lead.get_absolute_url())
    context = {
        "form": form, "title": _("New lead"), "subtitle": _("What is known is enough, the rest can wait"),
        "submit": _("Create"), "action": reverse("leads:new"),
    }  # fmt: skip
    return dialog(request, context)


def take_in(form, user):
    """The lead of a valid form, or None with the form saying that the sender is excluded."""
    values = form.values
    channel = values.pop("channel")
    if "owner" not in form.fields:
        values["owner"] = user if user.works_with_clients else None
    try:
        admit_sender(channel, values["phone"], values["email"], values["title"], by=user)
    except Excluded as refused:
        at = (
            "email"
            if "@" in refused.value or not values["phone"] or values["email"].lower().endswith(refused.value)
            else "phone"
        )
        form.add_error(
            at, _("%(address)s is in the exclusion list: no lead is made of it.") % {"address": refused.value}
        )
        return None
    return receive(channel, by=user, key=form.cleaned_data["key"], **values)


@require_http_methods(["GET", "POST"])
@visible(Lead, work=True)
def edit(request, lead):
    """What is known about a lead (R-105, R-106)."""
    heading = lead.title
    form = LeadForm(request.POST or None, instance=lead, user=request.user)
    if request.method == "POST" and form.is_valid() and save_changes(lead, form, request.user):
        return changed(request, lead)
    context = {
        "form": form, "title": _("Change the lead"), "subtitle": heading, "submit": _("Save"),
        "action": reverse("leads:edit", args=[lead.pk]),
    }  # fmt: skip
    return dialog(request, context)

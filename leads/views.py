"""A lead over HTTP: its page, a new one, and what is known about it."""

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.activities.record import record_page, whole
from crm.activities.views import changed, dialog
from crm.clients.forms import several
from crm.clients.verbs import duplicates
from crm.pipelines.declare import of
from crm.pipelines.editing import save_changes
from crm.web import go, page, visible
from deals.models import Attraction, Project

from .forms import LeadForm, NewLeadForm
from .intake import Excluded, admit_sender, receive
from .models import Lead
from .pipeline import deals_of

MOST_CHECKED = 5


def may_take_in(user):
    """Who may register inquiries: whoever works with clients or distributes leads (R-103, R-104)."""
    return user.works_with_clients or user.may_distribute_leads


@require_safe
@visible(Lead, bring=whole)
def card(request, lead):
    """The lead's page: who asks for what left, feed in the centre, what is next right."""
    context = record_page(lead, request.user) | {"lead": lead, "elsewhere": elsewhere(lead, request.user)}
    return page(request, "leads/card.html", context)


def elsewhere(lead, user):
    """(deal, its process, the process the answer asks for) when «Лид имеет ТЗ?» was changed after the deal, or None."""
    deal = deals_of(lead).visible_to(user).open().filter(pipeline__in=[Project.slug, Attraction.slug]).first()
    if deal is None or lead.has_brief is None:
        return None
    wanted = Project.slug if lead.has_brief else Attraction.slug
    return None if deal.pipeline == wanted else (deal, of(deal), of(wanted))


@require_http_methods(["GET", "POST"])
def new(request):
    """A new lead by hand; the excluded are refused beside the address that is (R-012, R-102, R-117)."""
    user = request.user
    if not may_take_in(user):
        raise PermissionDenied
    form = NewLeadForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid() and (lead := take_in(form, user)):
        return go(request, lead.get_absolute_url())
    context = {
        "form": form, "title": _("New lead"), "subtitle": _("What is known is enough, the rest can wait"),
        "submit": _("Create"), "action": reverse("leads:new"), "part": "leads/_new.html",
        "known_url": reverse("leads:known"),
    }  # fmt: skip
    return dialog(request, context)


def take_in(form, user):
    """The lead of a valid form, or None with the form saying that the sender is excluded."""
    values = form.values
    channel, key = values.pop("channel"), form.cleaned_data["key"]
    if "owner" not in form.fields:
        values["owner"] = user if user.works_with_clients else None
    said = {name: value for name, value in values.items() if name not in ("phone", "email", "owner")}
    text = values["raw_text"] or values["title"]
    try:
        admit_sender(channel, values["phone"], values["email"], text, by=user, key=key, **said)
    except Excluded as refused:
        mail = "@" in refused.value or not refused.value.startswith("+")
        typed = form.cleaned_data["reach"]
        at = "reach" if typed and ("@" in typed) == mail else "email" if mail else "phone"
        form.add_error(
            at, _("%(address)s is in the exclusion list: no lead is made of it.") % {"address": refused.value}
        )
        return None
    return receive(channel, by=user, key=key, **values)


@require_safe
def known(request):
    """Who already has the phone or mail that is being typed; of an unseen client no more than who answers (G9, C-20)."""
    if not may_take_in(request.user):
        raise PermissionDenied
    typed = [one for name in ("reach", "phone", "email") for one in several(request.GET.get(name, "")[:1000])]
    typed = [one.replace("\0", "") for one in typed][:MOST_CHECKED]
    mails = [one for one in typed if "@" in one]
    found = duplicates(request.user, [one for one in typed if "@" not in one], mails)
    return page(request, "clients/_duplicates.html", {"found": found})


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

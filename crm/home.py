"""Where a person starts, what they may create, and what is said when a page is missing or fails."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.web import page


@require_safe
def home(request):
    """Send the person to the first section they work with."""
    user = request.user
    if user.is_executive:
        return redirect("oversight:control")
    if user.is_manager:
        return redirect("activities:day")
    if user.works_with_clients:
        return redirect("boards:board", "project")
    if user.is_accountant:
        return redirect("boards:board", "expenses")
    if user.may_distribute_leads:
        return redirect("boards:board", "leads")
    return redirect("people:list" if user.is_administrator else "people:profile")


def creatable(user):
    """What this person may create, as the dialog shows it."""
    things = []
    if user.works_with_clients or user.may_distribute_leads:
        things.append({"icon": "inbox", "label": _("Lead"), "url": reverse("leads:new")})
    if user.works_with_clients:
        things.append({"icon": "briefcase", "label": _("Deal"), "url": reverse("deals:new", args=["project"])})
    if user.works_with_clients or user.is_accountant:
        things += [
            {"icon": "receipt-2", "label": _("Expense"), "url": reverse("expenses:new")},
            {"icon": "building", "label": _("Company"), "url": reverse("clients:new_company")},
            {"icon": "address-book", "label": _("Contact"), "url": reverse("clients:new_contact")},
        ]
    return things


@require_safe
def create(request):
    """Ask what to create."""
    context = {"things": creatable(request.user), "part": "_create.html", "page_title": _("Create")}
    return page(request, "dialog_page.html", context, "_create.html")


def not_found(request, exception):
    """Absent and unseen look the same."""
    return render(request, "errors/404.html", {"language": get_language()}, status=404)


def failed(request):
    """The server failed: the answer must not need what failed."""
    return HttpResponse(get_template("errors/500.html").render({"language": get_language()}), status=500)

"""What the shell of every page shows: who is signed in, the sections, and what waits."""

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.cards.models import Card


def shell(request):
    """Context for base.html; a page without a signed-in person gets none of it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request.headers.get("HX-Request"):
        return {"language": get_language(), "me": user if user and user.is_authenticated else None}
    return {
        "language": get_language(),
        "me": user,
        "nav": sections(request),
        "counts": {"notices": _unread(user)},
        "search_url": reverse("search"),
        "create_url": reverse("create"),
        "notices_url": reverse("notices"),
        "profile_url": reverse("people:profile"),
        "logout_url": reverse("people:sign_out"),
    }


def _unread(user):
    from django.apps import apps

    return apps.get_model("notifications", "Notice").objects.of(user).unread().count()


def sections(request):
    """The rail: only what this person works with."""
    user, items = request.user, []

    def add(name, label, *args, icon, low=False, badge=0, under=None):
        at = reverse(name, args=args)
        current = request.path.startswith(under or at)
        items.append({"url": at, "label": label, "icon": icon, "current": current, "low": low, "badge": badge or None})

    if user.works_with_clients or user.may_distribute_leads:
        fresh = Card.objects.visible_to(user).filter(pipeline="leads", stage="new").count()
        add("boards:board", _("Leads"), "leads", icon="inbox", badge=fresh)
    if user.works_with_clients:
        deals = request.path.startswith(("/boards/attraction", "/boards/reminder", "/deals/"))
        add("boards:board", _("Deals"), "project", icon="briefcase", under=request.path if deals else None)
    if user.works_with_clients or user.is_accountant:
        add("boards:board", _("Expenses"), "expenses", icon="receipt-2")
        add("clients:list", _("Clients"), icon="building")
    if user.is_administrator:
        add("people:list", _("People"), icon="users", low=True)
    return items

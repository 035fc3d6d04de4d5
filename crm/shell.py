"""What the shell of every page shows: who is signed in, the sections, and what waits."""

from django.db import connection
from django.http import JsonResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chats.verbs import unread_chats
from crm.activities.day import mine, tonight
from crm.boards.columns import Number
from crm.calls.models import Call
from crm.cards.models import Card
from crm.cards.prepared import prepared
from crm.home import creatable
from crm.jinja import url
from crm.notifications.models import Notice
from crm.oversight import control
from crm.people.models import User


def shell(request):
    """Context for base.html; a page without a signed-in person gets none of it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request.headers.get("HX-Request"):
        return {"language": get_language(), "me": user if user and user.is_authenticated else None}
    counts = waiting(user)
    return {
        "language": get_language(),
        "me": user,
        "nav": sections(request, counts),
        "badges": counts,
        "search_url": url("search"),
        "create_url": url("create") if creatable(user) else None,
        "notices_url": url("notices"),
        "profile_url": url("people:profile"),
        "logout_url": url("people:sign_out"),
    }


# A badge says «99+» of more than that, so that no page counts tens of thousands.
MOST = 99
# What each badge counts, and for whom.
BADGES = {
    "notices": (lambda user: True, lambda user, now, tonight: Notice.objects.of(user, now).unread()),
    "calls": (lambda user: True, lambda user, now, tonight: Call.objects.visible_to(user).open()),
    "day": (lambda user: user.sees_cards, lambda user, now, tonight: mine(user, tonight)),
    "control": (lambda user: user.is_executive, lambda user, now, tonight: control.waiting(user, now)),
    "chats": (lambda user: user.works_with_clients, lambda user, now, tonight: unread_chats(user)),
    "leads": (
        lambda user: user.works_with_clients or user.may_distribute_leads,
        lambda user, now, tonight: Card.objects.visible_to(user).filter(pipeline="leads", stage="new"),
    ),
}


def waiting(user):
    """How much waits for this person behind each badge, one more than ``MOST`` at the most, all in one statement."""
    names, now = [name for name, (has, _rows) in BADGES.items() if has(user)], timezone.now()

    def numbers(user, **moments):
        counts = (Number(BADGES[name][1](user, **moments).order_by().values("pk")[: MOST + 1]) for name in names)
        return User.objects.filter(pk=user.pk).values_list(*counts)

    sql, params = prepared(("badges", *names), user, numbers, now=now, tonight=tonight(now))
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return dict(zip(names, cursor.fetchone(), strict=True))


@require_safe
def badges(request):
    """The same numbers for a page that is open already."""
    return JsonResponse(waiting(request.user))


def sections(request, counts):
    """The rail: only what this person works with."""
    user, items = request.user, []

    def add(name, label, *args, icon, low=False, badge=None, under=None, short=None, tone=""):
        at = url(name, *args)
        current = request.path.startswith(under or at)
        items.append({
            "url": at, "label": label, "short": short, "icon": icon, "current": current, "low": low, "badge": badge,
            "waits": counts.get(badge, 0), "badge_tone": tone,
        })  # fmt: skip

    if user.sees_cards:
        add("activities:day", _("My day"), icon="sun", badge="day", tone="red")
    if user.is_executive:
        add("oversight:control", _("Control"), icon="eye-check", badge="control", tone="red")
    if user.works_with_clients or user.may_distribute_leads:
        add("boards:board", _("Leads"), "leads", icon="inbox", badge="leads")
    if user.works_with_clients:
        deals = request.path.startswith(("/boards/attraction", "/boards/reminder", "/deals/"))
        add("boards:board", _("Deals"), "project", icon="briefcase", under=request.path if deals else None)
    if user.works_with_clients:
        add("chats:rooms", _("Chats"), icon="message-circle", badge="chats", tone="ink")
    if user.works_with_clients or user.is_accountant:
        add("boards:board", _("Payment of expenses"), "expenses", icon="receipt-2", short=_("Expenses"))
        add("clients:list", _("Clients"), icon="building")
    if user.sees_cards:
        add("activities:calendar", _("Calendar"), icon="calendar", under="/activities/")
    if user.is_administrator:
        add("people:list", _("People"), icon="users", low=True)
    if user.is_administrator or user.is_executive:
        add("office:limits", _("Settings"), icon="settings", low=True)
    return items

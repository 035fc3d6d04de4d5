"""«Не доставлено»: what was given up after many tries, for administrators, and sending it again."""

from dataclasses import dataclass

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from crm.people.models import User
from crm.people.views import for_administrators
from crm.web import go, page, toast

from . import outbox
from .models import Outbox

MOST = 200
AWAY = ("Timeout", "Connect", "Disconnected", "OSError", "gaierror")


@dataclass
class Lost:
    """One dead row; ``to`` is the address it was meant for, the only personal thing that is shown."""

    row: Outbox
    label: str
    to: str

    @property
    def reason(self):
        """Why it was given up, in the reader's words; what is known of no words is said as it is."""
        error = self.row.last_error
        if not error:
            return _("the sender stopped in the middle")
        if error.startswith("SMTP"):
            return _("the mail server refused: %(code)s") % {"code": error}
        if any(word in error for word in AWAY):
            return _("no answer: %(code)s") % {"code": error}
        return error


@require_safe
@for_administrators
def undelivered(request):
    """What did not arrive: when, how often it was tried, and why it was given up."""
    rows = list(outbox.dead()[: MOST + 1])
    people = dict(
        User.objects.filter(pk__in={row.payload.get("user") for row in rows} - {None}).values_list("pk", "email")
    )
    lost = [
        Lost(row, outbox.label_of(row), row.payload.get("to") or people.get(row.payload.get("user"), ""))
        for row in rows[:MOST]
    ]
    waiting = Outbox.objects.filter(done_at=None, dead_at=None, tries__gt=0).count()
    context = {"lost": lost, "more": len(rows) > MOST, "waiting": waiting}
    return page(request, "notifications/undelivered.html", context)


@require_POST
@for_administrators
def resends(request):
    """Send again everything that was given up."""
    return _again(request, outbox.revive(outbox.dead()))


@require_POST
@for_administrators
def resend(request, pk):
    """Send one of them again."""
    count = outbox.revive(outbox.dead().filter(pk=pk))
    if not count:
        raise Http404
    return _again(request, count)


def _again(request, count):
    text = ngettext("%(n)s is being sent again", "%(n)s are being sent again", count) % {"n": count}
    return go(request, "notices_undelivered", toast=toast(text))

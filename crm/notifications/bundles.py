"""Notices outside the CRM: gathered for one person, asked once more what may still be said, worded when they leave.

A «bundle» row is written with each notice and waits two minutes. It takes all that the person was not told yet and
hands it to the channels they chose, in one transaction; each channel then delivers on its own, tried again on its own.
"""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from crm.people.models import User

from . import outbox
from .decisions import link, steps_of
from .mail import deliver, server
from .models import Notice
from .notices import KINDS, address, deals_of, word
from .wishes import Channel, Group, quiet_until, wants

MOST = 20
_channels = {}


def channel(name):
    """Register ``func(user, ids, key)`` that writes the outbox rows which tell these notices (ids) to the person."""

    def register(func):
        _channels[name] = func
        return func

    return register


@outbox.courier("bundle", label=lazy("Notices"))
def gather(payload, key):
    """Hand what the person was not told yet to each channel they want it through, once the quiet hours are over."""
    user = _person(payload)
    if user is None:
        return
    rows = (
        Notice.objects.filter(user=user, untold=True, at__lte=timezone.now()).select_for_update().order_by("at", "id")
    )
    waiting = [(row.pk, KINDS[row.kind].group) for row in rows if row.kind in KINDS and row.read_at is None]
    for name, queue in _channels.items():
        ids = [pk for pk, group in waiting if wants(user.pk, group, name)]
        if ids:
            queue(user, ids, f"{name}:{key}")
    # These alone: what came meanwhile is told by the row of its own.
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(untold=False)


def _person(payload):
    """Whom it is for, or None for somebody who left. Raises Later in quiet hours."""
    user = User.objects.active().filter(pk=payload["user"]).first()
    now = timezone.now()
    if user is not None and (until := quiet_until(user.pk, now)) > now:
        raise outbox.Later(until)
    return user


def still_to_tell(payload, name):
    """The person and those of the notices that are unread, still theirs to see, wanted through the channel, and open."""
    user = _person(payload)
    if user is None:
        return None, []
    rows = Notice.objects.meant_for(user).unread().filter(pk__in=payload["notices"], kind__in=KINDS)
    rows = [
        row
        for row in rows.select_related("card").order_by("at", "id")
        if wants(user.pk, KINDS[row.kind].group, name)
    ]  # fmt: skip
    steps = steps_of(rows, user)
    return user, [row for row in rows if not KINDS[row.kind].steps or row.pk in steps]


def summary(rows):
    """One line for all of them: the notice itself, or «3 new: …»."""
    first = " ".join(word(rows[0]).split())
    text = ngettext("%(n)s new: %(first)s", "%(n)s new: %(first)s", len(rows)) % {"n": len(rows), "first": first}
    return first if len(rows) == 1 else text


def place(rows, user):
    """Where they lead: to their card when there is one only, else to all notices."""
    places = {address(row, user) for row in rows}
    return settings.SITE_URL + ((len(places) == 1 and places.pop()) or reverse("notices"))


@channel(Channel.MAIL)
def queue_letter(user, ids, key):
    outbox.put("notices-mail", key, {"user": user.pk, "notices": ids})


@outbox.courier("notices-mail", outside=True, label=lazy("Letter with notices"), by=server)
def post(payload, key):
    """One letter with all of them, in the person's language; the digest has a letter of its own."""
    user, rows = still_to_tell(payload, Channel.MAIL)
    rows = [row for row in rows if KINDS[row.kind].group != Group.DIGEST]
    if not rows:
        return
    with translation.override(user.language):
        steps, deals = steps_of(rows, user), deals_of(rows, user)
        items = [
            {
                "text": " ".join(word(row).split()),
                "place": address(row, user) and settings.SITE_URL + address(row, user),
                "deal": deals.get(row.data.get("deal")),
                "decide": link(user, row.card) if row.pk in steps else "",
            }
            for row in rows[:MOST]
        ]
        context = {
            "person": user, "items": items, "site": settings.SITE_URL, "more": max(0, len(rows) - MOST),
            "all": settings.SITE_URL + reverse("notices"), "wishes": settings.SITE_URL + reverse("notices_wishes"),
        }  # fmt: skip
        text = render_to_string("notifications/letter.txt", context).strip() + "\n"
        deliver({"to": user.email, "subject": summary(rows)[:180], "text": text}, key)

"""The morning digest: what each executive has to ask about, and each manager's day (R-017, D.8).

The row says that the day's digest was made; the letter is worded when it leaves, with what its reader may see then.
"""

import logging
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, TextField, Value
from django.db.models.functions import Concat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crm.activities.day import day
from crm.cards.models import Card
from crm.notifications import outbox
from crm.notifications.mail import deliver, server
from crm.notifications.models import Notice
from crm.notifications.notices import Telling, notify, notify_all
from crm.notifications.wishes import Channel, Group, quiet_until, wants
from crm.office.calendar import company_date, company_zone, day_end, is_working
from crm.office.models import office
from crm.people.models import Role, User

from . import control
from .models import Digest
from .rules import first_stages, in_stages

log = logging.getLogger("crm.digests")
MOST = 12
AT_ONCE = 2000


def send_digests(now: datetime | None = None) -> int:
    """Make the digests whose hour has come today; none on days off, none when the day is over. Returns how many."""
    now = now or timezone.now()
    today = company_date(now)
    if not is_working(today) or now >= day_end(today):
        return 0
    made, have = 0, set(Digest.objects.filter(date=today).values_list("user", flat=True))
    for user in User.objects.with_role(Role.EXECUTIVE, Role.MANAGER).order_by("pk"):
        at = office().digest_time if user.is_executive else office().manager_digest_time
        if now >= datetime.combine(today, at, company_zone()) and user.pk not in have:
            try:
                made += make(user, today, now)
            except Exception:  # one digest that cannot be made must not hold up the others
                log.exception("the digest of person %s was not made", user.pk)
    return made


@transaction.atomic
def make(user: User, today: date, now: datetime) -> bool:
    """Write the day's digest of one person, once; an empty one is remembered and not sent."""
    row, new = Digest.objects.get_or_create(user=user, date=today, defaults={"at": now})
    if not new:
        return False
    found = content(user, now)
    if found["count"] == 0:
        Digest.objects.filter(pk=row.pk).update(empty=True)
        return False
    notify([user.pk], None, "digest", slot=f"digest:{today}", at=now, count=found["count"])
    outbox.put("digest", f"digest:{user.pk}:{today}", {"user": user.pk, "date": str(today)}, now)
    return True


def content(user: User, now: datetime) -> dict:
    """What the digest of this person holds at this moment, and how many things that is."""
    found = executive_content(user, now) if user.is_executive else day(user, now)
    if not user.is_executive:
        parts = ("asked", "late", "today", "fresh", "bare")
        found["count"] = sum(len(found[part]) for part in parts) + bool(found["hero"])
    return found


def executive_content(user, now):
    items = control.to_ask(user, now)
    waiting, total = control.approvals(user)
    mine = day(user, now)
    found = {
        "items": [(item, list(control.reasons(item, now))) for item in items[:MOST]],
        "more": max(0, len(items) - MOST),
        "managers": [row for row in control.by_manager(user, now) if sum(row[2])],
        "kinds": [control.SHORT[kind] for kind in control.ABOUT_CLIENTS],
        "waiting": waiting, "waiting_sum": total,
        "payments": control.payments(user, now),
        "own": [row for row in [mine["hero"], *mine["asked"], *mine["late"], *mine["today"]] if row],
        "yesterday": control.yesterday(user, now),
    }  # fmt: skip
    found["count"] = len(items) + len(waiting) + len(found["own"]) + sum(1 for s in found["payments"].values() if s)
    return found


@outbox.courier("digest", outside=True, label=lazy("Digest"), by=server)
def post(payload, key):
    """The letter, in its reader's language; not sent to somebody who has left, when nothing is left to say, or once its
    day is over: what still matters is in the next digest."""
    user = User.objects.active().filter(pk=payload["user"]).first()
    now = timezone.now()
    if user is None or not wants(user.pk, Group.DIGEST, Channel.MAIL) or payload["date"] != str(company_date(now)):
        return
    if (later := quiet_until(user.pk, now)) > now:
        raise outbox.Later(later)
    with translation.override(user.language):
        found = content(user, now)
        if found["count"]:
            deliver({"to": user.email, "subject": subject(now), "text": text(user, found)}, key)


def subject(now):
    return _("%(day)s: what matters today") % {"day": date_format(company_date(now), "l, j E").capitalize()}


def text(user, found):
    """The letter's words: the same as «Контроль» or «Мой день» show, one line for each thing."""
    page = "oversight:control" if user.is_executive else "activities:day"
    name = "oversight/digest_executive.txt" if user.is_executive else "oversight/digest_manager.txt"
    context = {**found, "site": settings.SITE_URL, "page": settings.SITE_URL + reverse(page), "person": user}
    return render_to_string(name, context).strip() + "\n"


def warn_first_stages(now: datetime | None = None) -> int:
    """Before the end of the working day, warn whoever has cards in a first stage: once a day for each card (R-105, R-252)."""
    now = now or timezone.now()
    today = company_date(now)
    end = day_end(today)
    if not is_working(today) or not end - timedelta(minutes=office().warning_minutes) <= now < end:
        return 0
    slot = f"first-stage:{today}:"
    key = Concat(Value(slot), OuterRef("pk"), Value(":"), OuterRef("owner_id"), output_field=TextField())
    warned = Exists(Notice.objects.filter(key=key).exclude(key=""))
    cards = Card.objects.filter(~warned, in_stages(first_stages()), stage_since__lt=now, owner__is_active=True)
    told, last = 0, 0
    while True:
        some = list(cards.filter(pk__gt=last).order_by("pk").only("owner_id", "entry")[:AT_ONCE])
        tellings = [Telling((card.owner_id,), card, slot=f"{slot}{card.pk}") for card in some]
        told += len(notify_all("first-stage-warning", tellings, now))
        if len(some) < AT_ONCE:
            return told
        last = some[-1].pk

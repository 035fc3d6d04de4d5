"""A person's activities as an iCalendar feed at a secret address (D.9.3, RFC 5545): what that person may see right now."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.dispatch import receiver
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from icalendar import Alarm, Calendar, Event

from crm.office.calendar import company_date
from crm.people.models import shut_out
from crm.web import go, page

from . import reminders, repeats
from .models import FeedKey, Task

BEHIND = timedelta(days=30)
AHEAD = timedelta(days=366)
REPEATS_AHEAD = timedelta(days=92)
USUAL = timedelta(minutes=30)


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret(user) -> str:
    """Give the person a new address, which ends the old one; only now can its secret be told."""
    secret = secrets.token_urlsafe(32)
    FeedKey.objects.update_or_create(user=user, defaults={"digest": digest(secret), "created_at": timezone.now()})
    return secret


@receiver(shut_out)
def revoke(sender, user, **rest) -> None:
    """The address answers no more: the person says so, or is shut out (R-501)."""
    FeedKey.objects.filter(user=user).delete()


def build(user, now: datetime) -> bytes:
    """The person's own activities, a month back and a year ahead, in the person's language."""
    rows = Task.objects.visible_to(user).of(user).exclude(state__in=[Task.State.CANCELLED, Task.State.AUTO])
    rows = rows.filter(due_at__gte=now - BEHIND, due_at__lt=now + AHEAD)
    feed = Calendar()
    feed.add("prodid", "-//CRM//activities//RU")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    with override(user.language):
        feed.add("name", _("Activities in the CRM"))
        feed.add("x-wr-calname", _("Activities in the CRM"))
        feed.add("refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"})
        for task in rows.select_related("card").prefetch_related("reminders").order_by("due_at", "id"):
            feed.add_component(entry(task, now))
    return feed.to_ical()


def entry(task: Task, now: datetime) -> Event:
    """One activity; its repeats are named date by date, as they move off days without work."""
    found, address = Event(), urljoin(settings.SITE_URL, task.card.get_absolute_url())
    due = task.due_at or now
    found.add("uid", f"task-{task.pk}@{urlsplit(settings.SITE_URL).hostname}")
    found.add("dtstamp", now)
    found.add("summary", ("✓ " if task.state == Task.State.DONE else "") + task.title)
    found.add("description", "\n".join(filter(None, [task.card.title, task.text, address])))
    found.add("url", address)
    if task.place:
        found.add("location", task.place)
    if task.all_day:
        date = company_date(due)
        found.add("dtstart", date)
        found.add("dtend", date + timedelta(days=1))
        found.add("transp", "TRANSPARENT")
    else:
        found.add("dtstart", due.astimezone(UTC))
        found.add("duration", timedelta(minutes=task.duration) if task.duration else USUAL)
    if task.is_open:
        _repeats(found, task, now)
        for reminder in task.reminders.all():
            found.add_component(_alarm(task, reminder))
    return found


def _repeats(found, task, now):
    if not task.repeat:
        return
    due = company_date(task.due_at)
    last = company_date(now + REPEATS_AHEAD)
    for day in repeats.dates(task.repeat, task.repeat_from or due, due, task.repeat_until):
        if day > last:
            return
        found.add("rdate", [day if task.all_day else repeats.moment_on(task, day).astimezone(UTC)])


def _alarm(task, reminder):
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", task.title)
    start = reminders.base(task)
    # From the start of the day in the feed, where a day begins at midnight.
    before = timedelta(minutes=reminder.minutes)
    if task.all_day:
        midnight = start.replace(hour=0, minute=0)
        before -= start - midnight
    alarm.add("trigger", -before)
    return alarm


@login_not_required
@never_cache
@require_safe
def feed(request, secret):
    """The feed of whoever this secret belongs to; a wrong, old or revoked one leads nowhere, and so does one who left."""
    key = FeedKey.objects.filter(digest=digest(secret), user__is_active=True).select_related("user").first()
    if key is None:
        raise Http404
    response = HttpResponse(build(key.user, timezone.now()), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="crm.ics"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
def address(request):
    """The block of one's profile: whether there is an address, and the way to make or end one."""
    key = FeedKey.objects.filter(user=request.user).first()
    return page(request, "activities/address_page.html", {"key": key}, "activities/_address.html")


@require_POST
def addresses(request):
    """Make a new address and tell it this once."""
    path = reverse("activities:feed", args=[new_secret(request.user)])
    key = FeedKey.objects.get(user=request.user)
    context = {"key": key, "address": urljoin(settings.SITE_URL, path)}
    return page(request, "activities/address_page.html", context, "activities/_address.html")


@require_POST
def revocations(request):
    """End the address."""
    revoke(None, request.user)
    if not request.headers.get("HX-Request"):
        return go(request, "people:profile")
    return page(request, "activities/address_page.html", {"key": None}, "activities/_address.html")

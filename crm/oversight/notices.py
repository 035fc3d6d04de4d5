"""How notices of oversight are worded."""

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.jinja import when
from crm.notifications.notices import notice
from crm.notifications.wishes import Group


def day_of(user):
    return reverse("activities:day")


def matters_to(user):
    return reverse("oversight:control") if user.is_executive else day_of(user)


@notice("question", "message-question", Group.QUESTIONS)
def _question(row):
    return _("An executive asks about «%(title)s»: %(text)s") % {"title": row.card.title, "text": row.data["text"]}


@notice("answer", "message-circle", Group.QUESTIONS)
def _answer(row):
    return _("Answer about «%(title)s»: %(text)s") % {"title": row.card.title, "text": row.data["text"]}


@notice("reminder", "bell-ringing", Group.ACTIVITIES)
def _reminder(row):
    at = when(parse_datetime(row.data["due"]))
    return _("%(at)s: %(title)s") % {"at": at, "title": row.data["title"]}


@notice("due", "bolt", Group.ACTIVITIES)
def _due(row):
    return _("Now: %(title)s") % {"title": row.data["title"]}


@notice("late", "alert-circle", Group.ACTIVITIES)
def _late(row):
    return _("Overdue: %(title)s") % {"title": row.data["title"]}


@notice("late-many", "alert-circle", Group.ACTIVITIES, leads=day_of)
def _late_many(row):
    n = row.data["count"]
    return ngettext("%(n)s activity is overdue", "%(n)s activities are overdue", n) % {"n": n}


@notice("digest", "sun", Group.DIGEST, leads=matters_to)
def _digest(row):
    n = row.data["count"]
    return ngettext("What matters today: %(n)s thing", "What matters today: %(n)s things", n) % {"n": n}


@notice("first-stage-warning", "hourglass-high", Group.ACTIVITIES)
def _warning(row):
    return _("To sort out before the end of the day: %(title)s") % {"title": row.card.title}

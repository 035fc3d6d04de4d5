"""What a person wants to hear of, where, and when not: groups of kinds by channels, and quiet hours (R-012, R-514)."""

from datetime import datetime, time, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crm.office.calendar import company_zone, is_working
from crm.office.memory import remembered, touch

from .models import Preferences


class Group(TextChoices):
    """Kinds of notices as people think of them."""

    ASSIGNED = "assigned", _("Assignments")
    MONEY = "money", _("Approvals and payments")
    ACTIVITIES = "activities", _("Activities and reminders")
    QUESTIONS = "questions", _("Questions of an executive")
    DIGEST = "digest", _("Digest")
    CHATS = "chats", _("Chats")


class Channel(TextChoices):
    """Where a notice reaches a person."""

    APP = "app", _("In the CRM")
    MAIL = "mail", _("Mail")
    PUSH = "push", _("Browser")
    TELEGRAM = "telegram", "Telegram"


HINTS = {
    Group.ASSIGNED: _("a lead, a deal or an activity is yours now"),
    Group.MONEY: _("approve, prepare a payment order, returned, paid"),
    Group.ACTIVITIES: _("calls and meetings at their time, what is overdue"),
    Group.QUESTIONS: _("questions about your clients, and answers to yours"),
    Group.DIGEST: _("once in the morning: what matters today"),
    Group.CHATS: _("messages that are meant for you, calls"),
}
# Never muted in the CRM itself: what others wait for, and what must not be forgotten.
CRITICAL = {Group.ASSIGNED, Group.MONEY, Group.ACTIVITIES, Group.QUESTIONS}
_EVERYWHERE = (Channel.APP, Channel.MAIL, Channel.PUSH, Channel.TELEGRAM)
DEFAULTS = {
    Group.ASSIGNED: (Channel.APP,),
    Group.MONEY: _EVERYWHERE,
    Group.ACTIVITIES: (Channel.APP,),
    Group.QUESTIONS: _EVERYWHERE,
    Group.DIGEST: (Channel.APP, Channel.MAIL),
    # A browser is told only when the person has connected it.
    Group.CHATS: (Channel.APP, Channel.PUSH),
}
OUTSIDE = [channel for channel in Channel if channel != Channel.APP]


@remembered
def _known() -> dict[int, Preferences]:
    return {row.user_id: row for row in Preferences.objects.all()}


def preferences(pk: int) -> Preferences:
    """What this person (id) settled, or what is so by default; without a query as a rule."""
    return _known().get(pk) or Preferences(user_id=pk)


def settle(row: Preferences) -> None:
    """Keep what a person settled; every process hears of it."""
    row.save()
    touch()


def wants(pk: int, group: str, channel: str) -> bool:
    """Whether this person (id) is told of the group through the channel."""
    if channel == Channel.APP and group in CRITICAL:
        return True
    return channel in preferences(pk).channels.get(group, DEFAULTS[Group(group)])


def quiet_until(pk: int, now: datetime) -> datetime:
    """When this person (id) may be told outside the CRM: an aware moment, ``now`` when it is not quiet."""
    row, moment = preferences(pk), now.astimezone(company_zone())
    while (end := _end_of_quiet(row, moment)) is not None:
        moment = end
    return moment


def _end_of_quiet(row, moment):
    """The end of the quiet stretch that the moment is in, or None."""
    day, hour, start, end = moment.date(), moment.time(), row.quiet_from, row.quiet_until
    if row.quiet_days_off and not is_working(day):
        return datetime.combine(day + timedelta(days=1), time.min, moment.tzinfo)
    if start is None or end is None or start == end:
        return None
    if start < end:
        return datetime.combine(day, end, moment.tzinfo) if start <= hour < end else None
    if hour >= start:
        return datetime.combine(day + timedelta(days=1), end, moment.tzinfo)
    return datetime.combine(day, end, moment.tzinfo) if hour < end else None

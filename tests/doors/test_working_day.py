"""The clock tells another manager nothing of A's cards: no notice, digest line, count, calendar entry, frame (R-015)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from chats.verbs import post
from crm.activities.ical import new_secret
from crm.activities.models import Task
from crm.activities.verbs import add
from crm.cards.models import Card, Event
from crm.cards.verbs import touch
from crm.notifications import outbox
from crm.notifications.models import Notice, Preferences, PushDevice
from crm.notifications.notices import KINDS, word
from crm.notifications.wishes import Channel, Group, settle
from crm.office.calendar import add_working_days, company_today, day_end, day_start
from crm.oversight.asking import ask
from crm.oversight.digests import content, text
from crm.oversight.models import Violation
from crm.schedule import SCHEDULE

from .world import signed_in, undone

pytestmark = pytest.mark.django_db
OUTSIDE = {"send letters and messages", "listen to Telegram", "deliver the outbox", "forget what was delivered"}


def neglect(world):
    """Everything of A's is late and asked about, and the clock has looked at every hour of the next working day."""
    day = add_working_days(company_today(), 1)
    old = day_start(add_working_days(day, -20))
    card = Card.objects.filter(owner=world.a.user)
    call = add(
        world.a.deal,
        world.a.user,
        title=world.a.mint.token("deal"),
        due_at=day_start(day) + timedelta(hours=3),
        remind=[15],
    )
    touch(world.a.deal, "letter", world.a.user, outbound=False, text=world.a.mint.token("deal"))
    Task.objects.filter(card__in=card).exclude(pk=call.pk).update(due_at=old, all_day=False)
    card.update(stage_since=old, next_step_at=old)
    Event.objects.filter(card__in=card).update(at=old)
    ask(world.a.deal, world.a.mint.token("deal"), world.people["executive"])
    post(world.a.room, world.a.mint.token("deal"), world.a.user)
    hours = [day_start(day) + timedelta(minutes=n) for n in (2, 166, 181, 245)]
    for now in [*hours, day_end(day) - timedelta(minutes=30), day_end(day) + timedelta(minutes=1)]:
        with time_machine.travel(now, tick=False):
            for name, (_seconds, verb) in SCHEDULE.items():
                if name not in OUTSIDE:
                    verb(now)
    return day_end(day)


def told(user):
    """All that the notices of a person say, whatever is hidden from them when they read."""
    return "\n".join(word(row) for row in Notice.objects.filter(user=user, kind__in=KINDS).select_related("card"))


@pytest.fixture
def loud(world, post_office):
    """Everybody wants to hear of everything by mail; afterwards the clock and the letters have gone round."""
    with undone():
        for user in (world.a.user, world.b.user, world.people["former"]):
            settle(Preferences(user=user, channels={group: [*Channel] for group in Group.values}))
        PushDevice.objects.all().delete()
        now = neglect(world)
        with time_machine.travel(now + timedelta(hours=1), tick=False):
            while outbox.drain():
                pass
        yield post_office, now


@pytest.mark.parametrize("actor", ["other", "former", "administrator", "accountant"])
def test_another_hears_nothing_of_it(world, loud, actor):
    box, now = loud
    user, mint = world.people[actor], world.a.mint
    may = {"expense", "private-expense", "deal-name", "payee", "client"} if actor == "accountant" else set()
    new = Notice.objects.filter(user=user, card__owner=world.a.user, at__gt=timezone.now() + timedelta(hours=1))
    assert not new.exclude(card__pipeline="expenses").exists()
    with time_machine.travel(now, tick=False):
        assert mint.groups(text(user, content(user, now))) <= may
        assert (
            not set(Violation.objects.visible_to(user).values_list("card__owner", flat=True)) & {world.a.user.pk} or may
        )
        client = signed_in(user)
        pages = [
            reverse("notices"),
            reverse("notices_bell"),
            reverse("activities:day"),
            reverse("oversight:violations"),
        ]
        pages += [f"{reverse('activities:events')}?whose=all&start=2020-01-01T00:00:00&end=2099-01-01T00:00:00"]
        pages += [f"{reverse('activities:list')}?whose=all", f"{reverse('activities:gantt')}?whose=all"]
        for page in pages:
            assert mint.groups(client.get(page).content.decode()) <= may, page
        feed = client.get(reverse("activities:feed", args=[new_secret(user)])).content.decode()
        assert feed.startswith("BEGIN:VCALENDAR") and mint.groups(feed.replace("\r\n ", "")) <= may
    letters = [letter.get_content() for to, letter in box.letters if to == [user.email]]
    assert mint.groups("\n".join(letters)) <= may


def test_the_owner_hears_all_of_it(world, loud):
    """So there was something to be heard in each of the places."""
    box, now = loud
    user, mint = world.a.user, world.a.mint
    said = told(user)
    kinds = set(Notice.objects.filter(user=user).values_list("kind", flat=True))
    assert {"reminder", "due", "late-many", "digest", "first-stage-warning", "question"} <= kinds
    assert "deal" in mint.groups(said)
    with time_machine.travel(now, tick=False):
        assert {"deal", "lead"} <= mint.groups(text(user, content(user, now)))
        client = signed_in(user)
        assert mint.groups(client.get(reverse("activities:day")).content.decode())
        assert mint.groups(
            client.get(reverse("activities:feed", args=[new_secret(user)])).content.decode().replace("\r\n ", "")
        )
        assert Violation.objects.visible_to(user).filter(card=world.a.deal).exists()
    assert mint.groups("\n".join(letter.get_content() for to, letter in box.letters if to == [user.email]))

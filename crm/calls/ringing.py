"""An incoming call rings in browsers that asked to be told, though the CRM is closed there (R-121)."""

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crm.cards.models import Card
from crm.notifications import outbox, push
from crm.notifications.models import PushDevice
from crm.notifications.wishes import Channel, Group, quiet_until, wants

from .models import Participant
from .notices import topic


def ring(call, people):
    """One row for each device of these people (ids) who want to hear of it and whose hours are not quiet."""
    now = timezone.now()
    people = [pk for pk in people if wants(pk, Group.CHATS, Channel.PUSH) and quiet_until(pk, now) <= now]
    outbox.put_all([
        ("ring", f"ring:{call.pk}:{device}", {"call": call.pk, "user": user, "device": device}, None)
        for device, user in PushDevice.objects.filter(user__in=people).values_list("pk", "user")
    ])  # fmt: skip


@outbox.courier("ring", outside=True, label=lazy("Incoming call"))
def deliver(payload, key):
    """Ring one device, while it rings at all and its owner may see the card: what comes later is a missed call."""
    called = Participant.objects.filter(call=payload["call"], user=payload["user"], state=Participant.State.RINGING)
    called = called.select_related("call__card__company", "call__card__contact", "call__by", "user").first()
    device = PushDevice.objects.filter(pk=payload["device"], user=payload["user"]).first()
    if called is None or device is None:
        return
    card, user = called.call.card, called.user
    if not Card.objects.visible_to(user).filter(pk=card.pk).exists():
        return
    with translation.override(user.language):
        told = {
            "title": _("%(who)s is calling") % {"who": called.call.by}, "body": topic(card)[:300],
            "url": settings.SITE_URL + card.get_absolute_url(), "tag": f"call-{called.call_id}", "lang": user.language,
            "stays": True,
        }  # fmt: skip
    push.send(device, told, f"call-{called.call_id}", settings.CALL_RING_SECONDS)

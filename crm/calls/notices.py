"""Who hears of a call that they missed: its topic is the card and its client (R-121)."""

from django.utils.translation import gettext as _

from crm.notifications.notices import notice
from crm.notifications.wishes import Group


@notice("missed-call", "phone-off", Group.CHATS)
def _missed(row):
    words = {"who": row.data["who"], "topic": topic(row.card)}
    return _("Missed call from %(who)s about «%(topic)s»") % words


def topic(card):
    """What the call is about, as those who see the card know it: its title and its client."""
    return f"{card.title}, {card.client_name}" if card.client_name else card.title

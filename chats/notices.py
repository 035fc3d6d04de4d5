"""Who hears of what was said: those who are called by name, and those who are answered (R-119)."""

from django.utils.translation import gettext as _

from crm.notifications.notices import notice
from crm.notifications.wishes import Group


@notice("mention", "at", Group.CHATS)
def _mention(row):
    return _("%(who)s calls you in the chat") % {"who": row.data["who"]}


@notice("reply", "message-circle", Group.CHATS)
def _reply(row):
    return _("%(who)s answered you in the chat") % {"who": row.data["who"]}

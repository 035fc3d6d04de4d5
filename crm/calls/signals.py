"""Two pages of one call agree on a connection: one tells the other through the server, which keeps nothing of it.

The one exception to «sockets carry no content»: an offer, an answer or a network address is worth something for
seconds, to one page, whose right and whose partner's are asked in the very request that passes it on. It goes over HTTP
like everything that is said, and is heard over the person's own socket, below the 64 KB that a frame may have.
"""

from django.http import Http404

from crm.cards.access import viewers
from crm.sockets import hint

from .models import Participant

LONGEST = 48 * 1024  # characters of one signal; an offer with every codec of a browser has about eight thousand


def send(call, user, session, to, words):
    """Pass ``words`` (JSON text) from this page to the page named ``to``; both are in the call and see its card.

    Raises Http404 for anybody else, whatever the reason.
    """
    inside = call.participants.filter(state=Participant.State.JOINED, call__ended_at=None)
    pages = dict(inside.filter(session__in=[session, to]).values_list("session", "user_id"))
    if pages.get(session) != user.pk or to not in pages or session == to or pages[to] not in viewers(call.card):
        raise Http404
    hint([pages[to]], {"type": "signal", "call": call.pk, "from": str(session), "to": str(to), "words": words})

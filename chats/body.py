"""A message's text as its reader may see it: safe markup, colleagues called by name, titles of our own cards (R-509)."""

import re
from functools import partial

from django.conf import settings
from django.utils.translation import gettext as _
from jinja2.utils import urlize
from markupsafe import Markup

from crm.cards.models import Card
from crm.pipelines.declare import of

from .attaching import shown
from .models import Reaction

SITE = re.escape(settings.SITE_URL.rstrip("/"))
# An address of one of our cards, whole or from the root; what only begins like one is not.
OURS = re.compile(rf"(?:{SITE}|(?<!\S))/(leads|deals|expenses)/(\d{{1,15}})/?(?=[\s.,;:!?)»]|$)")
PREVIEWS = 3
TOCARD = Markup('<a class="tocard" href="{}">{}</a>')
MENTION = Markup('<span class="mention{}">{}</span>')


def dress(messages, user, room):
    """Give each message what its reader sees: ``body()``, ``cards``, ``files``, ``marked``, ``own`` and ``plain``.

    Who reads the room sees its card; other cards are those that the reader sees at this moment. A ``plain`` message looks
    the same to all but its author, until it changes.
    """
    named = {message.pk: cards_in(message, room) for message in messages}
    wanted = {pk for found in named.values() for pk in found}
    rows = Card.objects.visible_to(user).filter(pk__in=wanted).select_related("company", "contact") if wanted else ()
    seen = {card.pk: card for card in rows}
    titles = {pk: card.title for pk, card in seen.items()} | {room.card_id: room.card.title}
    shown(messages, room)
    for message in messages:
        previewed = [seen[pk] for pk in named[message.pk] if pk in seen][:PREVIEWS]
        message.cards = [(card, of(card).stages[card.stage].label) for card in previewed]
        message.own = message.author_id == user.pk
        message.body = partial(body, message, titles, user)
        message.marked = marked(message.marks, user)
        special = named[message.pk] or message.data.get("files") or message.marked or message.data.get("mentions")
        message.plain = not (special or message.reply_id or message.deleted_at)
    return messages


def cards_in(message, room):
    """Ids of our other cards that the message names, in its order, each once."""
    return list(dict.fromkeys(int(found[2]) for found in OURS.finditer(message.text) if int(found[2]) != room.card_id))


def marked(marks, user):
    """Marks, given as «mark:person», as (code, word, how many, whether mine), in the order of the set."""
    people: dict[str, list[str]] = {}
    for one in marks:
        mark, who = one.split(":")
        people.setdefault(mark, []).append(who)
    shown = [mark for mark in Reaction.Mark if mark in people]
    return [(mark.value, mark.label, len(people[mark]), str(user.pk) in people[mark]) for mark in shown]


def body(message, titles, user):
    """The message's text as markup; a card that the reader does not see stays without its title."""
    called = message.data.get("mentions", {})
    names = "|".join(re.escape(name) for name in sorted(called.values(), key=len, reverse=True))
    out, at = [], 0
    for found in re.finditer(rf"@(?:{names})(?!\w)|{OURS.pattern}" if names else OURS.pattern, message.text):
        out.append(plain(message.text[at : found.start()]))
        if found[2]:
            out.append(TOCARD.format(f"/{found[1]}/{found[2]}/", titles.get(int(found[2])) or _("a card")))
        else:
            me = called.get(str(user.pk)) == found[0][1:]
            out.append(MENTION.format(" mention--me" if me else "", found[0]))
        at = found.end()
    return Markup("").join([*out, plain(message.text[at:])])


def plain(text):
    return Markup(urlize(text, rel="noopener noreferrer"))  # noqa: S704 — it escapes what it is given


def gist(message):
    """A message in one short line, for quotes and lists."""
    if message.deleted_at:
        return _("Message deleted")
    names = ", ".join(one["name"] for one in message.data.get("files", ()))
    return (" ".join(message.text.split()) or names)[:160]

"""Search over what the person sees; a wrong keyboard layout, ё and the shape of a phone do not matter (R-507)."""

from django.db.models import Value
from django.http import Http404, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crm.cards import picks as picking
from crm.cards.models import Card, kind_of
from crm.clients.models import ClientKind, Company, Contact
from crm.clients.phones import FEWEST_DIGITS, phone_digits
from crm.pipelines.declare import of
from crm.web import page

MOST = 8
FEWEST = 2
LONGEST = 200
LAYOUT = str.maketrans(
    "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~",
    "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ",
)
GROUPS = {
    "leads": (_("Leads"), "inbox"),
    "deals": (_("Deals"), "briefcase"),
    "expenses": (_("Expenses"), "receipt-2"),
}


_sources = []


def source(label):
    """Register ``func(user, texts, most)``: rows (url, icon, name, note) of what else is found, under this caption."""

    def register(func):
        _sources.append((label, func))
        return func

    return register


def readings(text):
    """What the text may stand for: itself, the digits of a phone, or Russian typed with Latin keys."""
    if digits := phone_digits(text):
        dialled = [digits[1:]] if digits[0] == "8" and len(digits) > FEWEST_DIGITS else []
        return [digits, *dialled, text]
    if text.isascii() and any(letter.isalpha() for letter in text):
        return [text, text.translate(LAYOUT)]
    return [text]


def found(rows, texts):
    """Newest rows that match any reading, in one query."""
    return rows.matching(*texts).order_by("-pk")[:MOST]


def card_row(card):
    stage = of(card).stages[card.stage].label
    told = [card.number, card.client_name, str(stage), card.owner.name if card.owner else ""]
    icon = GROUPS[kind_of(card.pipeline)._meta.app_label][1]
    return {"url": card.get_absolute_url(), "icon": icon, "name": card.title, "note": " · ".join(filter(None, told))}


def client_rows(user, texts):
    """Newest companies and contacts that match, as (caption, rows), in one query."""
    kinds = {"company": (Company, _("Companies"), "building"), "contact": (Contact, _("Contacts"), "user")}
    told = [
        found(model.objects.visible_to(user), texts).values_list(Value(name), "pk", "name", "kind", "owner__name")
        for name, (model, _caption, _icon) in kinds.items()
    ]
    groups: dict[str, list] = {name: [] for name in kinds}
    for name, pk, title, kind, owner in sorted(told[0].union(*told[1:], all=True), key=lambda row: -row[1]):
        url, note = reverse(f"clients:{name}", args=[pk]), [str(ClientKind(kind).label), owner]
        groups[name].append({"url": url, "icon": kinds[name][2], "name": title, "note": " · ".join(filter(None, note))})
    return [(kinds[name][1], rows) for name, rows in groups.items()]


def hits(user, text):
    """Groups of found rows as (caption, rows); two queries whatever is asked, and those of what is registered."""
    texts = readings(text)
    cards = found(Card.objects.visible_to(user).select_related("company", "contact", "owner"), texts)
    groups = [
        (label, [card_row(card) for card in cards if kind_of(card.pipeline)._meta.app_label == app])
        for app, (label, _icon) in GROUPS.items()
    ]
    groups += client_rows(user, texts)
    groups += [(label, find(user, texts, MOST)) for label, find in _sources]
    return [(label, rows) for label, rows in groups if rows]


def typed(request):
    """What is looked for, without what no row holds."""
    return request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]


@require_safe
def search(request):
    """Rows for the palette, or a page of them."""
    text = typed(request)
    asked = len(text) >= FEWEST
    context = {"q": text, "asked": asked, "groups": hits(request.user, text) if asked else []}
    return page(request, "search/page.html", context, "search/_hits.html")


@require_safe
def picks(request, kind):
    """Rows that forms let this person choose, found by words, as {value, text}; the newest when nothing is typed (R-507)."""
    pickable = picking.of_slug(kind)
    if pickable is None:
        raise Http404
    found = pickable.found(request.user, readings(typed(request)))
    return JsonResponse({"rows": [{"value": str(row.pk), "text": str(pickable.label(row))} for row in found]})

"""A list as a workbook: the cards that its page shows, in its order, all of them, one row at a time (R-506, R-261)."""

from collections import namedtuple
from operator import itemgetter
from tempfile import TemporaryFile
from urllib.parse import urljoin

from django.conf import settings
from django.http import FileResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from crm.office.calendar import company_today, company_zone
from crm.office.models import Export

from . import columns as rows
from .filters import Filter
from .views import order_of, process_for

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 500
# Excel opens a sheet with no more than 65,530 links, and a row has two; addresses further down are plain text.
LINKED_ROWS = 65_530 // 2

Column = namedtuple("Column", "label kind read")
Kind = namedtuple("Kind", "write width look")


def link(sheet, row, at, address, look):
    """Write an address to press on, or only to read once Excel takes no more of the former."""
    write = sheet.write_url if row <= LINKED_ROWS else sheet.write_string
    write(row, at, address, look)


# What people type is written as a string, never guessed at: a title that begins with "=" stays a title (B26).
KINDS = {
    "text": Kind(Worksheet.write_string, 24, {}),
    "money": Kind(Worksheet.write_number, 16, {"num_format": '#,##0.00 "₽"'}),
    "share": Kind(Worksheet.write_number, 12, {"num_format": "0.0%"}),
    "day": Kind(Worksheet.write_datetime, 12, {"num_format": "dd.mm.yyyy"}),
    "moment": Kind(Worksheet.write_datetime, 17, {"num_format": "dd.mm.yyyy hh:mm"}),
    "link": Kind(link, 36, {"font_color": "blue", "underline": True}),
}


@require_safe
def export(request, slug):
    """The list as a file of Excel, for whoever sees the list; who took it is remembered."""
    process = process_for(request, slug)
    cards = rows.visible(request.user, slug, Filter(request.GET, request.user, closes=True))
    file = TemporaryFile()  # noqa: SIM115 — closed by the response
    count = write(file, process, every(cards, request.user, slug, order_of(request)[1]))
    file.seek(0)
    if request.method == "GET":
        Export.objects.create(pipeline=slug, query=request.GET.urlencode(), rows=count, by=request.user)
    # It is packed already: the length that is promised is the length that comes.
    headers = {"Content-Encoding": "identity"}
    name = f"{process.label} {company_today()}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPE, headers=headers)


def every(cards, user, slug, order):
    """All cards of a list as dicts, a chunk in memory at a time, in one statement."""
    names = *rows.SHARED, *rows.OWN.get(slug, rows.DEAL), "created_at", "closed_at"
    found = rows.drawn(user, slug).filter(pk__in=cards.filter(pipeline=slug).values("pk"))
    return found.order_by(*order).values(*names).iterator(CHUNK)


def write(file, process, cards):
    """Write the cards into a workbook; returns how many there were."""
    columns, row = columns_of(process), 0
    with Workbook(file, {"constant_memory": True}) as book:
        sheet, bold = book.add_worksheet(str(process.label)[:31]), book.add_format({"bold": True})
        looks = {name: book.add_format(kind.look) for name, kind in KINDS.items()}
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, KINDS[column.kind].width)
            sheet.write_string(0, at, str(column.label), bold)
        for row, card in enumerate(cards, 1):
            for at, column in enumerate(columns):
                value = column.read(card)
                if value not in (None, ""):
                    KINDS[column.kind].write(sheet, row, at, value, looks[column.kind])
        sheet.autofilter(0, 0, row, len(columns) - 1)
    return row


def columns_of(process):
    """What a row says, from left to right."""
    letter, stages = process.model.letter, process.stages
    who, money = OWN.get(process.slug, of_deals)()
    return [
        Column(_("Number"), "text", lambda card: f"{letter}-{card['id']}"),
        Column(_("Title"), "text", itemgetter("title")),
        *who,
        Column(_("Stage"), "text", lambda card: str(stages[card["stage"]].label)),
        Column(_("Responsible"), "text", itemgetter("owner__name")),
        Column(process.money_label, "money", itemgetter("amount")),
        *money,
        Column(_("Next step"), "text", itemgetter("next_step")),
        moment(_("Next step's time"), "next_step_at"),
        moment(_("Created"), "created_at"),
        moment(_("In the stage since"), "stage_since"),
        moment(_("Closed"), "closed_at"),
        Column(_("Folder"), "link", address("files:of_card")),
        Column(_("Card"), "link", address(f"{process.model._meta.app_label}:card")),
    ]


def of_leads():
    """Who asks, as the lead says it before there is a client, and how the lead came."""
    channels = rows.channels()
    return [
        Column(_("Company"), "text", lambda card: card["company__name"] or card["firm"]),
        Column(_("Contact"), "text", lambda card: card["contact__name"] or card["person"]),
        Column(_("Channel"), "text", lambda card: str(channels[card["channel"]])),
        moment(_("Received"), "received_at"),
    ], []


def of_deals():
    """The client, and what the deal is to bring and has brought (R-246, R-320)."""
    return [
        Column(_("Company"), "text", itemgetter("company__name")),
        Column(_("Contact"), "text", itemgetter("contact__name")),
    ], [
        Column(_("Cost estimate"), "money", itemgetter("cost_estimate")),
        Column(_("Preliminary profit in per cent"), "share", lambda card: share(card["amount"], card["cost_estimate"])),
        Column(_("Paid"), "money", itemgetter("paid_total")),
        Column(_("Actual profit"), "money", fact),
        Column(_("Actual profit in per cent"), "share", lambda card: share(card["amount"], card["paid_total"] or None)),
    ]


def of_expenses():
    """Who is paid, for what deal, and how much of it is paid (R-301, R-315)."""
    return [
        Column(_("Payee"), "text", lambda card: card["company__name"] or card["contact__name"]),
        Column(_("Deal"), "text", lambda card: card["deal_title"] or ("" if card["deal_id"] else _("Without a deal"))),
    ], [
        Column(_("Paid"), "money", itemgetter("paid_total")),
        Column(_("Left to pay"), "money", lambda card: (card["amount"] or 0) - card["paid_total"]),
        Column(_("Pay until"), "day", itemgetter("due_on")),
    ]


OWN = {"leads": of_leads, "expenses": of_expenses}


def share(income, cost):
    """Profit as a part of income, which Excel shows in per cent; None without both."""
    part = rows.margin(income, cost)
    return None if part is None else part / 100


def fact(card):
    """What a deal has brought so far; nothing while nothing was paid, as on its board (R-320)."""
    return card["amount"] - card["paid_total"] if card["amount"] and card["paid_total"] else None


def moment(label, name):
    """A time as the company's clock shows it: Excel knows no zones."""
    zone = company_zone()
    return Column(label, "moment", lambda card: card[name] and card[name].astimezone(zone).replace(tzinfo=None))


def address(name):
    """A card's address with the site, for it is opened from elsewhere."""
    pattern = urljoin(settings.SITE_URL, rows.address_of(name))
    return lambda card: pattern % card["id"]

"""What guards the intake, over HTTP: the exclusion list, the journal, and giving leads to people."""

from urllib.parse import urlencode

from django.contrib.messages import get_messages, info
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.activities.views import dialog
from crm.boards import many
from crm.cards.verbs import hand_over
from crm.web import go, page, toast, visible

from . import exclusions
from .beside import intake_pages
from .forms import AssignForm, ExclusionForm
from .intake import admit
from .models import Channel, Exclusion, IntakeRecord, Lead
from .views import may_take_in

ON_PAGE = 50


def asked(request, name):
    return request.GET.get(name, "").replace("\0", "").strip()[:200]


def paged(request, rows):
    """A page of rows, and the address of its neighbours without their number."""
    kept = {name: value for name, value in request.GET.items() if name != "page" and value}
    return {"chunk": Paginator(rows, ON_PAGE).get_page(request.GET.get("page")), "here": f"?{urlencode(kept)}"}


def sections(user, current):
    """The pages beside the leads' board, this one marked."""
    here = reverse(f"leads:{current}")
    return [one | {"current": one["url"] == here} for one in intake_pages(user)]


def said(request):
    """What the page before had to say, as toasts of this one: a redirect carries no events."""
    return [toast(message) for message in get_messages(request)]


def executives_only(request):
    if not request.user.is_executive:
        raise Http404


@require_safe
def exclusion_list(request):
    """«Список исключений»: whom no lead is made of (R-117)."""
    executives_only(request)
    text, kind = asked(request, "q"), asked(request, "kind")
    rows = Exclusion.objects.select_related("by", "lead")
    if kind in Exclusion.Kind.values:
        rows = rows.filter(kind=kind)
    if text:
        values = [value for _kind, value in exclusions.addresses(text, text)]
        rows = rows.filter(Q(value__icontains=text.lower()) | Q(value__in=values))
    context = paged(request, rows) | {
        "q": text, "kind": kind, "kinds": Exclusion.Kind.choices, "sections": sections(request.user, "exclusions"),
        "toasts": said(request),
    }  # fmt: skip
    listed = set(
        Exclusion.objects.filter(
            kind="domain", value__in={exclusions.domain_of(row.value) for row in context["chunk"] if row.kind == "mail"}
        ).values_list("value", flat=True)
    )
    refused = exclusions.FREE_MAIL | exclusions.own_domains() | listed
    context["rows"] = [(row, offered_domain(row, refused)) for row in context["chunk"]]
    return page(request, "leads/exclusions.html", context)


def offered_domain(row, refused):
    """The whole domain of a mail address, where excluding it makes sense; offered, never done (R-117)."""
    domain = exclusions.domain_of(row.value) if row.kind == Exclusion.Kind.MAIL else ""
    return "" if domain in refused else domain


@require_http_methods(["GET", "POST"])
def exclusion_new(request):
    """Put an address on the list by hand; clients, free mail and the own company are refused in words (R-117)."""
    executives_only(request)
    form = ExclusionForm(request.POST or None, initial={"address": asked(request, "address")})
    if request.method == "POST" and form.is_valid():
        kind, value = form.cleaned_data["address"]
        try:
            _row, new = exclusions.add(kind, value, request.user)
        except exclusions.NotExcluded as why:
            form.add_error("address", str(why))
        else:
            words = _("Excluded: %(value)s") if new else _("Already on the list: %(value)s")
            info(request, words % {"value": value})
            return go(request, "leads:exclusions")
    context = {
        "form": form, "title": _("Exclude an address"), "subtitle": _("No more leads are made of it"),
        "submit": _("Exclude"), "action": reverse("leads:exclusion_new"),
    }  # fmt: skip
    return dialog(request, context)


@require_POST
def restorations(request, pk):
    """Take an address off the list: its inquiries become leads again (R-117)."""
    executives_only(request)
    row = Exclusion.objects.filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise Http404
    exclusions.restore(row, request.user)
    info(request, _("Makes leads again: %(value)s") % {"value": row.value})
    return go(request, "leads:exclusions")


@require_safe
def journal(request):
    """Every inquiry that came in, and what became of it (R-103, R-117)."""
    if not may_take_in(request.user):
        raise Http404
    text, channel, outcome = (asked(request, name) for name in ("q", "channel", "outcome"))
    rows = IntakeRecord.objects.visible_to(request.user).select_related("by", "lead__owner")
    if channel in Channel.values:
        rows = rows.filter(channel=channel)
    if outcome in IntakeRecord.Outcome.values:
        rows = rows.filter(outcome=outcome)
    if text:
        rows = rows.filter(Q(sender__icontains=text) | Q(text__icontains=text) | Q(lead__title__icontains=text))
    context = paged(request, rows) | {
        "q": text, "channel": channel, "outcome": outcome, "channels": Channel.choices,
        "outcomes": IntakeRecord.Outcome.choices, "may_admit": request.user.may_distribute_leads,
        "sections": sections(request.user, "journal"),
    }  # fmt: skip
    return page(request, "leads/journal.html", context)


@require_POST
@visible(IntakeRecord, work=True)
def admissions(request, record):
    """Make a lead of what was kept out, after all."""
    if record.outcome not in (IntakeRecord.Outcome.EXCLUDED, IntakeRecord.Outcome.ADMITTED):
        raise Http404
    return go(request, admit(record, request.user).get_absolute_url())


@require_http_methods(["GET", "POST"])
def assignments(request):
    """Give several leads to one person; what each came to is said row by row (R-104)."""
    if not request.user.may_distribute_leads:
        raise Http404
    ids = many.chosen(request)
    form = AssignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return assigned(request, ids, form.cleaned_data["owner"])
    count = Lead.objects.visible_to(request.user).filter(pk__in=ids).count()
    context = {
        "form": form, "title": _("Assign a responsible person"), "ids": ids, "submit": _("Assign"),
        "subtitle": ngettext("%(count)s lead", "%(count)s leads", count) % {"count": count},
        "action": reverse("leads:assignments"), "part": "boards/_many.html",
    }  # fmt: skip
    return dialog(request, context)


def assigned(request, ids, owner):
    """Give each lead that may be given, and report on every one that was asked for."""
    seen = Lead.objects.visible_to(request.user).select_related("owner").in_bulk(ids)
    report, given = [], 0
    for pk in ids:
        lead, words = seen.get(pk), ""
        try:
            if lead is None:
                raise PermissionDenied
            if hand_over(lead, owner, request.user) is None:
                words = _("was theirs already")
            else:
                given += 1
        except (PermissionDenied, Lead.DoesNotExist):
            words = _("The lead is gone or is not yours")
        report.append((lead, words))
    told = ngettext("%(name)s: %(count)s lead", "%(name)s: %(count)s leads", given) % {"name": owner, "count": given}
    return many.answer(request, Lead.slug, _("Assign a responsible person"), told, report)

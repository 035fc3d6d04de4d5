"""The company's limits and times, the history of all settings, and the log of exports."""

from django.core.paginator import Paginator
from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.web import go, nothing, number, toast

from .. import history
from ..changes import Refused, undo
from ..forms.limits import LimitsForm
from ..models import Area, Export, Office, SettingsChange
from ..stages import processes
from . import for_keepers, refused, saved, settings_page

PER_PAGE = 50


@require_http_methods(["GET", "POST"])
@for_keepers
def limits(request):
    """Hours, terms, thresholds, and what is asked: every rule of the company on one page."""
    form, done = saved(request, lambda data, files: LimitsForm(data, instance=Office.load()))
    if done:
        return go(request, "office:limits")
    status = 422 if form.errors else 200
    last = SettingsChange.objects.filter(area=Area.LIMITS).select_related("by").first()
    return settings_page(
        request, "office/_limits.html", Area.LIMITS, _("Limits and times"), status, form=form, last=last
    )


@require_safe
@for_keepers
def changes(request):
    """Who changed what in the settings, from what to what, newest first (R-028)."""
    area = request.GET.get("area", "")
    rows = SettingsChange.objects.select_related("by", "undone_by", "undoes")
    if area in Area:
        rows = rows.filter(area=area)
    chunk = Paginator(rows, PER_PAGE).get_page(number(request.GET.get("page"), 1))
    return settings_page(
        request, "office/_history.html", "history", _("History of changes"),
        lines=[history.line(change) for change in chunk], chunk=chunk, area=area, areas=Area,
    )  # fmt: skip


@require_safe
@for_keepers
def exports(request):
    """Who took which list out, and when, newest first; what it was narrowed by is for those who see all cards."""
    chunk = Paginator(Export.objects.select_related("by"), PER_PAGE).get_page(number(request.GET.get("page"), 1))
    lines = [(export, processes[export.pipeline].label) for export in chunk]
    return settings_page(request, "office/_exports.html", "exports", _("Exports"), lines=lines, chunk=chunk)


@require_POST
@for_keepers
def undos(request, pk):
    """Take one change of the settings back, if nothing has changed it again since."""
    change = SettingsChange.objects.filter(pk=pk).first()
    if change is None:
        raise Http404
    try:
        undo(change, request.user)
    except Refused as why:
        return refused(request, str(why), "office:history")
    if not request.headers.get("HX-Request"):
        return go(request, "office:history")
    return nothing(**{"settings-changed": {}, "toast": toast(_("Taken back"))})

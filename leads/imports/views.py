"""The import of leads over HTTP: a file, what it would become, and then the leads (R-103, C-22)."""

import hashlib
from datetime import timedelta

from django.contrib.messages import info
from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.web import go, page, visible

from ..gate_views import asked, paged, said, sections
from ..models import ImportRow, LeadImport
from ..views import may_take_in
from . import running, taking_back
from .checking import check
from .fields import guess
from .forms import ColumnsForm, FileForm
from .reading import write

State = ImportRow.State
MENDED = (State.BROKEN, State.KNOWN, State.REPEAT, State.EXCLUDED)
BACK = (State.KEPT, State.GONE)
# A file that was looked at and not imported is somebody's data without a purpose.
FORGOTTEN = timedelta(days=7)
LATEST = 50


@require_http_methods(["GET", "POST"])
def imports(request):
    """Choose a file, and the files that were imported before."""
    user = request.user
    if not may_take_in(user):
        raise Http404
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        batch, new = keep(form, user)
        if not new:
            info(request, _("This file is already here."))
        return go(request, batch.get_absolute_url())
    past = LeadImport.objects.visible_to(user).select_related("by")[:LATEST]
    past = [(one, one.counts()) for one in past]
    context = {
        "form": form,
        "past": [(one, made(counts), sum(counts.get(state, 0) for state in MENDED)) for one, counts in past],
        "sections": sections(user, "imports"),
        "toasts": said(request),
    }
    return page(request, "leads/imports.html", context, status=422 if form.errors else 200)


@transaction.atomic
def keep(form, user):
    """(the file's import, whether it is new): the same file of one person is kept once."""
    LeadImport.objects.filter(by=user, started_at=None, at__lt=timezone.now() - FORGOTTEN).delete()
    digest = hashlib.sha256(form.data_read).hexdigest()
    columns = form.table.columns
    batch, new = LeadImport.objects.get_or_create(
        by=user, digest=digest, cleared_at=None,
        defaults={
            "name": form.cleaned_data["file"].name[:200], "columns": columns,
            "fields": guess(columns, user.may_distribute_leads),
            "owner": None if user.may_distribute_leads else user,
        },
    )  # fmt: skip
    if new:
        check(batch, form.table.rows)
    return batch, new


@require_http_methods(["GET", "POST"])
@visible(LeadImport)
def batch(request, batch):
    """What the file would become, row by row; a POST changes what its columns mean."""
    form = None
    mine = LeadImport.objects.workable_by(request.user).filter(pk=batch.pk).exists()
    if mine and batch.started_at is None:
        form = ColumnsForm(request.POST or None, instance=batch, user=request.user)
        if request.method == "POST" and form.is_valid():
            recheck(form)
            return go(request, batch.get_absolute_url())
    elif request.method == "POST":
        return go(request, batch.get_absolute_url())
    counts = batch.counts()
    if request.headers.get("HX-Request") and request.method == "GET":
        return progress(request, batch, counts)
    state = asked(request, "state")
    rows = batch.rows.select_related("lead")
    rows = rows.filter(state=state) if state in counts else rows.all()
    sample = batch.rows.first()
    context = paged(request, rows) | {
        "batch": batch, "mine": mine, "form": form, "counts": counts, "state": state, "all": sum(counts.values()),
        "states": [(one, State(one).label, n) for one, n in counts.items()], "ready": counts.get(State.READY, 0),
        "made": made(counts), "progress": so_far(batch, counts), "mended": sum(counts.get(one, 0) for one in MENDED),
        "sample": sample.cells if sample else [], "named": [n for n, name in enumerate(batch.fields) if name][:4],
        "sections": sections(request.user, "imports"),
        "toasts": said(request),
    }  # fmt: skip
    return page(request, "leads/import.html", context, status=422 if form and form.errors else 200)


def made(counts):
    """How many leads of the file are there."""
    return counts.get(State.DONE, 0) + counts.get(State.KEPT, 0)


def so_far(batch, counts):
    """(rows done with, all of them) of the import, or of taking it back."""
    done, ready, back = (sum(counts.get(one, 0) for one in some) for some in ([State.DONE], [State.READY], BACK))
    return (back, back + done) if batch.taken_back_at else (done, done + ready)


def progress(request, batch, counts):
    """How far the import is, or taking it back; once it is over, the page shows what became of every row."""
    response = page(request, "leads/_progress.html", {"batch": batch, "progress": so_far(batch, counts)})
    if batch.cleared_at if batch.taken_back_at else batch.finished_at:
        response.headers["HX-Refresh"] = "true"
    return response


@transaction.atomic
def recheck(form):
    """Keep what the columns mean now, and check every row anew; nothing, once the import has begun."""
    found = LeadImport.objects.select_for_update(of=("self",)).get(pk=form.instance.pk)
    if found.started_at is not None:
        return
    form.instance.save(update_fields=["fields", "owner", "takes_known"])
    check(form.instance, list(found.rows.values_list("line", "cells")))


@require_POST
@visible(LeadImport, work=True)
def starts(request, batch):
    """Import the good rows; a second press changes nothing."""
    running.start(batch)
    return go(request, batch.get_absolute_url())


@require_http_methods(["GET", "POST"])
@visible(LeadImport, work=True)
def withdrawals(request, batch):
    """Take an imported file back: first how many leads would go and how many stay, then it is done (C-22)."""
    if request.method == "POST":
        if not taking_back.take_back(batch, request.user).taken_back_at:
            info(request, _("An import can be taken back for 30 days after it began."))
        return go(request, batch.get_absolute_url())
    if not batch.may_be_taken_back:
        return go(request, batch.get_absolute_url())
    goes, stays = taking_back.forecast(batch)
    title = _("Take the import back")
    context = {
        "title": title, "page_title": title, "batch": batch, "goes": goes, "stays": stays,
        "part": "leads/_withdrawal.html",
    }  # fmt: skip
    return page(request, "dialog_page.html", context, context["part"])


@require_POST
@visible(LeadImport, work=True)
def removals(request, batch):
    """Forget a file that was not imported."""
    gone, _rows = LeadImport.objects.filter(pk=batch.pk, started_at=None).delete()
    if gone:
        info(request, _("The file is removed."))
    return go(request, "leads:imports")


@require_safe
@visible(LeadImport)
def mend(request, batch):
    """Rows of which no lead was made, with the reasons, to be mended and imported again (C-22)."""
    columns = [*batch.columns, _("Line"), _("What to mend")]
    width = len(batch.columns)
    rows = [
        [*row.cells[:width], row.line, "; ".join(" ".join(filter(None, remark)) for remark in row.remarks)]
        for row in batch.rows.filter(state__in=MENDED)
    ]
    answer = HttpResponse(write(columns, rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="leads-to-mend.csv"'
    return answer

"""Catalogues, ready tasks, hints of fields, own accounts: lists whose rows are added, reworded, ordered and retired."""

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.web import number

from ..changes import place, save, settling, values_of
from ..forms.rows import AccountForm, EntryForm, TaskTemplateForm
from ..forms.stages import HintForm
from ..hints import hint, hinted
from ..models import Account, Area, Catalogue, Entry, FieldHint, TaskTemplate
from ..models.catalogue import OFFER
from . import dialog, for_keepers, refused, saved, settings_page, settled

# Rows that are ordered and retired, by their word in the address.
KINDS = {"entries": (Entry, Area.CATALOGUES), "tasks": (TaskTemplate, Area.TASKS), "accounts": (Account, Area.ACCOUNTS)}


def found(model, pk):
    row = model.objects.filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise Http404
    return row


def page_of(row) -> str:
    """Where the row is listed."""
    if isinstance(row, Entry):
        return reverse("office:catalogues", args=[row.catalogue])
    return reverse("office:tasks" if isinstance(row, TaskTemplate) else "office:accounts")


@require_safe
@for_keepers
def catalogues(request, catalogue=Catalogue.SOURCE):
    """One catalogue: what it offers in order, and what was retired."""
    if catalogue not in Catalogue:
        raise Http404
    rows = list(Entry.objects.filter(catalogue=catalogue))
    return settings_page(
        request, "office/_catalogues.html", Area.CATALOGUES, _("Catalogues"),
        catalogue=Catalogue(catalogue), menu=Catalogue, rows=[r for r in rows if r.active],
        retired=[r for r in rows if not r.active],
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_keepers
def new_entry(request, catalogue):
    """Add an entry at the end of a catalogue."""
    if catalogue not in Catalogue:
        raise Http404
    return edit(request, EntryForm, lambda: _last(Entry(catalogue=catalogue)), _("New entry"))


@require_http_methods(["GET", "POST"])
@for_keepers
def entry(request, pk):
    """Rename an entry; cards that hold it show the new name."""
    return edit(request, EntryForm, lambda: found(Entry, pk), _("Rename"))


@require_safe
@for_keepers
def tasks(request):
    """Ready tasks with their checklists, the processes of «Какой процесс запустить?», and hints of fields."""
    rows = list(TaskTemplate.objects.all())
    return settings_page(
        request, "office/_tasks.html", Area.TASKS, _("Tasks and hints"),
        planned=[r for r in rows if not r.is_choice], choices=[r for r in rows if r.is_choice and r.active],
        retired=[r for r in rows if not r.active], hints=[(one, hint(one.field)) for one in hinted.values()],
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_keepers
def new_task(request):
    """Add a process to «Какой процесс запустить?» (R-243)."""
    return edit(request, TaskTemplateForm, lambda: _last(TaskTemplate(group=OFFER)), _("New process"))


@require_http_methods(["GET", "POST"])
@for_keepers
def task(request, pk):
    """Reword a ready task, its term and its checklist."""
    return edit(request, TaskTemplateForm, lambda: found(TaskTemplate, pk), _("Task"))


@require_http_methods(["GET", "POST"])
@for_keepers
def field_hint(request, field):
    """Reword the hint beside a field of a card (R-212)."""
    if field not in hinted:
        raise Http404

    def build(data, files):
        row = FieldHint.objects.filter(field=field).first() or FieldHint(field=field)
        return HintForm(data, instance=row)

    form, done = saved(request, build)
    if done:
        return settled(request, form.change, reverse("office:tasks"))
    return dialog(request, form, _("Hint"), str(hinted[field].label))


@require_safe
@for_keepers
def accounts(request):
    """Own firms and their accounts: who pays (R-303)."""
    rows = list(Account.objects.all())
    return settings_page(
        request, "office/_accounts.html", Area.ACCOUNTS, _("Firms and accounts"),
        rows=[r for r in rows if r.active], retired=[r for r in rows if not r.active],
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_keepers
def new_account(request):
    """Add an account of an own firm."""
    return edit(request, AccountForm, lambda: _last(Account()), _("New account"))


@require_http_methods(["GET", "POST"])
@for_keepers
def account(request, pk):
    """Correct an account of an own firm."""
    return edit(request, AccountForm, lambda: found(Account, pk), _("Account"))


def edit(request, form_class, row, title):
    """The dialog over a row, which is read anew when it is saved."""
    form, done = saved(request, lambda data, files: form_class(data, instance=row()))
    if done:
        return settled(request, form.change, page_of(form.instance))
    return dialog(request, form, title, "" if form.instance._state.adding else form.instance.subject)


def _last(row):
    """A new row at the end of its list."""
    end = row.siblings().order_by("-position").values_list("position", flat=True).first() or 0
    row.position = min(end + 10, 32_767)
    return row


@require_POST
@for_keepers
def offers(request, kind, pk):
    """Retire a row, or offer it again; cards that hold it keep it."""
    if kind not in KINDS:
        raise Http404
    model, area = KINDS[kind]
    with settling():
        row = found(model, pk)
        was = values_of(row)
        row.active = request.POST.get("active") == "1"
        try:
            row.full_clean()
        except ValidationError as error:
            return refused(request, " ".join(error.messages), page_of(row))
        change = save(row, was, request.user, area)
    return settled(request, change, page_of(row), _("Offered again") if row.active else _("Retired"))


@require_POST
@for_keepers
def places(request, kind, pk):
    """Put a row at another place of its list, counted from 0."""
    if kind not in KINDS:
        raise Http404
    model, area = KINDS[kind]
    with settling():
        row = found(model, pk)
        change = place(row, number(request.POST.get("to"), 0), request.user, area)
    return settled(request, change, page_of(row), _("Moved"))

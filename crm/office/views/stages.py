"""Stages of each pipeline: their words, norms and what is asked on the way into them (R-021, R-028)."""

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ..forms.stages import StageForm, switches_into
from ..models import Area, Office, StageSetting, office
from ..stages import processes
from . import dialog, for_keepers, saved, settings_page, settled

# As people meet them; a process written later comes after.
ORDER = ("leads", "attraction", "reminder", "project", "expenses")


def in_order():
    known = [processes[slug] for slug in ORDER if slug in processes]
    return known + [process for slug, process in processes.items() if slug not in ORDER]


def process_of(slug):
    if slug not in processes:
        raise Http404
    return processes[slug]


@require_safe
@for_keepers
def stages(request, slug="leads"):
    """The stages of one pipeline in order, each with what the company says of it."""
    process = process_of(slug)
    rules = office()
    rows = [
        {
            "stage": stage,
            "renamed": bool(stage.setting.name),
            "asks": [
                (Office._meta.get_field(name).verbose_name, getattr(rules, name))
                for name in switches_into(process, stage.value)
            ],
            "needs": [
                *process.asks_anyhow(stage.value),
                *(process.field_label(name) for name in stage.setting.needs if name in process.may_need),
            ],
        }
        for stage in process.stages.values()
    ]
    return settings_page(
        request, "office/_stages.html", Area.STAGES, _("Stages"),
        process=process, rows=rows, menu=in_order(),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_keepers
def stage(request, slug, stage):
    """Reword one stage, or set its norm."""
    process = process_of(slug)
    info = process.stages.get(stage)
    if info is None:
        raise Http404

    def build(data, files):
        row = StageSetting.objects.filter(pipeline=slug, stage=stage).first()
        return StageForm(data, instance=row or StageSetting(pipeline=slug, stage=stage), process=process, stage=info)

    form, done = saved(request, build)
    if done:
        return settled(request, form.change, reverse("office:stages", args=[slug]))
    return dialog(request, form, _("Stage"), f"{process.label}: {info.declared}")

"""Files that a move asks for: the offer at the decision, the invoice at sending for approval (R-244, R-307)."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from crm.office.catalogues import name_of
from crm.office.models import Catalogue
from crm.pipelines.declare import of
from crm.pipelines.forms import on_ask
from crm.pipelines.moves import Refused
from crm.pipelines.robots import on_leave

from . import store, verbs
from .models import File

# Files of the folder that are offered, the latest first.
OFFERED = 50


class PaperWidget(forms.FileInput):
    """A file to be sent, and below it the choice of one that lies in the folder."""

    def __init__(self, choices):
        super().__init__()
        self.there = forms.Select(choices=[("", _("or one that is in the folder")), *choices])

    def value_from_datadict(self, data, files, name):
        return super().value_from_datadict(data, files, name) or data.get(f"{name}_there")

    def render(self, name, value, attrs=None, renderer=None):
        chosen = {"class": "control", "aria-label": _("A file of the folder")}
        chooser = self.there.render(f"{name}_there", value if isinstance(value, str) else "", chosen, renderer)
        return super().render(name, None, attrs, renderer) + chooser


class PaperField(forms.FileField):
    """A file of the card's folder: sent with the form, or there already."""

    def __init__(self, label, there):
        self.known = {str(file.pk): file for file in there}
        choices = [(pk, file.name) for pk, file in self.known.items()]
        super().__init__(label=label, widget=PaperWidget(choices) if choices else forms.FileInput())

    def clean(self, value, initial=None):
        return self.known[value] if isinstance(value, str) and value in self.known else super().clean(value, initial)


def subfolder(paper):
    """Name of the subfolder that the paper belongs to, as the company calls it; none for the card's own folder."""
    return name_of(Catalogue.FOLDER, paper.place) if paper.place else ""


@on_ask
def ask_papers(card, step, user):
    """The files that are switched on and not there yet, each as a question of the move."""
    papers = of(card).switched_papers(card.stage, step)
    if not papers:
        return {}
    files, asked = File.objects.there().filter(folder__card_id=card.pk), {}
    for paper in papers:
        place = subfolder(paper)
        if not (files.filter(folder__name__iexact=place) if place else files).exists():
            asked[paper.name] = PaperField(paper.label, files.order_by("-at")[:OFFERED])
    return asked


@on_leave("*")
def keep_papers(card, event):
    """What was sent with the move lies in its subfolder from now on, whatever becomes of the move."""
    papers = {paper.name: paper for step in of(card).steps.values() for paper in step.papers}
    for name, sent in event.asked.items():
        if not isinstance(sent, UploadedFile):
            continue
        place = subfolder(papers[name])
        try:
            verbs.put_sent(card, sent, event.actor, way=[place] if place else [])
        except store.Refusal as error:
            raise Refused(error.text) from error

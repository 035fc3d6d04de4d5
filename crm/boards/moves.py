"""A move and its undo over HTTP: the door, the one verb, and what the board shows afterwards."""

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.cards.access import LEADS
from crm.cards.models import Card, Event
from crm.office.models import office
from crm.pipelines.declare import of
from crm.pipelines.moves import Incomplete, Refused, take, version_seen
from crm.pipelines.undo import undo
from crm.web import form_key, page, toast, visible

from .views import fragment


def refusal(error, status=409):
    return HttpResponse(str(error), status=status, content_type="text/plain; charset=utf-8")


@require_POST
@visible(Card)
def moves(request, card):
    """Move a card: ``to`` names the stage (or ``step`` the step), ``version`` what the person saw, ``key`` this very act.

    200 with the card and the heads of both columns, 422 with the form of what is missing, 409 with why not.
    """
    process = of(card)
    name = request.POST.get("step") or ""
    if not name:
        step = process.step_to(card, request.POST.get("to", ""), request.user)
        name = step.name if step else ""
    answers = request.POST if request.POST.get("answering") else None
    try:
        seen = version_seen(process.steps.get(name), request.POST)
        event = take(card, name, request.user, answers, seen, key=form_key(request), files=request.FILES)
    except Refused as error:
        return refusal(error)
    except Incomplete as missing:
        step = process.steps[name]
        context = {
            "form": missing.form, "card": card, "step": step, "part": "boards/_ask.html",
            "title": getattr(missing.form, "title", "") or step.label, "to": process.stages[step.to].label,
            "version": request.POST.get("version", ""), "key": request.POST.get("key", ""),
        }  # fmt: skip
        return page(request, "boards/_ask.html", context, status=422)
    said = {"card-moved": {"id": card.pk, "to": event.data["to"]}}
    if process.steps[event.data["step"]].undoable and office().undo_seconds:
        text = f"«{card.title}» → {process.stages[event.data['to']].label}"
        undone_at = reverse("cards:undos", args=[event.pk])
        said["toast"] = {
            **toast(". ".join([text, *event.hints]), undo=undone_at, seconds=office().undo_seconds),
            "card": card.pk,
        }
    elif event.hints:
        said["toast"] = toast(". ".join(event.hints))
    context = fragment(request, card.pipeline, card.pk, [event.data["from"], event.data["to"]])
    return page(request, "boards/_moved.html", context, says=said)


def gave_out(event, user):
    """Whether the move gave a lead to its person: who did that sees it no longer, and yet may take it back."""
    mine = event is not None and event.actor_id == user.pk and user.may_distribute_leads
    return mine and event.card.pipeline == LEADS and (event.data.get("had") or [None])[0] == event.card.owner_id


@require_POST
def undos(request, pk):
    """Take one's last move back within its ten seconds (C-6)."""
    event = Event.objects.filter(pk=pk, kind=Event.Kind.MOVED).select_related("card").first()
    works = event is not None and Card.objects.workable_by(request.user).filter(pk=event.card_id).exists()
    if not (works or gave_out(event, request.user)):
        raise Http404
    try:
        undone = undo(event, request.user)
    except Refused as error:
        return refusal(error)
    card = event.card
    context = fragment(request, card.pipeline, card.pk, [undone.data["from"], undone.data["to"]])
    said = {"card-moved": {"id": card.pk, "to": undone.data["to"]}, "toast": toast(_("Undone"))}
    return page(request, "boards/_moved.html", context, says=said)

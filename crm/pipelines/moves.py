"""DOOR 2: the one way a card is opened and moves to another stage; `undo.py` beside it takes the last move back."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.cards import verbs
from crm.cards.access import admit, grant_many, grants_of, viewers
from crm.cards.models import Event
from crm.cards.verbs import assign, lock, once, store
from crm.sockets import hint_card
from crm.web import number

from . import robots
from .declare import PIPELINES, of
from .forms import move_form


class Refused(Exception):
    """The move is not possible; the text says why, in the reader's language."""


class Incomplete(Exception):
    """The move needs answers; ``form`` asks for exactly what is missing, or says what is wrong."""

    def __init__(self, form):
        super().__init__("answers are missing")
        self.form = form


def open_card(model, by=None, key=None, cause=None, quiet=False, **fields):
    """Open a new card in its pipeline's first stage, the same for people, robots and import (R-202, R-248, R-262).

    ``by`` is None for the system, ``cause`` the card whose robot opens it. The same ``key`` opens one card only.
    """
    try:
        return _open(model, by, key, cause, quiet, fields)
    except IntegrityError:
        if (before := once(key)) is None:
            raise
        return model.objects.get(pk=before.card_id)


def _open(model, by, key, cause, quiet, fields):
    if (before := once(key)) is not None:
        return model.objects.get(pk=before.card_id)
    with transaction.atomic():
        process = of(model.slug)
        card = model(pipeline=process.slug, stage=process.first, author=by, **fields)
        card.save(force_insert=True)
        store(card, ["title"])
        people = [user for user in (card.owner_id, card.author_id) if user]
        grant_many(card, [(user, codename) for user in people for codename in ("view_card", "work_card")])
        event = Event(card_id=card.pk, kind=Event.Kind.CREATED, actor=by, key=key)
        event.asked, event.data = {}, {"stage": card.stage, "cause": cause.pk if cause else None}
        robots.run("creates", card, card.stage, event)
        robots.run("enters", card, card.stage, event)
        event.save(force_insert=True)
        if not quiet:
            hint_card(card, viewers(card), to=card.stage)
        return card


_held_with = []


def on_hold(func):
    """Register ``func(card, to, answers) -> ids`` of the cards that such a move to this stage changes beside its own."""
    _held_with.append(func)
    return func


def hold(card, to, answers):
    """Lock what the move changes beside its card and the card too, in the order of ids: two moves never wait crosswise."""
    beside = [pk for find in _held_with for pk in find(card, to, answers or {})]
    if beside:
        verbs.hold([card.pk, *beside], [card.pipeline])


def offered(card, user):
    """Steps this person may take now from where the card stands."""
    return [s for s in of(card).steps_from(card.stage) if s.by(card, user)]


def version_seen(step, posted):
    """The version of the card that a form names; Refused when it names none to a step for what is ``seen``."""
    version = number(posted.get("version"))
    if version is None and step is not None and step.seen:
        raise Refused(_("The page is out of date. Reload it and try again."))
    return version


def take(card, name, by=None, answers=None, version=None, entry=None, key=None, files=None):
    """Take a step in one transaction: lock, check, ask, change, save, remember, run the robots; returns the Event.

    ``by`` None is the system, which is not asked. ``answers`` is what the form posted, or values from code, ``files`` what
    was posted with them.
    ``version`` is the card the person saw, ``entry`` its stage entry: a card that moved since is refused, one that
    was only edited is not, unless the step is for what is ``seen``. The same ``key`` moves once.
    Raises Refused (why it cannot be) or Incomplete (with the form of what is missing).
    """
    try:
        return _take(card, name, by, answers, version, entry, key, files)
    except IntegrityError:
        if (before := once(key)) is None:
            raise
        return before


def _take(card, name, by, answers, version, entry, key, files):
    with transaction.atomic():
        step = of(card).steps.get(name)
        hold(card, step.to if step else "", answers)
        card = lock(card, by)
        process, came_from = of(card), card.stage
        step = process.steps.get(name)
        moved = (entry is not None and entry != card.entry) or _moved_since(card, version)
        if step is None or came_from not in step.sources or moved:
            if (before := once(key)) is not None:
                return before
            raise Refused(_why_not(card, process, step))
        if step.seen and version not in (None, card.version):
            raise Refused(_("The card has been changed since you opened it. Look at it again and decide."))
        if by is not None and not (card.works and step.by(card, by)):
            raise Refused(_("This is done by %(who)s.") % {"who": step.by.label})
        event = Event(card_id=card.pk, kind=Event.Kind.MOVED, actor=by, key=key)
        event.asked, answered, restore = {}, {}, {}
        if by is not None or answers is not None:
            form = move_form(card, step, answers, by, files)
            if form.fields and not (form.is_bound and form.is_valid()):
                raise Incomplete(form)
            clean = form.cleaned_data if form.fields else {}
            event.asked = {n: v for n, v in clean.items() if n in form.asked}
            own = {field.name for field in card._meta.get_fields()}
            answered = {n: v for n, v in clean.items() if n in own}
            restore = {n: card._meta.get_field(n).value_from_object(card) for n in answered}
        # A card that gets its responsible person is seen no longer by all who give cards out.
        saw = viewers(card) if answered.get("owner") else ()
        event.data = {
            "from": came_from, "to": step.to, "step": name, "restore": restore,
            "since": card.stage_since, "closed_at": card.closed_at,
            "fields": assign(card, answered),
            "asked": {n: _say(v) for n, v in event.asked.items() if n not in answered},
        }  # fmt: skip
        getattr(card, name)()
        now = timezone.now()
        card.stage_since, card.entry = now, card.entry + 1
        card.closed_at = None if process.stages[card.stage].is_open else now
        store(card, ["stage", "stage_since", "entry", "closed_at", *answered])
        event.data["version"] = card.version
        event.entry = card.entry
        if answered.get("owner"):
            event.data["had"] = [card.owner_id, *grants_of(card, card.owner)]
            admit(card, card.owner)
        robots.run("leaves", card, came_from, event)
        robots.run("enters", card, card.stage, event)
        event.save(force_insert=True)
        people = {*saw, *viewers(card)}
        hint_card(card, people, to=card.stage, actor=by.pk if by else None, text=said(card, by))
        return event


def siblings(card):
    """The other pipelines that this kind of card can be transferred to."""
    kind = of(card).model._meta.concrete_model
    return [p for p in PIPELINES.values() if p.model._meta.concrete_model is kind and p.slug != card.pipeline]


@transaction.atomic
def transfer(card, slug, target, by, answers=None, version=None, key=None, files=None):
    """Bring the card to another pipeline of its kind: into its first stage, and by a step on to ``target`` (R-021, R-113).

    Everything the card has stays with it. Returns the event; it is not undone but transferred back.
    Raises Refused, and Incomplete when the step to ``target`` needs answers.
    """
    hold(card, target, answers)
    card = lock(card, by, key)
    if card.sent_before:
        return once(key)
    process = next((p for p in siblings(card) if p.slug == slug), None)
    if process is None or not card.works or _moved_since(card, version) or target not in process.stages:
        raise Refused(_("The card cannot be transferred there from where it is now."))
    came_from, since = {"pipeline": card.pipeline, "stage": card.stage}, timezone.now()
    event = Event(card_id=card.pk, kind=Event.Kind.TRANSFERRED, actor=by, key=key, data={"was": came_from})
    event.asked = {}
    robots.run("leaves", card, card.stage, event)
    people = viewers(card)
    hint_card(card, people, anew=True)
    card.pipeline, card.__dict__["stage"] = slug, process.first
    card.stage_since, card.closed_at, card.entry = since, None, card.entry + 1
    store(card, ["pipeline", "stage", "stage_since", "closed_at", "entry"])
    card = lock(card, by)
    event.entry, event.data["to"] = card.entry, {"pipeline": slug, "stage": card.stage}
    event.data["version"] = card.version
    robots.run("enters", card, card.stage, event)
    event.save(force_insert=True)
    if target != card.stage:
        step = process.step_to(card, target, by)
        if step is None:
            raise Refused(_("The card cannot be transferred there from where it is now."))
        take(card, step.name, by, answers, files=files)
    else:
        hint_card(card, people, to=card.stage, actor=by.pk, text=said(card, by))
    return event


def said(card, by):
    """«Дмитрий перенёс в …», as other people's boards show it."""
    return _("%(who)s moved to «%(stage)s»") % {
        "who": by.first_name if by else _("System"),
        "stage": of(card).stages[card.stage].label,
    }


def _moved_since(card, version):
    """Whether the card moved after the version the person saw."""
    if version is None or version == card.version:
        return False
    return (
        version > card.version
        or Event.objects.filter(
            card_id=card.pk,
            kind__in=[Event.Kind.MOVED, Event.Kind.UNDONE, Event.Kind.TRANSFERRED],
            data__version__gt=version,
        ).exists()
    )


def last_move(card):
    return Event.objects.filter(card_id=card.pk, kind=Event.Kind.MOVED).select_related("actor").order_by("-id").first()


def _why_not(card, process, step):
    move = last_move(card)
    where = process.stages[card.stage].label
    if move is not None and move.entry == card.entry and timezone.now() - move.at < timedelta(days=1):
        who = str(move.actor) if move.actor else _("System")
        return _("%(who)s has already moved the card to «%(stage)s».") % {"who": who, "stage": where}
    if step is None:
        return _("There is no such step.")
    return _("From «%(stage)s» the card cannot be moved to «%(to)s».") % {
        "stage": where,
        "to": process.stages[step.to].label,
    }


def _say(value):
    if isinstance(value, (list, tuple)) or hasattr(value, "iterator"):
        return [str(v) for v in value]
    return value if isinstance(value, (bool, int, str, type(None))) else str(value)

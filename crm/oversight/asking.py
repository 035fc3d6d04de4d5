"""«Спросить менеджера»: the question stands in the card's chat and among the manager's tasks until it is answered (R-017)."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chats.models import Room
from chats.verbs import on_post, post
from crm.activities.models import Task
from crm.activities.verbs import add, finish
from crm.cards.prepared import answered
from crm.cards.verbs import lock
from crm.notifications.notices import notify, read
from crm.office.calendar import company_date, day_end, deadline

from .models import Question, Snooze


@transaction.atomic
def ask(card, text, by, key=None):
    """Ask whoever answers for the card; the same ``key`` asks once.

    Raises PermissionDenied for anybody but an executive, ValidationError when nobody answers for the card.
    """
    if not by.is_executive:
        raise PermissionDenied
    card = lock(card, by, key)
    if card.owner is None or not card.owner.is_active:
        raise ValidationError(_("Nobody answers for this card yet."))
    now = timezone.now()
    task = add(
        card, by, key=key, owner=card.owner, title=_("Answer the executive: %(text)s") % {"text": text[:200]}, text=text,
        due_at=deadline(now, 0 if day_end(company_date(now)) > now else 1), all_day=True, quiet=True,
    )  # fmt: skip
    question, new = Question.objects.get_or_create(task=task, defaults={"card_id": card.pk, "by": by})
    if new:
        room = Room.objects.filter(card_id=card.pk).first()
        if room is not None:
            said = _("%(name)s, a question to you. %(text)s") % {"name": card.owner.first_name, "text": text}
            post(room, said, by, question=question.pk)
        notify([card.owner_id], card, "question", by=by, wait=False, text=text)
    return question


def asked(card):
    """What the card's manager was asked and has not answered."""
    return Question.objects.filter(card_id=card.pk, answered_at=None)


@on_post
def answer(room, message):
    """The first word of the one who was asked answers the question and closes its task."""
    if message.author_id is None:
        return
    if not answered("asked", room.card, asked):  # the cheap question first: it is asked of every message
        return
    for question in asked(room.card).filter(task__owner_id=message.author_id).select_related("task", "by"):
        settle(question, room.card, message.text, message.author)


def settle(question, card, text, by):
    question.answered_at = timezone.now()
    question.save(update_fields=["answered_at"])
    finish(question.task, by, text)
    read(by, card_id=card.pk, kind="question")
    notify([question.by_id], card, "answer", by=by, wait=False, text=text[:200])


@transaction.atomic
def reply(question, text, by, key=None):
    """Answer from anywhere: in the card's chat, where it was asked; a card without one tells only the asker."""
    card = lock(question.card, by)
    room = Room.objects.filter(card_id=card.pk).first()
    if room is not None:
        post(room, text, by, key)
    elif Question.objects.filter(pk=question.pk, answered_at=None).exists():
        settle(question, card, text, by)


def close_answered(now=None):
    """A question whose task was closed in another way is answered too; derived from the rows, may run twice."""
    return (
        Question.objects.filter(answered_at=None)
        .exclude(task__state=Task.State.OPEN)
        .update(answered_at=now or timezone.now())
    )


def snooze(card, user, days):
    """«Отложить на …»: not to be shown to this executive before so many working days have passed."""
    until = deadline(timezone.now(), days)
    Snooze.objects.update_or_create(user=user, card_id=card.pk, defaults={"until": until})
    return until

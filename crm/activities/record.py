"""What every card's page shows beside its own facts: stages, feed, tasks, the next step, linked cards, its folder."""

from django.db.models import Count, Exists, OuterRef, Q, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.cards.access import may_hand_over, who_sees
from crm.cards.models import Card
from crm.cards.steps import state as step_state
from crm.cards.verbs import related
from crm.pipelines.declare import of
from crm.pipelines.moves import offered

from .feed import feed, spoken
from .telling import choices, newest

LATEST_FILES = 4


def whole(rows, user):
    """Cards with everybody and everything their pages name, and whether this person may work on each at this moment."""
    works = Exists(Card.objects.workable_by(user).filter(pk=OuterRef("pk")))
    return rows.select_related("owner", "company", "contact", "room").annotate(works=works)


def record_page(card, user, caption="", tabs=()):
    """The context of activities/record.html for a card of ``whole`` that this person sees."""
    process, works, room = of(card), card.works, getattr(card, "room", None)
    if card.pipeline != "expenses":
        prefetch_related_objects([card], "company__channels", "contact__channels")
    talk, events = spoken(room, user), newest(card)
    steps = offered(card, user) if works else []
    strip = stage_strip(card, process, steps)
    now = next(n for n, s in enumerate(strip, 1) if s["state"] == "now")
    folders = list(
        card.folders.filter(Q(parent=None) | Q(parent__parent=None), trashed_at=None).annotate(
            count=Count("files", filter=Q(files__trashed_at=None))
        )
    )
    folder = next((f for f in folders if f.parent_id is None), None)
    tasks = list(card.tasks.open().select_related("owner").prefetch_related("checks"))
    following = next((task for task in tasks if task.due_at), None)
    return {
        "card": {
            "id": card.pk,
            "title": card.title,
            "caption": caption or " · ".join(filter(None, [card.client_name, card.number])),
            "back_url": reverse("boards:board", args=[process.slug]),
        },
        "record": card,
        "works": works,
        "gives": works and may_hand_over(user, card),
        "steps": steps,
        "stages": strip,
        "closing": [] if card.closed_at else closing(process, steps),
        "phone_stage": _("Stage %(n)s of %(all)s") % {"n": now, "all": len(strip)},
        "move_url": reverse("cards:moves", args=[card.pk]),
        "version": card.version,
        "talk": talk,
        "lines": feed(card, events, talk.lines if talk else ()),
        "shown": choices(card, events),
        "tasks": tasks,
        "next_task": following,
        "stage": process.stages[card.stage],
        "next_state": step_state(following.due_at if following else None),
        "linked": [
            (c, f"{of(c).label}: {of(c).stages[c.stage].label}" if seen else "") for c, seen in related(card, user)
        ],
        "folder": folder,
        "subfolders": [f for f in folders if f.parent_id],
        "latest_files": folder.files.filter(trashed_at=None).order_by("-at")[:LATEST_FILES] if folder else [],
        "modes": modes(card, room) if works else [],
        "tabs": [
            {"id": "feed", "label": _("Feed"), "selected": True, "count": talk.unread if talk else 0, "tone": "ink"},
            {"id": "facts", "label": _("Facts"), "only_phone": True},
            {"id": "files", "label": _("Files"), "count": card.file_count},
            *tabs,
        ],
    }


def stage_strip(card, process, steps):
    """The open stages, and the closing one where the card stands; pressing one asks for the step to it."""
    stages = [s for s in process.stages.values() if s.is_open or s.value == card.stage]
    at = next(n for n, s in enumerate(stages) if s.value == card.stage)
    reachable = {s.to for s in steps}
    return [
        {
            "stage": s.value,
            "name": s.label,
            "state": "now" if n == at else "past" if n < at else "next",
            "title": s.hint or s.label,
            "can": s.value in reachable,
        }
        for n, s in enumerate(stages)
    ]


def closing(process, steps):
    """Ways out of the pipeline that this person may take now."""
    reachable = {s.to for s in steps}
    return [{"stage": s.value, "name": s.label} for s in process.closing_stages if s.value in reachable]


def modes(card, room):
    """What can be written from the page; a chat only where the card has one."""
    people = ", ".join(p.first_name for p in who_sees(card)[:6])
    seen = _("Only colleagues see this: %(people)s") % {"people": people}
    found = []
    if room is not None:
        found.append({
            "id": "chat", "room": room.pk, "label": _("Chat"), "icon": "message-circle",
            "url": reverse("chats:messages", args=[room.pk]),
            "to": seen, "placeholder": _("Message to colleagues. @ calls a person"), "go": _("Send"),
        })  # fmt: skip
    for id_, label, icon, name, placeholder, go in (
        ("call", _("Call"), "phone", "cards:touches", _("What was agreed in the call"), _("Log the call")),
        ("note", _("Note"), "pin", "cards:notes", _("Note for yourself and colleagues"), _("Save")),
        (
            "task",
            _("Task"),
            "checkbox",
            "activities:tasks",
            _("What to do by the end of the next working day"),
            _("Set the task"),
        ),
    ):
        found.append({
            "id": id_, "label": label, "icon": icon, "url": reverse(name, args=[card.pk]),
            "to": seen, "placeholder": placeholder, "go": go,
        })  # fmt: skip
    return found

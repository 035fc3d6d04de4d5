"""The feed of a card: what happened to it and what was said in its chat, in one order of time and in people's words."""

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from crm.cards.models import Event
from crm.jinja import grouped
from crm.office.calendar import company_date
from crm.pipelines.declare import of

LATEST = 100
ICONS = {
    Event.Kind.CREATED: "plus",
    Event.Kind.OWNER: "user-plus",
    Event.Kind.TASK: "checkbox",
    Event.Kind.TASK_DONE: "check",
    Event.Kind.CHANGED: "pencil",
    Event.Kind.LINKED: "link",
    Event.Kind.PAID: "receipt-2",
    Event.Kind.STORNO: "receipt-2",
    Event.Kind.SPLIT: "receipt-2",
    Event.Kind.RULE: "bolt",
}


def feed(card):
    """Lines of the card's feed, oldest first, each with the company's date when that differs from the line before."""
    events = card.events.select_related("actor").order_by("-at", "-id")[:LATEST]
    lines = [_line(card, event) for event in events]
    room = getattr(card, "room", None)
    if room is not None:
        messages = room.messages.select_related("author").order_by("-seq")[:LATEST]
        lines += [
            {
                "at": m.at,
                "user": m.author,
                "who": str(m.author or _("System")),
                "kind": _("chat"),
                "text": m.text,
                "icon": "bolt",
            }
            for m in messages
        ]
    lines.sort(key=lambda line: line["at"])
    lines, before = lines[-LATEST:], None
    for line in lines:
        date = company_date(line["at"])
        line["day"], before = date if date != before else None, date
    return lines


def _line(card, event):
    data, kind = event.data, event.kind
    if kind in (Event.Kind.NOTE, Event.Kind.TOUCH):
        named = _("note") if kind == Event.Kind.NOTE else touch_name(data)
        icon = "pin" if kind == Event.Kind.NOTE else "phone"
        return {
            "at": event.at, "user": event.actor, "who": str(event.actor or _("System")),
            "kind": named, "text": data.get("text", ""), "icon": icon,
        }  # fmt: skip
    return {"at": event.at, "body": words(card, event), "event_icon": ICONS.get(kind, "arrow-right")}


def touch_name(data):
    names = {"call": _("call"), "letter": _("letter"), "meeting": _("meeting"), "message": _("message")}
    return names.get(data.get("kind"), _("contact with the client"))


def words(card, event):
    """One sentence about an event: who, and what became of the card."""
    who, data, kind = str(event.actor or _("System")), event.data, event.kind
    stage = _stage(card, data.get("to"))
    if kind == Event.Kind.MOVED:
        text = _("%(who)s: moved to «%(stage)s»") % {"who": who, "stage": stage}
        return ". ".join([text, *_changes(card, data.get("fields")), *_answers(data.get("asked"))])
    if kind == Event.Kind.UNDONE:
        return _("%(who)s: move taken back, again in «%(stage)s»") % {"who": who, "stage": stage}
    if kind in (Event.Kind.CHANGED, Event.Kind.OWNER):
        return f"{who}: " + "; ".join(_changes(card, data.get("fields")))
    if kind in (Event.Kind.SHARED, Event.Kind.UNSHARED):
        return f"{who}: {event.get_kind_display()}, {data.get('person', '')}"
    if kind in (Event.Kind.TASK, Event.Kind.TASK_DONE):
        named = _("task reopened") if data.get("reopened") else event.get_kind_display()
        return ". ".join(filter(None, [f"{who}: {named} «{data.get('title', '')}»", data.get("result")]))
    if kind in (Event.Kind.PAID, Event.Kind.STORNO):
        return f"{who}: {event.get_kind_display()}, {grouped(data.get('amount') or 0)} ₽"
    if kind == Event.Kind.RULE:
        text = _("Rule «%(rule)s»") % {"rule": data.get("rule", "")}
        profit = [value for value in data.get("profit") or () if value is not None]
        return f"{text}: " + " → ".join(f"{grouped(value)} ₽" for value in profit) if profit else text
    return f"{who}: {event.get_kind_display()}"


def _stage(card, value):
    stage = of(card).stages.get(value)
    return stage.label if stage else ""


def _changes(card, fields):
    return [f"{_label(card, name)}: {was or '—'} → {now or '—'}" for name, (was, now) in (fields or {}).items()]


def _answers(asked):
    return [value for value in (asked or {}).values() if isinstance(value, str) and " " in value]


def _label(card, name):
    try:
        return card._meta.get_field(name).verbose_name
    except FieldDoesNotExist:
        return name

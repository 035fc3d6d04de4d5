"""The feed of a card: what happened to it and what was said in its chat, in one order of time and in people's words."""

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.cards.fields import MoneyField
from crm.cards.models import KINDS, Event
from crm.jinja import day, roubles, when
from crm.office.calendar import company_date
from crm.pipelines.declare import PIPELINES, of
from crm.pipelines.moves import siblings

from .models import Task

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
    Event.Kind.CALL: "video",
    Event.Kind.FILE: "folder",
}
FILE_ACTS = {
    "added": gettext_lazy("%(who)s: files added: %(names)s"),
    "version": gettext_lazy("%(who)s: new version of «%(names)s»"),
    "back": gettext_lazy("%(who)s: «%(names)s» brought back to an older version"),
    "binned": gettext_lazy("%(who)s: «%(names)s» moved to the bin"),
    "restored": gettext_lazy("%(who)s: «%(names)s» restored from the bin"),
    "renamed": gettext_lazy("%(who)s: «%(was)s» renamed to «%(names)s»"),
    "moved": gettext_lazy("%(who)s: «%(names)s» moved to «%(to)s»"),
    "copied": gettext_lazy("%(who)s: «%(names)s» copied to «%(to)s»"),
    "folder": gettext_lazy("%(who)s: folder «%(names)s» made"),
    "handed": gettext_lazy("%(who)s: files taken over from the lead: %(names)s"),
}


_spoken = []


def spoken_by(func):
    """Register ``func(room, user, most)``: the end of a card's chat as a window with ``lines``; chats do."""
    _spoken.append(func)
    return func


def spoken(room, user):
    """The end of the card's chat as this person sees it, or None where there is none."""
    return next((func(room, user, LATEST) for func in _spoken if room is not None), None)


def feed(card, events, said=()):
    """Lines of the card's newest events with lines of what was ``said`` in its chat, oldest first, each with its day."""
    lines = [*(line(card, event) for event in events), *said]
    lines.sort(key=lambda line: line["at"])
    return day_by_day(lines[-LATEST:])


def day_by_day(lines):
    """Give each line its ``date``, the company's, and ``day`` too when it differs from the line before."""
    before = None
    for row in lines:
        if "date" not in row:
            row["date"] = company_date(row["at"])
        row["day"], before = row["date"] if row["date"] != before else None, row["date"]
    return lines


def line(card, event):
    """An event as one line of a feed."""
    return {"id": event.pk, **_line(card, event)}


def _line(card, event):
    data, kind = event.data, event.kind
    if kind in (Event.Kind.NOTE, Event.Kind.TOUCH):
        named = _("note") if kind == Event.Kind.NOTE else touch_name(data)
        icon = "pin" if kind == Event.Kind.NOTE else "phone"
        return {
            "at": event.at, "user": event.actor, "who": str(event.actor or _("System")),
            "kind": named, "text": data.get("text", ""), "icon": icon,
        }  # fmt: skip
    body = _with_links(words(card, event), _cards(data.get("made")))
    return {"at": event.at, "body": body, "event_icon": _icon_of(event)}


def _with_links(text, things):
    """The words with the last mention of each card's number leading to that card."""
    tail = ""
    for thing in reversed([thing for thing in things if thing["name"] in text]):
        text, number, after = text.rpartition(thing["name"])
        address = reverse(f"{thing['model'].partition('.')[0]}:card", args=[thing["pk"]])
        tail = format_html('<a href="{}">{}</a>{}{}', address, number, after, tail)
    return format_html("{}{}", text, tail) if tail else text


def _icon_of(event):
    if event.kind == Event.Kind.CALL and event.data.get("kind") == "audio":
        return "phone"
    return ICONS.get(event.kind, "arrow-right")


def touch_name(data):
    names = {"call": _("call"), "letter": _("letter"), "meeting": _("meeting"), "message": _("message")}
    return names.get(data.get("kind"), _("contact with the client"))


def words(card, event):
    """One sentence about an event: who, and what became of the card."""
    who, data, kind = str(event.actor or _("System")), event.data, event.kind
    if kind == Event.Kind.TRANSFERRED:
        return _transferred(who, data["was"], data["to"])
    stage = _stage(card, data.get("to"))
    if kind == Event.Kind.MOVED:
        text = _("%(who)s: moved to «%(stage)s»") % {"who": who, "stage": stage}
        asked = [*_changes(card, data.get("fields")), *_answers(data.get("asked"))]
        told = [*asked, *_closed(data), *_made(data.get("made"))]
        return ". ".join([text, *told])
    if kind == Event.Kind.UNDONE:
        return _("%(who)s: move taken back, again in «%(stage)s»") % {"who": who, "stage": stage}
    if kind in (Event.Kind.CHANGED, Event.Kind.OWNER):
        return f"{who}: " + "; ".join(_changes(card, data.get("fields")))
    if kind in (Event.Kind.SHARED, Event.Kind.UNSHARED):
        return f"{who}: {event.get_kind_display()}, {data.get('person', '')}"
    if kind in (Event.Kind.TASK, Event.Kind.TASK_DONE):
        text = f"{who}: {_task_words(event)} «{data.get('title', '')}»"
        return ". ".join(filter(None, [text, _moved_dates(data), data.get("result")]))
    if kind in (Event.Kind.PAID, Event.Kind.STORNO):
        return f"{who}: {event.get_kind_display()}, {roubles(data.get('amount') or 0)}"
    if kind == Event.Kind.RULE:
        text = ". ".join([_("Rule «%(rule)s»") % {"rule": data.get("rule", "")}, *_runs(data.get("runs"))])
        profit = [value for value in data.get("profit") or () if value is not None]
        return f"{text}: " + " → ".join(roubles(value) for value in profit) if profit else text
    if kind == Event.Kind.CALL:
        return _called(data)
    if kind == Event.Kind.FILE and data.get("act") in FILE_ACTS:
        return FILE_ACTS[data["act"]] % {"who": who, "was": "", "to": "", **data, "names": _file_names(data)}
    return f"{who}: {event.get_kind_display()}"


def _runs(runs):
    """The rules that a rule has run, by their names (R-315, R-319)."""
    for run in runs or ():
        yield (_("«%(rule)s»: skipped, no deal") if run.get("skipped") else "«%(rule)s»") % {"rule": run["rule"]}


def _file_names(data):
    names, more = ", ".join(data["names"][:5]), data["count"] - min(5, len(data["names"]))
    return f"{names} " + _("and %(n)s more") % {"n": more} if more > 0 else names


def _called(data):
    """«Видеозвонок: Анна, Ирина · 12 мин» of a call between colleagues."""
    name = _("Audio call") if data.get("kind") == "audio" else _("Video call")
    people, seconds = data.get("people", []), data.get("seconds") or 0
    if len(people) < 2:
        return _("%(call)s: %(who)s called, nobody answered") % {"call": name, "who": ", ".join(people)}
    length = _("%(n)s min") % {"n": round(seconds / 60)} if seconds >= 60 else _("%(n)s s") % {"n": seconds}
    return f"{name}: {', '.join(people)} · {length}"


def _task_words(event):
    data = event.data
    if data.get("reopened"):
        return _("task reopened")
    if data.get("cancelled"):
        return _("task called off")
    if data.get("edited"):
        return _("task changed")
    return _("task moved") if "was" in data else event.get_kind_display()


def _moved_dates(data):
    """«24 ноя, 14:00 → 26 ноя, 12:00» of a task that was moved; nothing when its time stayed."""
    was, due = (parse_datetime(data.get(name) or "") for name in ("was", "due"))
    return f"{when(was)} → {when(due)}" if "was" in data and was != due else ""


def _transferred(who, *places):
    was, now = (
        f"{PIPELINES[p['pipeline']].label}: {PIPELINES[p['pipeline']].stages[p['stage']].label}" for p in places
    )
    return _("%(who)s: transferred from «%(was)s» to «%(now)s»") % {"who": who, "was": was, "now": now}


def _stage(card, value):
    """The stage's name; one of a pipeline that the card was transferred from is found there."""
    for process in (of(card), *siblings(card)):
        if value in process.stages:
            return process.stages[value].label
    return ""


def _changes(card, fields):
    return [
        f"{_asked(_label(card, name))} {_value(card, name, was)} → {_value(card, name, now)}"
        for name, (was, now) in (fields or {}).items()
    ]


def _asked(label):
    """A field's name before its value; a question has its own mark."""
    return label if str(label).endswith("?") else f"{label}:"


def _value(card, name, stored):
    """A stored value in people's words: yes and no in their language, money with its sign, a day as on the card."""
    if stored in (None, ""):
        return "—"
    if stored in ("yes", "no"):
        return _("yes") if stored == "yes" else _("no")
    try:
        field = card._meta.get_field(name)
    except FieldDoesNotExist:
        return stored
    if isinstance(field, MoneyField):
        return roubles(stored)
    if isinstance(field, DateField) and not isinstance(field, DateTimeField):
        return day(parse_date(stored))
    return stored


def _answers(asked):
    """What was said in words at the move; a code is none."""
    told = (asked or {}).items()
    return [value for name, value in told if isinstance(value, str) and (name == "remark" or " " in value)]


def _closed(data):
    """What the move closed: tasks that the stage had asked for, and those called off with the card (G4)."""
    names = lambda how: [f"«{title}»" for title in dict.fromkeys(data.get(how, ()))]  # noqa: E731
    if ended := names("completed"):
        words = ngettext(
            "Task completed automatically: %(names)s", "Tasks completed automatically: %(names)s", len(ended)
        )
        yield words % {"names": ", ".join(ended)}
    if dropped := names("called_off"):
        yield _("Called off: %(names)s") % {"names": ", ".join(dropped)}


def _cards(things):
    """The cards among what rules made, as they were remembered."""
    kinds = {kind._meta.label_lower for kind in KINDS.values()}
    return [thing for thing in things or () if thing.get("name") and thing["model"] in kinds]


def _made(things):
    """What rules made in the move: cards by their numbers, tasks by their titles with those they are for (R-508, G6)."""
    tasks: dict[str, list] = {}
    for thing in things or ():
        if thing.get("name") and thing["model"] == Task._meta.label_lower:
            tasks.setdefault(thing["name"], []).append(thing.get("to"))
    cards = [thing["name"] for thing in _cards(things)]
    if tasks:
        names = [f"«{title}»{_for(filter(None, people))}" for title, people in tasks.items()]
        words = ngettext("Task set: %(names)s", "Tasks set: %(names)s", sum(map(len, tasks.values())))
        yield words % {"names": ", ".join(names)}
    if cards:
        yield ngettext("Created: %(names)s", "Created: %(names)s", len(cards)) % {"names": ", ".join(cards)}


def _for(people):
    """« (Ирина Снегирёва, Олег Ванчугов)» behind a task; nothing where it is the responsible person's."""
    names = ", ".join(people)
    return f" ({names})" if names else ""


def _label(card, name):
    """What people call a field of the card, or of a record that it names, such as «company.account»."""
    named, _dot, own = name.rpartition(".")
    try:
        if named:
            return card._meta.get_field(named).related_model._meta.get_field(own).verbose_name
        return of(card).field_label(name)
    except FieldDoesNotExist:
        return name

"""The form of a move: exactly the fields that are missing, and the questions of this step."""

from django import forms
from django.forms.models import fields_for_model
from django.utils.functional import Promise

from crm.cards.fields import above_zero
from crm.cards.picks import offer_few

from .declare import of


class Ask(forms.Form):
    """Questions asked at each such move; knows the card they are asked about."""

    title: str | Promise = ""

    def __init__(self, *args, card=None, user=None, **kwargs):
        self.card, self.user = card, user
        super().__init__(*args, **kwargs)


_questions = []


def on_ask(func):
    """Register ``func(card, step, user) -> {name: form field}``: what a person's move is asked besides its own questions."""
    _questions.append(func)
    return func


def missing(card, step):
    """Names of required fields that this move would leave empty."""
    process = of(card)
    needs = process.needs_between(card.stage, step) + process.switched_needs(card.stage, step)
    return [n for n in dict.fromkeys(needs) if card.requires(n) and unsaid(card, n)]


def unsaid(card, name):
    """Whether the field has no answer yet; nothing is no amount."""
    value = getattr(card, name)
    return value in (None, "", []) or (name == "amount" and not value)


def move_form(card, step, answers=None, user=None, files=None):
    """A form of what the move needs; ``form.asked`` names the step's own questions. ``files`` came with the answers."""
    form = (step.asks or Ask)(answers, None if answers is None else files, card=card, user=user)
    if user is not None:
        for ask in _questions:
            form.fields.update(ask(card, step, user))
    form.asked = set(form.fields)
    needed = missing(card, step)
    if needed:
        own = fields_for_model(type(card), needed, labels={name: of(card).field_label(name) for name in needed})
        for field in own.values():
            field.required = field.widget.is_required = True
            narrow(field, user)
        if "amount" in own:
            own["amount"].validators.append(above_zero)
        form.fields = {**own, **form.fields}
    return form


def narrow(field, user):
    """Offer only what this person may choose: visible clients and deals, people who can be responsible (R-015)."""
    rows = getattr(field, "queryset", None)
    if rows is None:
        return
    if hasattr(rows, "assignable"):
        field.queryset = rows.assignable()
    elif user is not None and hasattr(rows, "visible_to"):
        field.queryset = rows.visible_to(user)
        offer_few(field)

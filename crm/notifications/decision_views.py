"""The page behind a letter's link: one decision, confirmed by a button; looking at it changes nothing (R-405)."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm.pipelines.declare import of
from crm.pipelines.forms import Ask
from crm.pipelines.moves import Incomplete, Refused, move_form, take, version_seen
from crm.web import form_key

from .decisions import decisions, opened


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def decision(request, token):
    """Show what is to be decided; POST ``step`` takes it in the name of the person the letter went to, and of no other.

    The link itself is the permission, for this card as it stands now; who is signed in as somebody else has none.
    """
    user, card = opened(token)
    if card is None or (request.user.is_authenticated and request.user.pk != user.pk):
        return render(request, "notifications/decision.html", {"gone": True}, status=404)
    with translation.override(user.language):
        steps = decisions(card, user)
        asked = {step.name: move_form(card, step, None, user) for step in steps}
        context = {"card": card, "person": user, "steps": steps, "forms": asked, "language": user.language, "me": None}
        status = 200
        if request.method == "POST":
            name = request.POST.get("step", "")
            answers = request.POST if request.POST.get("answering") else None
            try:
                if name not in asked:
                    raise Refused(_("There is no such step."))
                seen = version_seen(of(card).steps[name], request.POST)
                event = take(card, name, user, answers, seen, card.entry, form_key(request))
                context |= {"done": of(card).stages[event.data["to"]].label}
            except Refused as error:
                status, context["error"] = 409, str(error)
            except Incomplete as missing:
                status, asked[name] = 422, missing.form
        context["asks"] = {name: form for name, form in asked.items() if isinstance(form, Ask) and form.fields}
        return render(request, "notifications/decision.html", context, status=status)

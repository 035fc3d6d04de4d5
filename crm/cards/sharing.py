"""Who sees a card, and inviting a colleague to it or taking the invitation back (R-502)."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from crm.people.models import User
from crm.web import nothing, page, toast, visible

from .access import may_share, may_work, who_sees
from .models import Card, CardGrant
from .verbs import share, unshare


class InviteForm(forms.Form):
    person = forms.ModelChoiceField(label=lazy("Colleague"), queryset=User.objects.none())
    work = forms.TypedChoiceField(
        label=lazy("What they may do"), coerce=lambda value: value == "work", initial="see", widget=forms.RadioSelect,
        choices=[("see", lazy("see the card")), ("work", lazy("work on it"))],
    )  # fmt: skip

    def __init__(self, *args, card, **kwargs):
        super().__init__(*args, **kwargs)
        seen = who_sees(card).values("pk")
        self.fields["person"].queryset = User.objects.seeing_cards().exclude(pk__in=seen).order_by("name")


@require_http_methods(["GET", "POST"])
@visible(Card)
def shares(request, card):
    """Everybody who sees the card and why; whoever may share it invites one more, or takes an invitation back."""
    if request.method == "POST" and not may_share(request.user, card):
        raise PermissionDenied
    back = request.POST.get("remove", "")
    form = InviteForm(request.POST if request.method == "POST" and not back else None, card=card)
    if back:
        person = (
            who_sees(card).filter(pk=back).first() if back.isascii() and back.isdigit() and len(back) < 19 else None
        )
        if person is None or person.pk == card.owner_id:
            raise PermissionDenied
        unshare(card, person, request.user)
        told = _("%(name)s does not see the card any more") % {"name": person}
        return nothing(**{"card-changed": {"id": card.pk}, "toast": toast(told)})
    if form.is_valid():
        person = form.cleaned_data["person"]
        share(card, person, request.user, form.cleaned_data["work"])
        return nothing(
            **{"card-changed": {"id": card.pk}, "toast": toast(_("%(name)s now sees the card") % {"name": person})}
        )
    works = set(
        CardGrant.objects.filter(content_object_id=card.pk, permission__codename="work_card").values_list(
            "user_id", flat=True
        )
    )
    granted = set(CardGrant.objects.filter(content_object_id=card.pk).values_list("user_id", flat=True))
    people = [
        (person, why(person, card, works), person.pk in granted and person.pk != card.owner_id)
        for person in who_sees(card)
    ]
    context = {
        "form": form, "card": card, "people": people, "may": may_share(request.user, card) and may_work(request.user, card),
        "part": "cards/_sharing.html", "page_title": _("Who sees the card"),
    }  # fmt: skip
    return page(request, "dialog_page.html", context, context["part"], 422 if form.errors else 200)


def why(person, card, works):
    """Why somebody sees the card, in a word."""
    if person.pk == card.owner_id:
        return _("responsible")
    if person.is_executive:
        return _("executive")
    if person.pk in works:
        return _("works on it")
    return _("accountant") if person.is_accountant else _("sees it")

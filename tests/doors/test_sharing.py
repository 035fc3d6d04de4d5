"""A colleague is invited to one card and sees no other; the invitation taken back ends it at once (R-502)."""

from crm.cards.access import may_work
from crm.cards.models import Card
from crm.cards.verbs import share
from crm.pipelines.moves import open_card
from deals.models import Project
from leads.intake import receive

from .test_routes import signed_in

HTMX = {"HX-Request": "true"}


def test_invited_and_taken_back(cast):
    card = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    other = open_card(Project, by=cast.anna, owner=cast.anna, title="Другое")
    anna, pavel, to = signed_in(cast.anna), signed_in(cast.pavel), f"/cards/{card.pk}/shares/"
    dialog = anna.get(to, headers=HTMX).content.decode()
    assert "Павел Жуков" in dialog and "руководитель" in dialog and "ответственный" in dialog
    # Whose role sees no cards would see none with an invitation either.
    assert cast.admin.name not in dialog
    assert anna.post(to, {"person": cast.admin.pk, "work": "see"}, headers=HTMX).status_code == 422
    assert anna.post(to, {"person": "", "work": "see"}, headers=HTMX).status_code == 422
    assert anna.post(to, {"person": cast.gone.pk, "work": "see"}, headers=HTMX).status_code == 422
    assert pavel.get(card.get_absolute_url()).status_code == 404
    assert anna.post(to, {"person": cast.pavel.pk, "work": "see"}, headers=HTMX).status_code == 204
    assert pavel.get(card.get_absolute_url()).status_code == 200 and not may_work(cast.pavel, card)
    assert pavel.get(other.get_absolute_url()).status_code == 404
    assert pavel.post(to, {"person": cast.natalia.pk, "work": "see"}, headers=HTMX).status_code == 403
    assert anna.post(to, {"remove": cast.anna.pk}, headers=HTMX).status_code == 403
    assert anna.post(to, {"remove": "x"}, headers=HTMX).status_code == 403
    assert anna.post(to, {"remove": cast.pavel.pk}, headers=HTMX).status_code == 204
    assert pavel.get(card.get_absolute_url()).status_code == 404
    feed = anna.get(card.get_absolute_url()).content.decode()
    assert "Кто видит карточку" in feed and feed.count("Павел Жуков") >= 2
    anna.post(to, {"person": cast.pavel.pk, "work": "work"}, headers=HTMX)
    assert may_work(cast.pavel, Card.objects.get(pk=card.pk))


def test_who_distributes_leads_gives_away_no_deal_they_were_invited_to(cast):
    cast.pavel.distributes_leads = True
    cast.pavel.save()
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Дом")
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Лид")
    pavel = signed_in(cast.pavel)
    for card, status, owner in ((deal, 403, cast.anna), (lead, 204, cast.pavel)):
        share(card, cast.pavel, cast.anna, work=True)
        assert pavel.post(f"/cards/{card.pk}/owners/", {"owner": cast.pavel.pk}, headers=HTMX).status_code == status
        assert Card.objects.get(pk=card.pk).owner == owner

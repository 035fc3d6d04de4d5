"""Whoever becomes responsible for a card hears of it, whatever kind of card it is (R-015, R-104)."""

from crm.cards.verbs import hand_over
from crm.notifications.models import Notice
from crm.pipelines.moves import open_card
from deals.models import Project
from expenses.verbs import register
from leads.intake import receive


def test_a_new_owner_is_told_of_any_card(cast):
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    expense = register(cast.anna, title="Стулья", amount=10)
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Звонок", phone="")
    for card in (deal, expense, lead):
        hand_over(card, cast.pavel, cast.irina)
    told = Notice.objects.filter(user=cast.pavel, kind="assigned").values_list("card_id", flat=True)
    assert set(told) == {deal.pk, expense.pk, lead.pk} and not Notice.objects.filter(user=cast.irina).exists()
    hand_over(deal, cast.irina, cast.irina)
    assert not Notice.objects.filter(user=cast.irina, kind="assigned").exists(), "not of one's own act"

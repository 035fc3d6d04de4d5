"""An expense tells no more of its deal than its reader may see (R-015, R-304)."""

from datetime import date

from crm.cards.verbs import change
from crm.pipelines.moves import open_card, take
from deals.models import Deal, Project


def test_a_deal_that_is_not_seen_is_not_named_in_the_feed(cast, expense, client):
    other = open_card(Project, by=cast.pavel, owner=cast.pavel, title="Яхта адмирала")
    change(expense, {"deal": Deal.objects.get(pk=other.pk)}, cast.irina)
    client.force_login(cast.anna)
    page = client.get(expense.get_absolute_url()).content.decode()
    assert other.number in page and "Яхта" not in page


def test_a_moved_due_date_reads_as_a_day(cast, expense, client):
    change(expense, {"due_on": date(2026, 12, 3)}, cast.anna)
    client.force_login(cast.anna)
    page = client.get(expense.get_absolute_url()).content.decode()
    assert "1 дек → 3 дек" in page.replace("\xa0", " ")


def test_a_return_is_confirmed_by_its_own_word(cast, expense, client):
    take(expense, "send", cast.anna)
    client.force_login(cast.irina)
    asked = client.post(f"/cards/{expense.pk}/moves/", {"to": "documents"})
    page = asked.content.decode()
    assert asked.status_code == 422 and "Вернуть автору" in page and "Вернуть карточку" not in page

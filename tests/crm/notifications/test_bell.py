"""The bell: by days, read one by one or all, deciding right there, never of what is not seen."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.cards.verbs import hand_over
from crm.notifications.models import Notice
from crm.notifications.notices import notify, word
from expenses.models import Decision
from tests.doors.world import signed_in

pytestmark = pytest.mark.django_db


def tell(user, card, days=0, kind="assigned", **data):
    """A notice of so many days ago."""
    return Notice.objects.create(
        user=user, card_id=card and card.pk, kind=kind, data=data, at=timezone.now() - timedelta(days=days)
    )


def bell(client):
    return client.get("/notices/bell/", headers={"HX-Request": "true"}).content.decode()


def test_grouped_by_day(cast, deal):
    for days in (0, 0, 1, 9):
        tell(cast.anna, deal, days)
    text = signed_in(cast.anna).get("/notices/").content.decode()
    assert text.count("notices__day") == 3 and "Сегодня" in text


def test_each_names_its_card_once(cast, deal):
    """Whoever reads «Overdue: Approve the payment» has to know of which card (R-005); a file of leads is no card."""
    title, task = deal.title, {"title": "Утвердить оплату"}
    told = [tell(cast.anna, deal, kind="mention", who="Мария"), tell(cast.anna, deal, kind="late", **task)]
    held = [tell(cast.anna, deal), tell(cast.anna, deal, kind="task", title=f"Позвонить: {title}")]
    assert [word(row) for row in told] == [
        f"Мария зовёт вас в чат · {title}, {deal.number}", f"Просрочено: Утвердить оплату · {title}, {deal.number}",
    ]  # fmt: skip
    assert [word(row).count(title) for row in held] == [1, 1]
    assert title not in word(tell(cast.anna, deal, kind="leads-imported", count=2))
    text = signed_in(cast.anna).get("/notices/").content.decode()
    assert word(told[0]) in text and "1\u2009000" in text


def test_read_one_then_all(cast, deal):
    first, _second = tell(cast.anna, deal), tell(cast.anna, deal)
    anna = signed_in(cast.anna)
    assert 'count--ink">2' in bell(anna)
    answer = anna.post(f"/notices/{first.pk}/read/", headers={"HX-Request": "true"})
    assert answer.status_code == 204 and "notices-read" in answer["HX-Trigger"]
    assert 'count--ink">1' in bell(anna)
    anna.post("/notices/read/")
    assert "count" not in bell(anna)
    assert signed_in(cast.pavel).post(f"/notices/{first.pk}/read/").status_code == 404


def test_opening_the_card_reads_its_notices_and_no_others(cast, deal, expense):
    mine, other, his = tell(cast.anna, deal), tell(cast.anna, expense), tell(cast.irina, deal)
    anna = signed_in(cast.anna)
    page = anna.get(deal.get_absolute_url()).content.decode()
    assert f'hx-post="/notices/of/{deal.pk}/read/"' in page
    assert Notice.objects.get(pk=mine.pk).read_at is None, "looking writes nothing"
    assert anna.post(f"/notices/of/{deal.pk}/read/").status_code == 204
    for row in (mine, other, his):
        row.refresh_from_db()
    assert mine.read_at and other.read_at is None and his.read_at is None


def test_other_tabs_hear_of_it(cast, deal, django_capture_on_commit_callbacks):
    tell(cast.anna, deal)
    with django_capture_on_commit_callbacks() as told:
        signed_in(cast.anna).post("/notices/read/")
    assert len(told) == 1
    with django_capture_on_commit_callbacks() as told:
        signed_in(cast.anna).post("/notices/read/")
    assert not told, "nothing was unread"


def test_notices_without_a_card_lead_to_their_page(cast):
    for user, place in ((cast.irina, "/control/"), (cast.anna, "/day/")):
        row = tell(user, None, kind="digest", count=3)
        client = signed_in(user)
        assert f'href="{place}"' in client.get("/notices/").content.decode()
        answer = client.post(f"/notices/{row.pk}/read/", {"go": "1"}, headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == place


def test_pages_of_fifty(cast, deal):
    for n in range(120):
        tell(cast.anna, deal, n / 24)
    anna = signed_in(cast.anna)
    counts = [anna.get(f"/notices/?page={n}").content.decode().count('id="notice-') for n in (1, 2, 3, 4)]
    assert counts == [50, 50, 20, 0]
    assert anna.get("/notices/?page=x").status_code == anna.get("/notices/?page=99999999999").status_code == 200


def test_what_is_seen_no_more_is_not_there(cast, deal):
    tell(cast.anna, deal)
    hand_over(deal, cast.pavel, cast.irina)
    anna = signed_in(cast.anna)
    assert deal.title not in anna.get("/notices/").content.decode() and "count" not in bell(anna)


def test_approve_from_the_notice(cast, expense):
    """The newest notice of a waiting expense has both buttons, for those alone who may decide."""
    Notice.objects.filter(card=expense.pk).update(at=timezone.now() - timedelta(minutes=1))
    irina = signed_in(cast.irina)
    text = irina.get("/notices/").content.decode()
    assert text.count(f'hx-post="/cards/{expense.pk}/moves/"') == 2
    assert "Утвердить" in text and "Вернуть автору" in text
    expense.refresh_from_db()
    asked = irina.post(
        f"/cards/{expense.pk}/moves/", {"step": "give_back", "version": expense.version}, headers={"HX-Request": "true"}
    )
    assert asked.status_code == 422 and "remark" in asked.content.decode()
    assert irina.post(f"/cards/{expense.pk}/moves/", {"step": "approve", "version": expense.version}).status_code == 200
    assert Decision.objects.get(expense=expense.pk).by == cast.irina
    text = irina.get("/notices/").content.decode()
    assert "/moves/" not in text
    unread = Notice.objects.filter(card=expense.pk, kind="approve-expense").unread()
    assert not unread.exists(), "nobody else has to look at it any more"


def test_as_many_queries_for_thirty_as_for_one(cast, deal, expense, django_assert_num_queries):
    Notice.objects.all().update(at=timezone.now())
    irina = signed_in(cast.irina)
    tell(cast.irina, deal, kind="paid", deal=deal.pk)
    irina.get("/notices/")
    with CaptureQueriesContext(connection) as one:
        irina.get("/notices/")
    for _n in range(30):
        tell(cast.irina, expense, kind="approve-expense")
        tell(cast.irina, deal, kind="paid", deal=deal.pk)
    with django_assert_num_queries(len(one)):
        irina.get("/notices/")


def test_never_the_one_who_did_it(cast, deal):
    assert notify([cast.anna.pk], deal, "assigned", by=cast.anna) == []

"""A deal goes to another pipeline with all it has (R-021, R-113)."""

from uuid import uuid4

import pytest
from django.test import Client

from crm.activities.models import Task
from crm.cards.models import Event
from crm.cards.verbs import change
from crm.pipelines.moves import Refused, open_card, take, transfer
from crm.pipelines.undo import undo
from deals.models import Attraction, Deal, Project
from leads.intake import receive


@pytest.fixture
def deal(cast):
    return open_card(Attraction, by=cast.anna, owner=cast.anna, title="Клиника")


@pytest.fixture
def anna(cast):
    client = Client()
    client.force_login(cast.anna, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_deal_goes_to_the_first_stage_of_another_pipeline(cast, deal):
    take(deal, "find", cast.anna)
    task, key = Task.objects.get(rule="strategy-meeting"), uuid4()
    event = transfer(deal, "project", "new", cast.anna, key=key)
    moved = Deal.objects.get()
    assert (moved.pipeline, moved.stage, moved.room.pk, moved.entry) == ("project", "new", deal.room.pk, 3)
    task.refresh_from_db()
    assert task.state == Task.State.AUTO, "the question of the stage left is no longer asked"
    assert transfer(moved, "project", "new", cast.anna, key=key).pk == event.pk
    take(moved.as_kind(), "clarify", cast.anna)
    assert Task.objects.filter(rule="clarify-request").count() == 1


def test_it_goes_on_to_a_stage_that_asks(cast, deal, anna):
    address = f"/deals/{deal.pk}/transfers/"
    form = anna.get(address, headers={"HX-Request": "true"}).content.decode()
    assert (
        "Поступило ТЗ" in form and "project offer" in form and "reminder late" not in form and "attraction" not in form
    )
    post = {"goal": "project offer", "version": Deal.objects.get().version, "key": uuid4()}
    asked = anna.post(address, post, headers={"HX-Request": "true"})
    assert asked.status_code == 422 and "Какой процесс запустить?" in asked.content.decode()
    assert Deal.objects.get().pipeline == "attraction", "nothing moved while answers are missing"
    post |= {"answering": "project offer", "processes": ["offer-prices"]}
    assert anna.post(address, post, headers={"HX-Request": "true"})["HX-Redirect"] == f"/deals/{deal.pk}/"
    assert (Deal.objects.get().pipeline, Deal.objects.get().stage) == ("project", "offer")
    feed = anna.get(f"/deals/{deal.pk}/").content.decode()
    assert "перенос из «Процесс работы по привлечению клиентов: Новые»" in feed and "Подготовка предложения" in feed


@pytest.mark.parametrize(("slug", "stage"), [("leads", "new"), ("attraction", "new"), ("none", "x"), ("project", "x")])
def test_nowhere_else(cast, deal, slug, stage):
    with pytest.raises(Refused):
        transfer(deal, slug, stage, cast.anna)


def test_a_stranger_and_a_late_one_transfer_nothing(cast, deal):
    with pytest.raises(Refused):
        transfer(deal, "project", "new", cast.pavel)
    before = take(deal, "find", cast.irina)
    with pytest.raises(Refused):
        transfer(deal, "project", "new", cast.anna, version=1)
    transfer(deal, "project", "new", cast.anna)
    with pytest.raises(Refused):
        undo(before, cast.irina)
    assert Event.objects.filter(kind="transferred").count() == 1
    assert Project.objects.filter(pipeline="project").count() == 1


def test_an_answer_changed_later_offers_the_other_pipeline(cast, anna):
    """R-113: the deal stays where it is until somebody says so."""
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Лобби", phone="8 921 555-14-08")
    take(lead, "discuss", cast.anna, {"source": "referral", "may_refer": "yes"})
    take(lead, "convert", cast.anna, {"has_brief": "no"})
    made = Deal.objects.get()
    assert "Перенести сделку" not in anna.get(f"/leads/{lead.pk}/").content.decode()
    change(lead, {"has_brief": True}, cast.anna)
    address = f"/deals/{made.pk}/transfers/?to=project"
    page = anna.get(f"/leads/{lead.pk}/").content.decode()
    assert "Перенести сделку в «Процесс работы менеджера проекта»" in page and f'href="{address}"' in page
    assert '<option value="project new" selected>' in anna.get(address).content.decode()
    assert Deal.objects.get().pipeline == "attraction"

"""Approving and returning from a letter: two clicks, one decision, nobody else (R-405, R-514)."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from crm.notifications import outbox
from crm.notifications.decisions import link
from crm.notifications.models import Outbox
from crm.people.models import Role
from crm.pipelines.moves import take
from expenses.models import Decision
from tests.doors.world import signed_in

pytestmark = pytest.mark.django_db


def path(address):
    return "/" + address.split("/", 3)[3]


def test_the_letter_leads_to_a_page_with_both_buttons(cast, expense, post_office):
    """Click in the letter, click on the page."""
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        while outbox.drain():
            pass
        letters = {to[0]: letter.get_content() for to, letter in post_office.letters}
        assert {cast.irina.email, cast.oleg.email} <= set(letters)
        links = [re.search(r"\S+/notices/decisions/\S+", letters[p.email])[0] for p in (cast.irina, cast.oleg)]
        assert links[0] != links[1]
        phone = Client(enforce_csrf_checks=True)
        page = phone.get(path(links[0]))
        text = page.content.decode()
        assert page.status_code == 200 and "no-store" in page["Cache-Control"]
        assert all(word in text for word in ("Столешницы", "Каменный двор", "Кварц", "Утвердить", "Вернуть автору"))
        assert not Decision.objects.exists(), "looking decides nothing"
        assert phone.post(path(links[0]), {"step": "approve"}).status_code == 403
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', text)[1]
        answer = phone.post(
            path(links[0]), {"step": "approve", "version": expense.version, "csrfmiddlewaretoken": token}
        )
        assert answer.status_code == 200
    decision = Decision.objects.get()
    assert (decision.by, decision.verdict) == (cast.irina, "approved")
    expense.refresh_from_db()
    assert expense.stage == "order"
    for address in links:
        assert Client().get(path(address)).status_code == 404, "one decision, for all who were asked"
    assert "_auth_user_id" not in phone.session, "the link signs nobody in"


def test_return_asks_why(cast, expense):
    address = path(link(cast.irina, expense))
    answer = Client().post(address, {"step": "give_back", "answering": "1", "remark": ""})
    assert answer.status_code == 422 and not Decision.objects.exists()
    answer = Client().post(address, {"step": "give_back", "answering": "1", "remark": "Нет счёта"})
    assert answer.status_code == 200 and Decision.objects.get().comment == "Нет счёта"


def test_the_same_form_twice_is_one_decision(cast, expense):
    address, key = path(link(cast.irina, expense)), "7c1f7a52-6f0f-4c86-9d4a-0b1f6f3a1d11"
    form = {"step": "approve", "version": expense.version, "key": key}
    assert [Client().post(address, form).status_code for _twice in range(2)] == [200, 404]
    assert Decision.objects.count() == 1


def test_no_other_step_and_no_other_card(cast, expense, deal):
    address = path(link(cast.irina, expense))
    for step in ("cancel", "withdraw", "settle", "", "delete"):
        assert Client().post(address, {"step": step}).status_code == 409
    assert Client().get(path(link(cast.irina, deal))).status_code == 200
    assert Client().post(path(link(cast.irina, deal)), {"step": "clarify"}).status_code == 409


def test_who_is_signed_in_as_another_has_no_use_of_it(cast, expense):
    address = path(link(cast.irina, expense))
    for other in (cast.oleg, cast.anna, cast.natalia):
        assert signed_in(other).get(address).status_code == 404
        assert signed_in(other).post(address, {"step": "approve"}).status_code == 404
    assert signed_in(cast.irina).get(address).status_code == 200
    assert not Decision.objects.exists()


def left(user):
    user.is_active = False
    user.save()


def demoted(user):
    user.roles = [Role.MANAGER]
    user.save()


@pytest.mark.parametrize("change", [left, demoted, lambda user: user.end_sessions()])
def test_it_ends_with_the_person_s_access(cast, expense, change):
    address = path(link(cast.irina, expense))
    change(cast.irina)
    assert Client().get(address).status_code == 404 and Client().post(address, {"step": "approve"}).status_code == 404


def test_it_ends_after_a_week_and_when_it_is_forged(cast, expense):
    address = path(link(cast.irina, expense))
    assert Client().get(address[:-2] + "x/").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert Client().get(address).status_code == 404


def test_a_manager_s_letter_has_no_such_link(cast, expense, post_office):
    take(expense, "give_back", cast.irina, {"remark": "Нет счёта"})
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        while outbox.drain():
            pass
    told = "".join(letter.get_content() for _to, letter in post_office.letters)
    assert "Нет счёта" in told and "/decisions/" not in told, "what is decided is not asked any more"
    assert not Outbox.objects.filter(done_at=None).exists()

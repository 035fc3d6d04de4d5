"""Signing in, one's own profile, and the administrator's page of a person: invited, reset, deactivated, relieved (R-501)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from crm.activities import ical
from crm.activities.models import FeedKey
from crm.cards import handing, verbs
from crm.cards.models import Card
from crm.notifications.models import PushDevice, TelegramLink
from crm.people.forms import ProfileForm
from crm.people.models import Role, User
from crm.pipelines.moves import open_card
from deals.models import Project
from files.dav import keys
from files.models import DavKey
from tests.doors.world import signed_in

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/"


def text(answer):
    return answer.content.decode()


def value_of(name, page):
    return re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)[1]


@pytest.mark.parametrize(
    ("mail", "password"),
    [
        ("anna@snag.example", "wrong"),
        ("nobody@snag.example", "drafting-table"),
        ("gone@snag.example", "drafting-table"),
    ],
)
def test_a_failed_sign_in_keeps_the_mail_and_tells_nothing(cast, mail, password):
    answer = Client().post(SIGN_IN, {"username": mail, "password": password})
    assert answer.status_code == 422
    assert value_of("username", text(answer)) == mail
    assert password not in text(answer)
    said = re.findall(r'role="alert">(.*?)</p>', text(answer), re.S)
    assert len(said) == 1 and "Почта и пароль не подходят друг к другу." in said[0]


def test_too_many_wrong_passwords_are_told_to_wait(cast):
    client, known = Client(), {"username": "anna@snag.example", "password": "wrong"}
    for _attempt in range(8):
        answer = client.post(SIGN_IN, known)
    assert answer.status_code == 429
    assert value_of("username", text(answer)) == "anna@snag.example"
    assert "через четверть часа" in text(answer)
    assert client.post(SIGN_IN, known | {"password": "drafting-table"}).status_code == 429


def test_a_new_password_asks_for_the_old_one_and_ends_other_sessions(cast):
    here, there = signed_in(cast.anna), signed_in(cast.anna)
    form = {"name": "Анна Л.", "phone": "8 912 345-67-89", "language": "ru", "password": "chosen-by-anna"}
    answer = here.post("/profile/", form | {"current": "not this"})
    assert answer.status_code == 422 and "Это не тот пароль" in text(answer)
    assert value_of("name", text(answer)) == "Анна Л."
    cast.anna.refresh_from_db()
    assert cast.anna.name == "Анна Лебедева" and cast.anna.check_password("drafting-table")

    assert here.post("/profile/", form | {"current": "drafting-table"}).status_code == 303
    cast.anna.refresh_from_db()
    assert cast.anna.name == "Анна Л." and cast.anna.check_password("chosen-by-anna")
    assert here.get("/profile/").status_code == 200
    assert there.get("/profile/").status_code == 302


def test_language_and_theme_are_ones_own(cast):
    client = signed_in(cast.anna)
    client.post("/profile/", {"name": "Анна", "language": "en", "theme": "dark"})
    page = text(client.get("/profile/"))
    assert 'lang="en"' in page and 'data-theme="dark"' in page
    client.post("/profile/", {"name": "Анна", "language": "ru", "theme": ""})
    assert "data-theme" not in text(client.get("/profile/")).partition("<head>")[0]


def test_who_is_invited_chooses_the_password_at_a_link(cast):
    admin = signed_in(cast.admin)
    form = {"name": "Вера Новая", "email": "Vera@Snag.Example", "roles": ["manager"], "is_active": "on"}
    page = text(admin.get(admin.post("/people/new/", form).headers["Location"]))
    vera = User.objects.get(email="vera@snag.example")
    assert vera.roles == [Role.MANAGER] and not vera.has_usable_password()
    assert "приглашён" in text(admin.get("/people/"))
    path = re.search(r'id="link"[^>]*value="https?://[^/]+(/[^"]+)"', page)[1]
    guest = Client()
    at = guest.get(path, follow=True).request["PATH_INFO"]
    assert guest.post(at, {"new_password1": "chosen-by-vera", "new_password2": "chosen-by-vera"}).status_code == 302
    assert guest.post(SIGN_IN, {"username": "vera@snag.example", "password": "chosen-by-vera"}).status_code == 302
    assert 'id="link"' not in text(admin.get(reverse("people:person", args=[vera.pk])))


def test_a_password_by_link_ends_the_old_one_and_every_session(cast):
    anna, admin = signed_in(cast.anna), signed_in(cast.admin)
    page = admin.get(admin.post(f"/people/{cast.anna.pk}/invitations/").headers["Location"])
    assert 'id="link"' in text(page)
    assert anna.get("/profile/").status_code == 302
    sign_in = Client().post(SIGN_IN, {"username": "anna@snag.example", "password": "drafting-table"})
    assert sign_in.status_code == 422
    admin.post(f"/people/{cast.admin.pk}/invitations/")
    cast.admin.refresh_from_db()
    assert cast.admin.has_usable_password(), "nobody locks themselves out"


def person_form(user, **more):
    return {"name": user.name, "email": user.email, "roles": user.roles, "is_active": "on"} | more


def test_two_administrators_do_not_overwrite_each_other(cast):
    admin, at = signed_in(cast.admin), reverse("people:person", args=[cast.anna.pk])
    seen = value_of("seen", text(admin.get(at)))
    assert admin.post(at, person_form(cast.anna, seen=seen, position="Дизайнер")).status_code == 303
    answer = admin.post(at, person_form(cast.anna, seen=seen, phone="123"))
    assert answer.status_code == 422 and "тем временем изменили" in text(answer)
    assert value_of("phone", text(answer)) == "123"
    cast.anna.refresh_from_db()
    assert (cast.anna.position, cast.anna.phone) == ("Дизайнер", "")
    again = value_of("seen", text(answer))
    assert admin.post(at, person_form(cast.anna, seen=again, phone="123", position="Дизайнер")).status_code == 303


def test_who_leaves_is_out_at_once_and_their_cards_are_handed_over_together(cast):
    cards = [open_card(Project, by=cast.anna, owner=cast.anna, title=f"Лобби {n}") for n in range(3)]
    closed = cards.pop()
    Card.objects.filter(pk=closed.pk).update(closed_at="2026-11-01T12:00Z")
    anna, admin = signed_in(cast.anna), signed_in(cast.admin)
    gone = person_form(cast.anna)
    del gone["is_active"]
    assert admin.post(reverse("people:person", args=[cast.anna.pk]), gone).status_code == 303
    assert anna.get("/profile/").status_code == 302

    at = f"/people/{cast.anna.pk}/handovers/"
    page = text(admin.get(at, headers={"HX-Request": "true"}))
    assert "больше не работает" in page and ">2<" in page and "Лобби" not in page
    assert str(cast.gone.name) not in page
    answer = admin.post(at, {"to": cast.gone.pk}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "Павел Жуков: 2 карточки" in text(admin.post(at, {"to": cast.pavel.pk}, headers={"HX-Request": "true"}))
    assert set(Card.objects.filter(owner=cast.pavel)) == {Card.objects.get(pk=c.pk) for c in cards}
    assert Card.objects.get(pk=closed.pk).owner == cast.anna
    assert signed_in(cast.pavel).get(cards[0].get_absolute_url()).status_code == 200
    again = text(admin.post(at, {"to": cast.pavel.pk}, headers={"HX-Request": "true"}))
    assert "Павел Жуков: 0 карточек" in again and "Открытых карточек нет" in again


def test_a_profile_saved_at_that_moment_brings_nobody_back(cast):
    form = ProfileForm({"name": "Анна", "language": "ru"}, instance=User.objects.get(pk=cast.anna.pk))
    assert form.is_valid()
    User.objects.filter(pk=cast.anna.pk).update(is_active=False, roles=[], epoch=7)
    form.save()
    anna = User.objects.get(pk=cast.anna.pk)
    assert (anna.name, anna.is_active, anna.roles, anna.epoch) == ("Анна", False, [], 7)


def test_a_card_given_to_somebody_else_meanwhile_is_left_to_them(cast, monkeypatch):
    """Handing over hundreds takes a while, and others go on working."""
    first, last = (open_card(Project, by=cast.anna, owner=cast.anna, title=f"Лобби {n}") for n in range(2))

    def hand_over(card, *args, **more):
        if card.pk == first.pk:
            verbs.hand_over(last, cast.irina, cast.irina)
        return verbs.hand_over(card, *args, **more)

    monkeypatch.setattr(handing, "hand_over", hand_over)
    assert handing.hand_all_over(cast.anna, cast.pavel, cast.oleg) == 1
    assert [Card.objects.get(pk=card.pk).owner for card in (first, last)] == [cast.pavel, cast.irina]


def ways_in(user):
    return [m.objects.filter(user=user).exists() for m in (DavKey, FeedKey, PushDevice, TelegramLink)]


@pytest.mark.parametrize("how", ["own password", "password taken away", "leaves"])
def test_who_is_shut_out_has_no_other_way_in(cast, how):
    for user in (cast.anna, cast.pavel):
        keys.new_secret(user)
        ical.new_secret(user)
        PushDevice.objects.create(user=user, endpoint=f"https://push.example/{user.pk}", p256dh="k", auth="a", name="x")
        TelegramLink.objects.create(user=user, chat=user.pk)
    admin = signed_in(cast.admin)
    at, form = reverse("people:person", args=[cast.anna.pk]), person_form(cast.anna)
    assert admin.post(at, form | {"roles": ["manager", "accountant"]}).status_code == 303
    assert ways_in(cast.anna) == [True] * 4, "another role asks its rights afresh everywhere"
    if how == "own password":
        anna = signed_in(User.objects.get(pk=cast.anna.pk))
        mine = {"name": "Анна", "language": "ru", "current": "drafting-table", "password": "chosen-by-anna"}
        assert anna.post("/profile/", mine).status_code == 303
    elif how == "leaves":
        del form["is_active"]
        assert admin.post(at, form).status_code == 303
        assert admin.post(at, person_form(cast.anna)).status_code == 303, "and is back"
    else:
        admin.post(f"/people/{cast.anna.pk}/invitations/")
    assert ways_in(cast.anna) == [False] * 4 and ways_in(cast.pavel) == [True] * 4


def test_wrong_passwords_are_counted_however_the_address_is_spelled(client, cast, settings):
    wrong = {"username": cast.anna.email, "password": "wrong"}
    for _n in range(settings.AXES_FAILURE_LIMIT + 1):
        answer = client.post("/sign-in/", wrong)
    assert answer.status_code == 429
    right = {"username": cast.anna.email.upper(), "password": "drafting-table"}
    assert client.post("/sign-in/", right).status_code == 429

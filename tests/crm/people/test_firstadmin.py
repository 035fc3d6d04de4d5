"""The first administrator: asked at a terminal, or given a link that is good once."""

import re

import pytest
from django.core.management import CommandError, call_command

from crm.management.commands import firstadmin
from crm.people.models import Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(monkeypatch, capsys):
    """What the command prints for `CRM_ADMIN_EMAIL`, as a path."""

    def ask(email="Anna@Example.ru"):
        monkeypatch.setenv("CRM_ADMIN_EMAIL", email)
        call_command("firstadmin")
        return re.search(r"https?://[^/]+(/\S+)", capsys.readouterr().out)[1]

    return ask


def choose(client, path, password):
    page = client.get(path, follow=True)
    return client.post(page.request["PATH_INFO"], {"new_password1": password, "new_password2": password})


def test_the_link_lets_choose_the_password_once(client, link):
    path = link()
    assert choose(client, path, "short").status_code == 422
    assert choose(client, path, "chosen-by-anna").status_code == 302
    anna = User.objects.get()
    assert anna.email == "anna@example.ru"
    assert anna.roles == [Role.ADMINISTRATOR]
    assert anna.check_password("chosen-by-anna")
    again = client.get(path, follow=True)
    assert "new_password1" not in again.content.decode()


def test_a_lost_link_is_given_again_until_it_is_used(client, link):
    link()
    assert choose(client, link(), "chosen-by-anna").status_code == 302
    assert User.objects.count() == 1
    with pytest.raises(CommandError, match="has an administrator already"):
        link()


def test_nobody_else_becomes_the_first(link):
    link()
    with pytest.raises(CommandError, match="has an administrator already"):
        link("boris@example.ru")


@pytest.mark.parametrize("email", ["no-address", "a" * 300 + "@example.ru"])
def test_a_wrong_address_creates_nobody(link, email):
    with pytest.raises(CommandError, match="Nobody was created"):
        link(email)
    assert not User.objects.exists()


@pytest.fixture
def terminal(monkeypatch):
    """Somebody at a terminal who answers these."""
    monkeypatch.delenv("CRM_ADMIN_EMAIL", raising=False)

    def answer(name, email, *passwords):
        typed, secret = iter([name, email]), iter(passwords)
        monkeypatch.setattr(firstadmin.sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda _prompt: next(typed))
        monkeypatch.setattr(firstadmin, "getpass", lambda _prompt: next(secret))
        call_command("firstadmin")

    return answer


def test_a_person_at_the_terminal_is_asked(terminal):
    terminal("Анна Лебедева", "anna@example.ru", "chosen-by-anna", "chosen-by-anna")
    anna = User.objects.get()
    assert anna.name == "Анна Лебедева"
    assert anna.check_password("chosen-by-anna")


@pytest.mark.parametrize(
    ("passwords", "why"), [(["one-password", "another-one"], "differ"), (["123", "123"], "Nobody")]
)
def test_a_password_that_will_not_do_creates_nobody(terminal, passwords, why):
    with pytest.raises(CommandError, match=why):
        terminal("Анна", "anna@example.ru", *passwords)
    assert not User.objects.exists()


def test_with_nobody_to_ask_it_says_what_to_do(monkeypatch):
    monkeypatch.delenv("CRM_ADMIN_EMAIL", raising=False)
    monkeypatch.setattr(firstadmin.sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(CommandError, match="CRM_ADMIN_EMAIL"):
        call_command("firstadmin")

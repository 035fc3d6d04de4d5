"""Every route has an expectation: who may come in at all, and that a stranger finds nothing behind it (R-015)."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from crm.activities.models import Task
from crm.activities.verbs import add
from crm.clients.models import Company, Contact
from crm.pipelines.moves import open_card, take
from deals.models import Project
from expenses.verbs import register
from leads.intake import receive

PUBLIC = {"healthz", "readyz", "people:sign_in", "people:sign_out", "people:set_password"}
# Pages without a record: everybody signed in, or only some, may open them; they hold nothing of others.
SHARED = {
    "home", "create", "search", "notices", "notices_read", "people:profile", "people:list", "people:new", "people:person",
    "boards:board", "boards:list", "boards:column", "clients:list", "clients:new_company", "clients:new_contact",
    "clients:duplicates", "leads:new", "deals:new", "expenses:new",
}  # fmt: skip
SECRET = "Тайна-7391"


def routes(resolver=None, space=""):
    """Every named route as namespace:name."""
    for entry in (resolver or get_resolver()).url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from routes(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
        else:
            yield f"{space}{entry.name}"


@pytest.fixture
def world(cast):
    anna = cast.anna
    company = Company.objects.create(name=f"{SECRET} компания", owner=anna)
    contact = Contact.objects.create(name=f"{SECRET} контакт", owner=anna, company=company)
    company.refresh_words()
    contact.refresh_words()
    lead = receive("phone", by=anna, owner=anna, title=f"{SECRET} лид", phone="+7 921 555-14-08")
    deal = open_card(Project, by=anna, owner=anna, title=f"{SECRET} сделка", company=company, amount=739173917)
    expense = register(anna, title=f"{SECRET} расход", deal=deal, company=company, amount=739100)
    event = take(deal, "clarify", anna)
    task = add(deal, anna, title=f"{SECRET} дело", due_at=event.at)
    check = Task.objects.get(rule="clarify-request").checks.first()
    folder = deal.folders.first()
    cast.args = {
        "leads:card": [lead.pk], "deals:card": [deal.pk], "deals:edit": [deal.pk], "leads:edit": [lead.pk],
        "expenses:card": [expense.pk], "expenses:edit": [expense.pk], "expenses:payments": [expense.pk],
        "expenses:parts": [expense.pk], "activities:tasks": [deal.pk], "activities:completions": [task.pk],
        "activities:checks": [check.pk], "activities:dates": [task.pk], "activities:reopenings": [task.pk],
        "cards:moves": [deal.pk], "cards:touches": [deal.pk], "cards:notes": [deal.pk],
        "cards:owners": [deal.pk], "cards:undos": [event.pk], "chats:room": [deal.room.pk], "chats:messages": [deal.room.pk],
        "files:folder": [folder.pk], "clients:company": [company.pk], "clients:contact": [contact.pk],
        "clients:edit_company": [company.pk], "clients:edit_contact": [contact.pk], "boards:card": ["project", deal.pk],
    }  # fmt: skip
    cast.deal = deal
    return cast


def signed_in(user):
    client = Client(raise_request_exception=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_every_route_is_declared(world):
    known = PUBLIC | SHARED | set(world.args)
    assert set(routes()) <= known, set(routes()) - known


def test_nobody_comes_in_unsigned(world):
    for name in set(routes()) & set(world.args):
        answer = Client().get(reverse(name, args=world.args[name]))
        assert answer.status_code == 302 and reverse("people:sign_in") in answer["Location"], name


def test_a_stranger_finds_nothing(world):
    for who in (world.pavel, world.admin):
        client = signed_in(who)
        for name in set(routes()) & set(world.args):
            address = reverse(name, args=world.args[name])
            for answer in (client.get(address), client.post(address, {"text": "x", "to": "offer", "title": "x"})):
                assert answer.status_code in (404, 405), (name, who, answer.status_code)
                assert SECRET not in answer.content.decode()


def test_the_owner_finds_it(world):
    client = signed_in(world.anna)
    for name in (
        "leads:card",
        "deals:card",
        "expenses:card",
        "clients:company",
        "clients:contact",
        "files:folder",
        "chats:room",
    ):
        answer = client.get(reverse(name, args=world.args[name]))
        assert answer.status_code == 200 and SECRET in answer.content.decode(), name


@pytest.mark.parametrize("slug", ["leads", "attraction", "reminder", "project", "expenses"])
def test_shared_pages_hold_nothing_of_others(world, slug):
    client = signed_in(world.pavel)
    pages = [reverse("boards:board", args=[slug]), reverse("boards:list", args=[slug])]
    pages += [reverse(n) for n in ("clients:list", "notices", "leads:new", "expenses:new")]
    pages += [reverse("deals:new", args=["project"]), reverse("search") + f"?q={SECRET[:5]}"]
    for address in pages:
        answer = client.get(address)
        text = answer.content.decode()
        assert answer.status_code == 200 and SECRET not in text and "739" not in text.replace("\u2009", ""), address
    own = signed_in(world.anna).get(reverse("search") + f"?q={SECRET[:5]}").content.decode()
    assert SECRET in own


def test_deactivated_person_is_out_at_once(world):
    client = signed_in(world.anna)
    address = reverse("deals:card", args=[world.deal.pk])
    assert client.get(address).status_code == 200
    world.anna.is_active = False
    world.anna.save()
    world.anna.end_sessions()
    assert client.get(address).status_code == 302

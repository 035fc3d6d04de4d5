"""One's own record with another's id in the form or the query: nothing is linked, moved, shown or written (R-015)."""

import re
from functools import cache

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.urls import reverse

from .test_routes import OPEN, address
from .world import text_of, undone, visit

pytestmark = pytest.mark.django_db

OURS = {"cards", "clients", "activities", "notifications", "chats", "files", "deals", "leads", "expenses"}
# Names under which a form might take an id without a relation of that name.
ALIASES = {
    "card": "deal", "client": "company", "id": "deal", "pk": "deal", "ids": "deal", "target": "private_deal",
    "source_card": "deal", "event": "event", "check": "check", "lead": "lead", "expense": "expense", "to": "deal",
    "split_of": "expense", "new_owner": "user", "person": "user",
}  # fmt: skip


@cache
def models():
    return [m for m in apps.get_models() if m._meta.app_label in OURS and m._meta.managed and not m._meta.proxy]


def relations():
    """(model, field) of every foreign key between the records of managers."""
    for model in models():
        for field in model._meta.local_concrete_fields:
            if field.is_relation and field.related_model is not get_user_model() and field.related_model in models():
                yield model, field


def foreign(theirs):
    """{form field name: A's id that it could carry}."""
    ids = {name: getattr(theirs, thing).pk for name, thing in ALIASES.items()}
    things = [thing for thing in vars(theirs).values() if hasattr(thing, "pk")]
    for _model, field in relations():
        fits = (thing.pk for thing in things if isinstance(thing, field.related_model))
        if (pk := next(fits, None)) is not None:
            ids[field.name] = pk
    return ids


def words(theirs):
    """Texts by which a form finds a client that is already there."""
    return {
        "payee": theirs.company.name, "firm": theirs.company.name, "company_name": theirs.company.name,
        "phone": theirs.contact.channels.first().value, "email": theirs.contact.channels.last().value,
    }  # fmt: skip


def fingerprint(theirs):
    """A hash of A's rows, and of how many rows anywhere point at them."""
    parts = []
    for model in models():
        key, table = model._meta.pk.column, model._meta.db_table
        parts.append(
            f"SELECT md5(string_agg(t::text, '|' ORDER BY {key})) FROM {table} t WHERE {key} <= {theirs.last[model]}"
        )
    for model, field in relations():
        last = theirs.last[field.related_model]
        parts.append(f"SELECT count(*)::text FROM {model._meta.db_table} WHERE {field.column} <= {last}")
    with connection.cursor() as cursor:
        numbered = (part.replace("SELECT ", f"SELECT {n}, ", 1) for n, part in enumerate(parts))
        cursor.execute(" UNION ALL ".join(f"({part})" for part in numbered))
        return sorted(cursor.fetchall())


def fields_of(world, door):
    """Names of the fields of the door's own form."""
    if door.expected("GET")["owner"] != "ok":
        return set()
    with undone():
        return set(re.findall(r'name="([\w-]+)"', text_of(visit(world, "other").get(address(door, world.b)))))


def attempts(world, door):
    """Forms of B's that carry something of A's: each field the form knows alone, all it should not know at once."""
    body, ids = door.body(world.b), foreign(world.a)
    known = (fields_of(world, door) | set(body)) & set(ids)
    yield {**{name: pk for name, pk in ids.items() if name not in known}, **body}
    for name in known:
        yield {**body, name: ids[name]}
    for name, text in words(world.a).items():
        yield {**body, name: text}


@pytest.mark.parametrize("door", [d for d in OPEN if d.expected("POST")["owner"] == "ok"], ids=str)
def test_a_form_with_anothers_ids_touches_nothing_of_theirs(world, door):
    before = fingerprint(world.a)
    for body in attempts(world, door):
        with undone():
            answer = visit(world, "other").post(address(door, world.b), body)
            seen = world.a.mint.found(text_of(answer)) - world.a.mint.found(str(body))
            assert not seen, (body, seen)
            assert fingerprint(world.a) == before, body


@pytest.mark.parametrize("door", [d for d in OPEN if d.expected("GET")["owner"] == "ok"], ids=str)
def test_a_query_with_anothers_ids_shows_nothing_of_theirs(world, door):
    a, place = world.a, address(door, world.b).partition("?")[0]
    ids = foreign(a)
    mark = a.mint.mark
    queries = [
        ids,
        *({name: mark} for name in ("q", "client", "person")),
        *({n: a.user.pk} for n in ("owner", "person")),
    ]
    queries += [
        {"client": ids["company"]},
        {"deal": ids["deal"]},
        {"sort": "company__account"},
        {"show": "contacts", "q": mark},
    ]
    for query in queries:
        with undone():
            answer = visit(world, "other").get(place, query)
            assert answer.status_code < 500 and not a.mint.found(text_of(answer)), query


@pytest.mark.parametrize("door", [d for d in OPEN if d.args and d.expected("GET")["owner"] == "ok"], ids=str)
def test_the_other_manager_is_as_alone(world, door):
    """The same doors the other way round: A finds nothing of B's, so the world is not lopsided."""
    if not any(hasattr(getattr(world.b, name, None), "pk") for name in door.args.split()):
        return
    with undone():
        answer = visit(world, "owner").get(address(door, world.b))
        assert answer.status_code == 404 and not world.b.mint.found(text_of(answer))


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_the_way_on_after_signing_in_stays_here(world, place):
    with undone():
        answer = visit(world, "other").get(reverse("people:sign_in"), {"next": place})
        assert answer.status_code == 302 and answer["Location"] == "/"


def test_a_phone_or_inn_of_another_says_only_who_answers(world):
    """The one thing that is told of an unseen client: who answers for it (G9)."""
    a = world.a
    asked = {"phone": a.contact.channels.first().value, "email": a.company.channels.last().value, "inn": a.company.inn}
    for name, value in asked.items():
        with undone():
            text = text_of(visit(world, "other").get(reverse("clients:duplicates"), {name: value}))
            assert a.user.name in text and not a.mint.found(text), name

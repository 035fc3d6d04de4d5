"""Another manager finds nothing by any address: every route, by every actor, as declared in matrix.py (R-015, R-502)."""

import pytest
from django.urls import get_resolver, reverse

from .canaries import plain
from .matrix import DOORS
from .world import ABSENT, ACTORS, MAY_SEE, signed_in, text_of, undone, visit, writes

pytestmark = pytest.mark.django_db

__all__ = ["signed_in"]  # for the neighbours


def routes(resolver=None, space=""):
    """Every route of the product as namespace:name."""
    for entry in (resolver or get_resolver()).url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from routes(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
        else:
            yield f"{space}{entry.name}"


THERE = set(routes())
OPEN = [door for door in DOORS if door.name in THERE]


def address(door, mine, absent=False):
    """The door's address for somebody's belongings, or the same with ids that nobody has."""
    found = [getattr(getattr(mine, name, None), "pk", name) for name in door.args.split()]
    args = [ABSENT if absent and isinstance(arg, int) else arg for arg in found]
    query = door.query.format(mark=mine.mint.mark)
    return reverse(door.name, args=args) + (f"?{query}" if query else "")


def has_record(door, mine):
    return any(hasattr(getattr(mine, name, None), "pk") for name in door.args.split())


def ask(world, door, method, actor, mine, absent=False):
    """One request in a savepoint; returns the answer and how many rows it wrote or tried to."""
    # A session that has ended is deleted as it is met.
    read_only = method == "GET" and not door.writes and actor != "demoted"
    with undone(read_only):
        before = 0 if read_only else writes()
        client, at = visit(world, actor), address(door, mine, absent)
        answer = client.get(at) if method == "GET" else client.post(at, door.body(mine))
        return answer, 0 if read_only else writes() - before


def word(answer):
    if answer.status_code in (302, 303) and answer["Location"].startswith(reverse("people:sign_in")):
        return "login"
    return "ok" if answer.status_code < 400 else str(answer.status_code)


def test_every_route_is_declared():
    assert THERE - {door.name for door in DOORS} == set(), "declare these routes in tests/doors/matrix.py"


def test_every_door_has_an_answer_for_every_actor():
    for door in DOORS:
        for method in ("GET", "POST"):
            assert set(door.expected(method)) == set(ACTORS) == set(MAY_SEE)


@pytest.mark.parametrize("door", OPEN, ids=str)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_door(world, door, method):
    expected = door.expected(method)
    for actor in ACTORS:
        answer, wrote = ask(world, door, method, actor, world.a)
        where, said = (str(door), method, actor), word(answer)
        assert said == expected[actor], (where, text_of(answer)[-2000:] if said == "422" else "")
        seen = world.a.mint.groups(text_of(answer))
        assert seen <= MAY_SEE[actor], (where, world.a.mint.found(text_of(answer)))
        if actor not in ("anonymous", "left", "demoted") and door.name not in ("healthz", "readyz"):
            assert "no-store" in answer["Cache-Control"], where
        if said != "ok" or (method == "GET" and not door.writes):
            assert wrote == 0, where
        if said == "ok" and method == "GET" and has_record(door, world.a) and door.shows:
            assert seen, (where, "was not really reached")
        if said not in ("login", "405") and has_record(door, world.a):
            gone, _wrote = ask(world, door, method, actor, world.a, absent=True)
            assert word(gone) == "404", (where, "absent")
            if said == "404":
                assert plain(gone) == plain(answer), (where, "absent and unseen differ")
    if method == "GET" and expected["owner"] == "ok":
        answer, _wrote = ask(world, door, method, "owner", world.a)
        missing = set(door.shows.split()) - world.a.mint.groups(text_of(answer))
        assert not missing, f"the owner does not read {missing}"


@pytest.mark.parametrize("door", [d for d in OPEN if d.expected("POST")["owner"] == "ok"], ids=str)
def test_every_form_needs_its_token(world, door):
    with undone():
        before = writes()
        answer = visit(world, "owner", strict=True).post(address(door, world.a), door.body(world.a))
        assert answer.status_code == 403 and writes() == before


@pytest.mark.parametrize("door", [d for d in OPEN if not d.name.startswith("people:s")], ids=str)
def test_no_other_method_is_answered(world, door):
    for method in ("put", "patch", "delete", "trace"):
        with undone():
            answer = getattr(visit(world, "owner"), method)(address(door, world.a))
            assert answer.status_code in (405, 404, 403), (method, answer.status_code)

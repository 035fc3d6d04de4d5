"""Whatever another manager has changes nothing that one sees: no count, sum, page number, suggestion or badge (R-015)."""

import time_machine
from django.utils import timezone

from leads.intake import receive
from tests.conftest import hire

from .canaries import plain
from .test_routes import OPEN, address
from .world import belongings, cookie, undone, visit

MORE = [
    "/boards/{slug}/?q=q", "/boards/{slug}/?client=q", "/boards/{slug}/?step=late", "/boards/{slug}/?mine=on",
    "/boards/{slug}/?since=2020-01-01&until=2030-01-01", "/boards/{slug}/list/?sort=title", "/boards/{slug}/list/?sort=-amount",
    "/boards/{slug}/list/?sort=owner", "/boards/{slug}/list/?page=2", "/clients/?q=q", "/clients/?page=2",
    "/clients/?show=contacts&page=2", "/search/?q=qj1", "/search/?q=7921", "/search/?q=сделка",
]  # fmt: skip
SLUGS = ("leads", "attraction", "reminder", "project", "expenses")


def answers(world, mine):
    """Everything that manager B can ask for without changing anything, by address."""
    doors = {address(door, mine) for door in OPEN if not door.name.startswith("office:")}
    more = {place.format(slug=slug) for place in MORE for slug in SLUGS}
    found = {}
    for place, headers in [(p, {}) for p in doors | more] + [(p, {"HX-Request": "true"}) for p in doors]:
        with undone():
            found[place, len(headers)] = plain(visit(world, "other").get(place, headers=headers))
    return found


class Seat:
    """What ``visit`` needs to know of one person."""

    def __init__(self, user):
        self.cookies = {"other": cookie(user)}


def test_a_hundred_records_of_another_make_no_difference(db):
    cast = hire()
    mine = belongings(cast.pavel, "qj", 59_393_339)
    seat = Seat(cast.pavel)
    with time_machine.travel(timezone.now(), tick=False):
        alone = answers(seat, mine)
        for n in range(6):
            belongings(cast.anna, "abcdef"[n] * 2, 73_939_133 + 10_000 * n)
        receive("mail", title="Никому ещё не отдан", email="free@snag.example")
        together = answers(seat, mine)
    assert len(alone) > 120
    for place, before in alone.items():
        assert together[place] == before, place

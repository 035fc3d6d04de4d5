"""What people do all day, each as the requests that it needs, with the goal it is measured against."""

from dataclasses import dataclass
from itertools import cycle

from crm.boards.views import DEALS

BOARDS = ("leads", *DEALS, "expenses")


@dataclass
class Act:
    """``do(turn)`` acts once and returns the answer; ``goal`` is (ms, statements) of docs/performance.md."""

    name: str
    do: object
    goal: tuple[float, int] | None = None
    grows: bool = False
    expects: int = 200


class Cards:
    """Ids of cards to act on, asked of the scratch database before the clock runs."""

    def __init__(self, line):
        self.line = line

    def ids(self, pipeline, *stages, owner=None, but=None, most=2000):
        """Ids of the pipeline's cards, the newest first; ``owner`` and ``but`` are mails of whose they are and are not."""
        rows = self.line.execute(
            "SELECT c.id FROM cards_card c LEFT JOIN people_user u ON u.id = c.owner_id WHERE c.pipeline = %(pipeline)s"
            " AND (%(stages)s::text[] = '{}' OR c.stage = ANY(%(stages)s)) AND (%(owner)s::text IS NULL OR u.email = %(owner)s)"
            " AND (%(but)s::text IS NULL OR u.email != %(but)s)"
            " ORDER BY c.stage_since DESC, c.id LIMIT %(most)s",
            {"pipeline": pipeline, "stages": list(stages), "owner": owner, "but": but, "most": most},
        )
        return [pk for (pk,) in rows.fetchall()]


def acts(executive, manager, who, cards):
    """Everything that is measured; ``executive`` and ``manager`` are signed-in clients, ``who`` the manager's mail."""
    found = [Act("an empty signed-in page", lambda turn: executive.get("/bench/empty/"))]
    for slug in BOARDS:
        for name, client in (("executive", executive), ("manager", manager)):
            found.append(Act(f"board {slug}, {name}", _opens(client, [f"/boards/{slug}/"]), (20, 8), slug == "project"))
    for name, client, owner in (("executive", executive, None), ("manager", manager, who)):
        for slug, path in (("project", "deals"), ("leads", "leads"), ("expenses", "expenses")):
            pages = [f"/{path}/{pk}/" for pk in cards.ids(slug, owner=owner, most=100)]
            found.append(Act(f"card of {slug}, {name}", _opens(client, pages), (12, 12), slug == "project"))
    found += [
        Act(
            "move, task planned, executive",
            _moves(executive, cards.ids("project", "new", "offer", "sent", but=who), "clarifying"),
            (8, 12),
            True,
        ),
        Act(
            "move, task planned, manager",
            _moves(manager, cards.ids("project", *BEFORE, owner=who), "clarifying"),
            (8, 12),
        ),
        Act("move, plain, executive", _swings(executive, cards.ids("project", "contract", most=80)), (8, 12), True),
    ]
    for name, client in (("executive", executive), ("manager", manager)):
        lists = [f"/boards/project/list/?q={word}" for word in WORDS]
        searches = [f"/search/?q={word}" for word in NAMES]
        found.append(Act(f"list with a text filter, {name}", _opens(client, lists), (10, 6), name == "executive"))
        found.append(Act(f"search by name, {name}", _opens(client, searches, True), (4, 4), name == "executive"))
    return found


# From these a project may come to «Уточнение запроса».
BEFORE = ("new", "offer", "sent", "contract", "supply")
# «Северная гавань» and its like; a list's filter finds hundreds, a search by name some.
WORDS = ("%D0%B3%D0%B0%D0%B2%D0%B0%D0%BD%D1%8C", "%D0%BE%D1%84%D0%B8%D1%81+%D0%BB%D0%B8%D0%BF%D0%BE%D0%B2%D0%B0%D1%8F")
NAMES = ("%D1%8F%D0%BD%D1%82%D0%B0%D1%80%D0%BD%D0%B0%D1%8F+12", "%D0%BB%D0%B5%D1%81%D0%BD%D0%B0%D1%8F+33", "client21")


def _opens(client, addresses, htmx=False):
    if not addresses:
        raise RuntimeError("There is nothing to open: take a bigger company.")
    return lambda turn: client.get(addresses[turn % len(addresses)], htmx)


def _moves(client, pks, to):
    """Each card once: moved again it would be refused."""

    def move(turn):
        if turn >= len(pks):
            raise RuntimeError(f"There are only {len(pks)} cards to move to «{to}»: take a bigger company.")
        return client.move(pks[turn], to)

    return move


def _swings(client, pks):
    """There and back between two stages, so that no number of turns uses the cards up."""
    places = cycle([(pk, to) for to in ("supply", "contract") for pk in pks])
    return lambda turn: client.move(*next(places))


def writers(client, pks, hands):
    """For each of so many hands a function that moves its own cards, there and back."""
    return [_swings(client.twin(), pks[hand::hands]) for hand in range(hands)]


def readers(client, hands):
    """For each of so many hands a function that opens the board of projects."""
    return [_opens(client.twin(), ["/boards/project/"]) for _hand in range(hands)]

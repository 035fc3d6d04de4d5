"""«Презентация компании» cards are marked warm and can be asked for alone (R-217)."""

from django.test import Client

from crm.cards.verbs import touch
from crm.pipelines.moves import open_card, take
from deals.models import Attraction


def test_warm_cards_are_marked_and_filtered(cast):
    warm, cold = (open_card(Attraction, by=cast.anna, owner=cast.anna, title=title) for title in ("Горячев", "Холодов"))
    for card in (warm, cold):
        take(card, "find", cast.anna)
    touch(warm, "call", cast.anna)
    anna = Client()
    anna.force_login(cast.anna, backend="django.contrib.auth.backends.ModelBackend")
    board = anna.get("/boards/attraction/").content.decode()
    assert board.count("тёплая, ") == 1 and "Горячев" in board and "Холодов" in board
    only = anna.get("/boards/attraction/?warm=1").content.decode()
    assert "Горячев" in only and "Холодов" not in only
    assert "?warm=1" in board and "?warm=1" not in anna.get("/boards/project/").content.decode()

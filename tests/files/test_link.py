"""The card's folder is a field of its own and one click away wherever the card is shown (R-261, R-262)."""

from expenses.verbs import register
from leads.intake import receive
from tests.doors.world import signed_in


def test_the_folder_is_a_field_of_every_card(deal, folder, cast):
    anna, lead = signed_in(cast.anna), receive("phone", by=cast.anna, owner=cast.anna, title="Лид")
    expense = register(cast.anna, title="Стулья")
    for card, path, name in (
        (deal, "deals", folder.name), (lead, "leads", "Папка"), (expense, "expenses", "Папка"),
    ):  # fmt: skip
        page = anna.get(f"/{path}/{card.pk}/").content.decode()
        assert f'<dt>Папка</dt><dd><a href="/files/of/{card.pk}/">{name}</a></dd>' in page, path


def test_board_list_and_comment_lead_to_it(deal, folder, cast, put):
    anna = signed_in(cast.anna)
    put()
    for path in ("/boards/project/", "/boards/project/list/"):
        assert f'href="/files/of/{deal.pk}/"' in anna.get(path).content.decode(), path
    assert deal.comment.endswith(folder.get_absolute_url())
    assert folder.get_absolute_url() in anna.get(f"/deals/{deal.pk}/").content.decode()

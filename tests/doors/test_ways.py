"""A card's folder and chat are one click away from the board (R-249, R-261)."""

from django.test import Client

from crm.pipelines.moves import open_card
from deals.models import Project


def test_board_leads_to_folder_and_chat(cast):
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    client = Client()
    client.force_login(cast.anna, backend="django.contrib.auth.backends.ModelBackend")
    board = client.get("/boards/project/").content.decode()
    for address, title in ((f"/files/of/{deal.pk}/", "Лобби"), (f"/chats/of/{deal.pk}/", "Лобби")):
        assert f'href="{address}"' in board
        page = client.get(address)
        assert page.status_code == 200 and title in page.content.decode()
    client.force_login(cast.pavel, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/files/of/{deal.pk}/").status_code == client.get(f"/chats/of/{deal.pk}/").status_code == 404

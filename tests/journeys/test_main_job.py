"""The main job in the browser: a lead is refused, answered, discussed, and becomes a deal; a colleague sees nothing of it."""

import pytest

from deals.models import Deal
from leads.intake import receive
from leads.models import Lead

pytestmark = pytest.mark.e2e


def move(page):
    """Walk to the card and ask where to: the keys that the page's list of keys names."""
    page.wait_for_selector("dialog[open]", state="detached")
    page.keyboard.press("j")
    page.keyboard.press("m")
    page.wait_for_selector("#dialog[open] [data-to]")


def test_a_lead_goes_from_the_board_to_a_deal(lasting_cast, enter, address):
    cast = lasting_cast
    lead = receive(
        "phone", by=cast.anna, owner=cast.anna, title="Мебель в лобби", person="Марина Орлова", phone="+7 921 555-14-08"
    )
    page = enter(cast.anna)
    page.goto(f"{address}/boards/leads/")
    move(page)
    page.locator("#dialog [data-to=discuss]").click()
    page.wait_for_selector("#dialog input[name=may_refer]")
    page.keyboard.press("Escape")
    page.wait_for_selector(f"#cards-new #card-{lead.pk}")
    assert Lead.objects.get().stage == "new"

    move(page)
    page.locator("#dialog [data-to=discuss]").click()
    page.wait_for_selector("#dialog input[name=may_refer]")
    page.locator("#dialog [name=source]").select_option("referral")
    page.locator("#dialog label:has(input[name=may_refer][value=yes])").click()
    page.locator("#dialog button[type=submit]").click()
    page.wait_for_selector(f"#cards-discuss #card-{lead.pk}")
    page.wait_for_selector("#toasts >> text=Отменить")

    move(page)
    page.locator("#dialog [data-to=deal]").click()
    page.locator("#dialog label:has(input[name=has_brief][value=no])").click()
    page.locator("#dialog button[type=submit]").click()
    page.wait_for_selector("dialog[open]", state="detached")
    page.wait_for_selector(f"#cards-deal #card-{lead.pk}")
    deal = Deal.objects.get()
    assert deal.pipeline == "attraction"
    page.goto(f"{address}/deals/{deal.pk}/")
    assert page.locator("h1").inner_text() == "Мебель в лобби"

    stranger = enter(cast.pavel)
    assert stranger.goto(f"{address}/deals/{deal.pk}/").status == 404
    stranger.goto(f"{address}/boards/attraction/")
    assert "Мебель" not in stranger.content()

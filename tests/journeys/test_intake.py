"""The intake in the browser: known people are told while typing, a file is imported, leads are given out (R-103, R-104)."""

import pytest

from crm.clients.models import Contact
from crm.clients.verbs import add_channels
from leads.intake import receive
from leads.models import Lead

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("alone", [True, False])
def test_a_known_contact_is_said_while_typing(lasting_cast, enter, address, alone):
    cast = lasting_cast
    contact = Contact.objects.create(name="Тайный клиент", owner=cast.pavel)
    add_channels(contact, ["8 911 000-00-01"])
    page = enter(cast.anna)
    if alone:
        page.goto(f"{address}/leads/new/")
    else:
        page.goto(f"{address}/boards/leads/")
        page.keyboard.press("n")
        page.locator("#dialog a[href='/leads/new/']").click()
    form = page.locator("form[data-dialog]:has([name=reach])")
    form.locator("[name=reach]").press_sequentially("8 911 000-00-01")
    page.wait_for_selector(".known >> text=Павел Жуков")
    assert "Тайный" not in page.content()
    form.locator("[name=reach]").fill("8 911 000-00-02")
    page.wait_for_selector(".known >> text=Павел Жуков", state="detached")
    form.locator("[name=raw_text]").fill("Стол на 12 мест")
    form.locator("[type=submit]").click()
    page.wait_for_url(f"{address}/leads/*/")
    assert page.locator("h1").inner_text() == "Стол на 12 мест"
    assert Lead.objects.get().phone == "8 911 000-00-02"


def test_a_file_is_looked_at_and_imported(lasting_cast, enter, address, tmp_path):
    file = tmp_path / "выставка.csv"
    file.write_bytes("Кто;Телефон\nМарина;8 921 555-14-08\nИгорь;12\n".encode("cp1251"))
    page = enter(lasting_cast.anna)
    page.goto(f"{address}/boards/leads/")
    page.locator("[popovertarget=beside]").click()
    page.locator("#beside a[href='/leads/imports/']").click()
    page.set_input_files("input[name=file]", file)
    page.locator("form[enctype] [type=submit]").click()
    page.wait_for_selector("text=Импортировать 1 лид")
    page.locator("details.columns > summary").click()
    page.locator("[name=column_0]").select_option("person")
    page.locator("details.columns [type=submit]").click()
    page.wait_for_selector("text=Введите один телефон")
    page.locator("form[action$='/starts/'] [type=submit]").click()
    page.wait_for_selector("text=Создан 1 лид")
    with page.expect_download() as download:
        page.locator("a[href$='/mend/']").click()
    assert "Игорь" in download.value.path().read_text("utf-8-sig")
    assert Lead.objects.get().person == "Марина"


def test_leads_are_given_out_from_the_list(lasting_cast, enter, address):
    cast = lasting_cast
    leads = [receive("mail", title=f"Ничей {n}") for n in range(3)]
    page = enter(cast.irina)
    page.goto(f"{address}/boards/leads/list/?nobody=1")
    bar = page.locator("#bulk")
    assert not bar.is_visible()
    page.locator(f"[data-bulk-one][value='{leads[0].pk}']").check()
    page.locator(f"[data-bulk-one][value='{leads[1].pk}']").check()
    assert bar.locator("[data-bulk-count]").inner_text() == "2"
    bar.locator("[data-bulk-clear]").click()
    assert not bar.is_visible()
    page.locator("[data-bulk-all]").check()
    page.locator(f"[data-bulk-one][value='{leads[2].pk}']").uncheck()
    bar.get_by_text("Назначить ответственного").click()
    page.locator("#dialog [name=owner]").select_option(label="Павел Жуков")
    page.locator("#dialog [type=submit]").click()
    page.wait_for_selector("#toasts >> text=Павел Жуков: 2 лида")
    page.wait_for_selector(f"[data-bulk-one][value='{leads[0].pk}']", state="detached")
    assert not bar.is_visible()
    assert set(Lead.objects.filter(owner=cast.pavel)) == set(leads[:2])

"""A list taken out of the browser as a workbook, narrowed as it stands, at a desk and on a phone (R-506)."""

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from crm.pipelines.moves import open_card
from deals.models import Project

from .window import Window

pytestmark = pytest.mark.e2e
BEYOND = "document.documentElement.scrollWidth - innerWidth"


@pytest.mark.parametrize("size", [(1440, 900), (360, 780)], ids=["desk", "phone"])
def test_a_list_is_taken_as_a_workbook(lasting_cast, enter, address, tmp_path, size):
    for title in ("Лобби", "Бар «Гавань»"):
        open_card(Project, by=lasting_cast.anna, owner=lasting_cast.anna, title=title, amount=1000)
    window = Window(enter(lasting_cast.anna, *size), address)
    page = window.page
    window.go("/boards/project/list/?q=бар&sort=title")
    button = page.get_by_role("link", name="Выгрузить в Excel")
    expect(button).to_be_visible()
    assert page.evaluate(BEYOND) <= 0
    window.shot("export")
    with page.expect_download() as started:
        button.click()
    file = started.value
    assert file.suggested_filename.startswith("Процесс работы менеджера проекта 20")
    file.save_as(tmp_path / "list.xlsx")
    heads, row = load_workbook(tmp_path / "list.xlsx").active.iter_rows(values_only=True)
    line = dict(zip(heads, row, strict=True))
    assert line["Название"] == "Бар «Гавань»" and line["Папка"].startswith("http")

    window = Window(enter(lasting_cast.irina, *size), address)
    window.go("/settings/exports/")
    window.page.get_by_role("link", name="Процесс работы менеджера проекта").click()
    expect(window.page.get_by_role("link", name="Бар «Гавань»")).to_be_visible()
    expect(window.page.get_by_role("link", name="Лобби")).to_have_count(0)

"""Settings in the browser: a stage is reworded in a dialog, a list put in order by hand, a day off set on a phone."""

import pytest

from crm.office.calendar import company_today
from crm.office.models import CalendarDay, Entry, StageSetting

pytestmark = pytest.mark.e2e


def sources(page):
    return page.locator("[data-sort] .settings-rows__words").all_inner_texts()


def test_an_executive_puts_settings_to_rights(lasting_cast, enter, address):
    page = enter(lasting_cast.irina)
    page.goto(f"{address}/settings/stages/project/")
    page.click("#stage-clarifying a")
    name = page.locator("#dialog input[name=name]")
    assert name.input_value() == "Уточнение запроса"
    name.fill("Принятие решения")
    page.click("#dialog [type=submit]")
    page.wait_for_selector("#dialog .err >> text=Так называется другая стадия")
    name.fill("Разговор с клиентом")
    page.click("#dialog [type=submit]")
    page.wait_for_selector("#dialog", state="hidden")
    page.wait_for_selector("#stage-clarifying >> text=Разговор с клиентом")
    assert StageSetting.objects.get().name == "Разговор с клиентом"

    page.goto(f"{address}/settings/catalogues/source/")
    before = sources(page)
    grips = page.locator(".settings-rows__grip")
    rows = [grips.nth(n).bounding_box() for n in range(4)]
    page.mouse.move(rows[3]["x"] + 6, rows[3]["y"] + 6)
    page.mouse.down()
    for n in (2, 1, 0):  # past each row, when it has made way
        page.mouse.move(rows[n]["x"] + 6, rows[n]["y"] + 2, steps=8)
        for wobble in range(100):  # a row on its way hears nothing: the hand goes on, as a hand does
            if sources(page)[n] == before[3]:
                break
            page.mouse.move(rows[n]["x"] + 6, rows[n]["y"] + 2 - wobble % 3)
            page.wait_for_timeout(40)
    page.mouse.up()
    page.wait_for_selector("#toasts [data-undo]")
    moved = sources(page)
    assert moved == [before[3], *before[:3], *before[4:]]
    assert list(Entry.objects.filter(catalogue="source").values_list("name", flat=True)) == moved
    page.click("#toasts [data-undo]")
    page.wait_for_function(
        "name => document.querySelectorAll('.settings-rows__words')[3].innerText === name", arg=before[3]
    )
    # The button under the hand stays under the hand.
    page.locator("[data-sort] li").nth(1).locator("button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("name => document.querySelector('.settings-rows__words').innerText === name", arg=before[1])
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Выше: {before[1]}"


def test_a_day_off_is_set_on_a_phone(lasting_cast, enter, address):
    page = enter(lasting_cast.admin, 1440, 900)
    page.set_viewport_size({"width": 360, "height": 780})
    day = company_today().replace(month=12, day=30)
    page.goto(f"{address}/settings/calendar/{day.year}/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click(f"#day-{day}")
    page.click("#dialog label:has(input[value=off])")
    page.fill("#dialog input[name=note]", "Едем на каток")
    page.click("#dialog [type=submit]")
    page.wait_for_selector(f"#own-{day} >> text=Едем на каток")
    assert page.locator(f"#day-{day}").get_attribute("data-kind") == "off"
    page.click("#toasts [data-undo]")
    page.wait_for_selector(f"#own-{day}", state="detached")
    assert not CalendarDay.objects.exists()

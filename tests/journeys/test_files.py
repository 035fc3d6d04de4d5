"""Files in a browser: dragged onto a card, a card's page, a subfolder; seen, replaced, put away and brought back (R-511)."""

import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from crm.office.models import Office
from crm.pipelines.moves import open_card
from deals.models import Project
from files import looking, verbs
from files.models import File

from .window import SHOTS, Window

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

# What the desk would hand over: the browser's own way to hold files that are being dragged.
DROP = """(place, files) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) transfer.items.add(new File([text], name));
  for (const type of ["dragenter", "dragover", "drop"])
    place.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def drop(page, selector, *names):
    page.locator(selector).evaluate(DROP, [[name, f"words of {name}"] for name in names])


@pytest.fixture
def deal(lasting_cast):
    return open_card(Project, by=lasting_cast.anna, owner=lasting_cast.anna, title="Лобби")


@pytest.mark.parametrize("width", [1440, 360])
def test_drag_see_replace_put_away_and_restore(enter, lasting_cast, address, deal, width):
    anna = Window(enter(lasting_cast.anna, width, 900 if width == 1440 else 780), address)
    page = anna.page
    anna.go("/boards/project/")
    drop(page, f"#card-{deal.pk}", "С доски.txt")
    expect(anna.toasts).to_contain_text("Добавлено файлов: 1")
    page.locator(f"#card-{deal.pk} a[title='Папка']").click()
    expect(page.locator("#folder")).to_contain_text("С доски.txt")
    drop(page, "#folder tr:has-text('Фото')", "В подпапку.txt")
    expect(page.locator("#folder tr:has-text('Фото')")).to_contain_text("1 файл")
    anna.shot("files-folder")
    page.set_viewport_size({"width": width, "height": 900 if width == 1440 else 780})
    anna.go(f"/deals/{deal.pk}/")
    drop(page, "#record", "На карточку.txt", "И ещё.txt")
    expect(anna.toasts).to_contain_text("Добавлено файлов: 2")
    anna.tab("files")
    expect(page.locator("#folder")).to_contain_text("На карточку.txt")
    expect(page.locator("#files .count")).to_have_text("4")
    anna.shot("files-card")
    page.set_viewport_size({"width": width, "height": 900 if width == 1440 else 780})
    picture = io.BytesIO()
    Image.new("RGB", (800, 500), "teal").save(picture, "PNG")
    page.locator("#folder [data-picked=files]").set_input_files(
        {"name": "План.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    expect(page.locator("#folder")).to_contain_text("План.png")
    looking.look()
    page.locator("#folder a.strong", has_text="План.png").click()
    shown = page.locator(".file-view img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 800
    page.locator("[data-picked=version]").set_input_files(
        {"name": "Другой.png", "mimeType": "image/png", "buffer": picture.getvalue() + b"more"}
    )
    expect(page.locator(".file-versions li")).to_have_count(2)
    expect(anna.toasts).to_contain_text("Новых версий: 1")
    looking.look()
    page.reload()
    anna.shot("files-file")
    page.set_viewport_size({"width": width, "height": 900 if width == 1440 else 780})
    page.locator(".file-versions").get_by_role("button", name="Вернуться к версии 1").click()
    expect(page.locator(".file-versions li")).to_have_count(3)
    page.get_by_role("button", name="В корзину").click()
    expect(page.get_by_role("button", name="Восстановить")).to_be_visible()
    anna.go(f"/files/of/{deal.pk}/bin/")
    expect(page.locator("#bin")).to_contain_text("План.png")
    anna.shot("files-bin")
    page.set_viewport_size({"width": width, "height": 900 if width == 1440 else 780})
    page.get_by_role("button", name="Восстановить").click()
    expect(page.locator("#bin")).to_contain_text("Корзина пуста")
    file = File.objects.get(name="План.png")
    assert file.trashed_at is None and file.n == 3


def test_a_hundred_small_files_in_one_drag(enter, lasting_cast, address, deal):
    anna = Window(enter(lasting_cast.anna), address)
    anna.go(f"/files/of/{deal.pk}/")
    many = 100  # tests/heavy/test_drag.py takes the thousand
    drop(anna.page, "#folder", *(f"{n}.txt" for n in range(many)))
    expect(anna.toasts).to_contain_text(f"Добавлено файлов: {many}", timeout=120_000)
    assert File.objects.filter(folder__card=deal).count() == many


def test_hostile_names_and_contents_run_nothing(enter, lasting_cast, address, deal):
    anna = Window(enter(lasting_cast.anna), address)
    page = anna.page
    page.add_init_script("window.pwned = 0; window.alert = () => { window.pwned = 1 }")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    anna.go(f"/files/of/{deal.pk}/")
    names = [
        '"><img src=x onerror=alert(1)>.png',
        "<svg onload=alert(1)>.svg",
        "{{7*7}}.html",
        "a' onmouseover='alert(1).txt",
    ]
    drop(page, "#folder", *names)
    expect(anna.toasts).to_contain_text("Добавлено файлов: 4")
    looking.look()
    for file in File.objects.filter(folder__card=deal):
        anna.go(file.get_absolute_url())
        page.wait_for_load_state("networkidle")
    assert page.evaluate("window.pwned") == 0
    assert all(url.startswith((address, "data:", "blob:")) for url in asked)


@pytest.mark.parametrize("width", [1440, 360])
def test_chosen_files_go_together(enter, lasting_cast, address, deal, width):
    """Boxes and the bar at the bottom do by keyboard and finger what a drag does by mouse."""
    folder = deal.folders.get(parent=None)
    for n in range(6):
        verbs.put(folder, f"Эскиз {n}.txt", io.BytesIO(f"{n}".encode()), lasting_cast.anna)
    anna = Window(enter(lasting_cast.anna, width, 900 if width == 1440 else 780), address)
    page = anna.page
    anna.go(folder.get_absolute_url())
    row = lambda name: page.locator("#folder tr", has_text=name)  # noqa: E731
    bar = page.locator("#bulk")
    expect(bar).to_be_hidden()
    for n in (0, 1):
        box = row(f"Эскиз {n}").locator("[data-bulk-one]")
        box.focus()
        page.keyboard.press("Space")
    expect(bar).to_contain_text("2")
    if SHOTS:
        page.screenshot(path=Path(SHOTS, f"files-chosen-{width}.png"))
    with page.expect_download() as came:
        bar.get_by_role("button", name="Архив").click()
    assert sorted(zipfile.ZipFile(came.value.path()).namelist()) == ["Эскиз 0.txt", "Эскиз 1.txt"]
    bar.get_by_role("button", name="Переместить").click()
    anna.fill(folder=str(folder.children.get(name="Фото").pk))
    anna.dialog.locator("[type=submit]").click()
    expect(row("Эскиз 0")).to_have_count(0)
    expect(row("Фото")).to_contain_text("2 файла")
    expect(bar).to_be_hidden()
    row("Эскиз 2").locator("[data-bulk-one]").check()
    verbs.put(folder, "Новый.txt", io.BytesIO(b"new"), lasting_cast.irina)
    expect(row("Новый.txt")).to_be_visible()
    expect(row("Эскиз 2").locator("[data-bulk-one]")).to_be_checked()
    expect(bar).to_contain_text("1")
    row("Эскиз 3").locator("[data-bulk-one]").check()
    bar.get_by_role("button", name="В корзину").click()
    expect(row("Эскиз 3")).to_have_count(0)
    anna.toasts.get_by_role("button", name="Отменить").click()
    expect(row("Эскиз 3")).to_be_visible()
    row("Эскиз 4").locator("[data-bulk-one]").check()
    bar.get_by_role("button", name="Копировать").click()
    anna.fill(folder=str(folder.children.get(name="КП").pk))
    anna.dialog.locator("[type=submit]").click()
    expect(row("КП")).to_contain_text("1 файл")
    expect(row("Эскиз 4")).to_be_visible()


def drag(thing, target, came):
    """Drag until it ``came``: a hand that was faster than the page's scripts takes hold again."""
    for _try in range(3):
        thing.drag_to(target)
        with suppress(AssertionError):
            return came()
    thing.drag_to(target)
    came()


def test_rows_are_dragged_into_a_subfolder_and_out_of_it(enter, lasting_cast, address, deal):
    folder = deal.folders.get(parent=None)
    photos = folder.children.get(name="Фото")
    for n in range(4):
        verbs.put(folder, f"Эскиз {n}.txt", io.BytesIO(f"{n}".encode()), lasting_cast.anna)
    verbs.put(photos, "Эскиз 3.txt", io.BytesIO(b"there"), lasting_cast.anna)
    anna = Window(enter(lasting_cast.anna), address)
    page = anna.page
    anna.go(folder.get_absolute_url())
    row = lambda name: page.locator("#folder tr", has_text=name)  # noqa: E731
    gone = lambda name: lambda: expect(row(name)).to_have_count(0, timeout=5000)  # noqa: E731
    drag(row("Эскиз 0").locator("a.strong"), row("Фото"), gone("Эскиз 0"))
    expect(row("Фото")).to_contain_text("2 файла")
    for n in (1, 2):
        row(f"Эскиз {n}").locator("[data-bulk-one]").check()
    drag(row("Эскиз 2").locator("[data-at=left]"), row("Фото"), gone("Эскиз 2"))
    expect(row("Фото")).to_contain_text("4 файла")
    expect(page.locator("#bulk")).to_be_hidden()
    asked = lambda: expect(anna.dialog).to_contain_text("Эскиз 3.txt", timeout=5000)  # noqa: E731
    drag(row("Эскиз 3").locator("a.strong"), row("Фото"), asked)
    page.keyboard.press("Escape")
    drag(row("Фото").locator("a.strong"), row("КП"), gone("Фото"))
    row("КП").locator("a.strong").click()
    row("Фото").locator("a.strong").click()
    expect(row("Эскиз 1")).to_be_visible()
    drag(row("Эскиз 1"), page.locator("#folder .folder__way a", has_text="Лобби"), gone("Эскиз 1"))
    assert File.objects.get(name="Эскиз 1.txt").folder == folder


@pytest.mark.parametrize("width", [1440, 360])
def test_a_move_takes_the_file_it_asks_for(enter, lasting_cast, address, deal, width):
    """The offer is chosen in the very dialog of the move to the decision (R-244)."""
    Office.load()
    Office.objects.update(asks_offer_file=True)
    anna = Window(enter(lasting_cast.anna, width, 900 if width == 1440 else 780), address)
    anna.go(f"/deals/{deal.pk}/")
    if width == 1440:
        anna.press("decision")
    else:
        anna.page.locator(".stage-phone").click()
        anna.page.locator("#stages [data-move-to=decision]").click()
    assert anna.labels() == ["Файл КП"]
    anna.dialog.locator("[type=submit]").click()
    expect(anna.dialog.locator(".err")).to_be_visible()
    if SHOTS:
        anna.page.screenshot(path=Path(SHOTS, f"files-asked-{width}.png"))
    anna.dialog.locator("[name=offer_file]").set_input_files(
        {"name": "КП Лобби.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 offer"}
    )
    anna.dialog.locator("[type=submit]").click()
    expect(anna.dialog).to_have_count(0)
    expect(anna.toasts).to_contain_text("Принятие решения")
    file = File.objects.get()
    assert (file.name, file.folder.name) == ("КП Лобби.pdf", "КП")
    deal.refresh_from_db()
    assert deal.stage == "decision"

"""A thousand small files dropped in one drag, in a real browser, and how long that takes (R-511)."""

import time

import pytest
from playwright.sync_api import expect

from crm.pipelines.moves import open_card
from deals.models import Project
from files.models import File
from tests.journeys.conftest import address, browser_arguments, chromium, enter  # noqa: F401
from tests.journeys.test_files import drop
from tests.journeys.window import Window

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True)]
MANY = 1000


def test_a_thousand_small_files_in_one_drag(enter, lasting_cast, address):  # noqa: F811
    deal = open_card(Project, by=lasting_cast.anna, owner=lasting_cast.anna, title="Лобби")
    anna = Window(enter(lasting_cast.anna), address)
    anna.go(f"/files/of/{deal.pk}/")
    began = time.monotonic()
    drop(anna.page, "#folder", *(f"{n:04}.txt" for n in range(MANY)))
    expect(anna.toasts).to_contain_text(f"Добавлено файлов: {MANY}", timeout=900_000)
    took = time.monotonic() - began
    expect(anna.page.locator("#folder [data-thing^=f]")).to_have_count(MANY, timeout=60_000)
    print(f"{MANY} small files in one drag: {took:.1f} s, {1000 * took / MANY:.0f} ms each")
    names = set(File.objects.filter(folder__card=deal).values_list("name", flat=True))
    assert names == {f"{n:04}.txt" for n in range(MANY)}

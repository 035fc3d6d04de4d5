"""Every page at a desk in the light theme and on a phone in the dark one: nothing stands beyond the edge, no word breaks
off without an ellipsis, nothing is said in the console, every icon is there, axe finds nothing serious."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Error

from crm.cards.models import Card
from crm.office.models import Account
from tests.doors.matrix import DOORS
from tests.doors.test_routes import address as address_of
from tests.doors.world import belongings

pytestmark = pytest.mark.e2e

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
LONG = "Многофункциональный общественно-деловой центр «Северо-Западный», переговорные и зоны ожидания, 3 очередь"
BY_ROLE = ("/day/", "/boards/expenses/", "/activities/calendar/?pipeline=expenses&whose=all", "/clients/?show=contacts")
LOOKS = {"desk": (1440, 900, "light"), "phone": (360, 780, "dark")}

WIDE = "Math.max(0, document.documentElement.scrollWidth - innerWidth)"
CUT = """[...document.querySelectorAll('main *')].filter((e) => {
  const style = getComputedStyle(e);
  return ['hidden', 'clip'].includes(style.overflowX) && style.textOverflow === 'clip' && e.innerText
    && e.clientWidth > 2 && e.scrollWidth > e.clientWidth + 1;
}).map((e) => e.innerText.slice(0, 80))"""
ICONS = "[...document.querySelectorAll('use')].map((u) => u.getAttribute('href'))"
# The calendar's own markup is the library's.
FAULTS = """async () => (await axe.run({exclude: [".ec"]}, {resultTypes: ["violations"]})).violations
  .filter((v) => ["serious", "critical"].includes(v.impact))
  .map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 160)}`)"""


@pytest.fixture
def mine(lasting_cast):
    """One of everything, with names as long as people make them."""
    Account.objects.create(firm="Фирма", inn="7700000001", bank="Банк", bik="044525225", number="4" * 20)
    mine = belongings(lasting_cast.anna, "zk", 73_939_133)
    Card.objects.update(title=LONG)
    return mine


def addresses(mine, actor):
    """Every page that this actor may open, each once; an administrator's are those that an executive has not."""
    doors = [door.expected("GET") | {"at": address_of(door, mine)} for door in DOORS]
    return sorted({d["at"] for d in doors if d[actor] == "ok" and (actor == "executive" or d["executive"] != "ok")})


def listen(page):
    """What the page's scripts and the browser complain of from now on."""
    said = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console",
        # A file opened by itself makes the browser look for an icon of its own.
        lambda m: said.append(m.text) if m.type == "error" and "favicon" not in m.location["url"] else None,
    )
    return said


_icons = {}


def icons(page, sprite):
    """The names in a file of icons, read once."""
    if sprite not in _icons:
        _icons[sprite] = set(re.findall(r'id="([^"]+)"', page.request.get(sprite).text()))
    return _icons[sprite]


def looked_at(page, site, path, said):
    """What is wrong with one page, in words; a file and a fragment of a page have no looks."""
    said.clear()
    try:
        answer = page.goto(f"{site}{path}")
    except Error as error:
        assert "Download is starting" in str(error)
        return []
    if answer.status == 200 and not page.locator("main").count():
        return []
    wrong = [f"says {text}" for text in said]
    if answer.status != 200:
        wrong.append(f"answers {answer.status}")
    if over := page.evaluate(WIDE):
        wrong.append(f"{over} px beyond the edge")
    wrong += [f"breaks off «{text}»" for text in page.evaluate(CUT)]
    for href in set(page.evaluate(ICONS)):
        file, _hash, name = href.partition("#")
        if file and name not in icons(page, f"{site}{file}"):
            wrong.append(f"has no icon {name}")
    page.evaluate(AXE.read_text())
    return [f"{path} {what}" for what in wrong + page.evaluate(FAULTS)]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("actor", ["executive", "administrator"])
def test_every_page_looks_right(actor, look, lasting_cast, mine, enter, address):
    width, height, scheme = LOOKS[look]
    page = enter(lasting_cast.irina if actor == "executive" else lasting_cast.admin, width, height)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    said = listen(page)
    paths = addresses(mine, actor)
    assert len(paths) > 2
    wrong = [what for path in paths for what in looked_at(page, address, path, said)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("look", LOOKS)
def test_signing_in_and_what_is_not_there_look_right(look, lasting_cast, chromium, enter, address):
    width, height, scheme = LOOKS[look]
    page = chromium.new_context(viewport={"width": width, "height": height}).new_page()
    page.emulate_media(color_scheme=scheme)
    assert looked_at(page, address, "/sign-in/", listen(page)) == []
    page = enter(lasting_cast.anna, width, height)
    page.emulate_media(color_scheme=scheme)
    assert looked_at(page, address, "/deals/999999999/", []) == ["/deals/999999999/ answers 404"]
    assert looked_at(page, address, "/boards/project/?q=zzz", []) == []
    assert page.get_by_role("link", name="Сбросить фильтр").first.is_visible()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("who", ["anna", "natalia"])
def test_the_day_of_those_who_do_not_manage_looks_right(who, look, lasting_cast, mine, enter, address):
    width, height, scheme = LOOKS[look]
    page = enter(getattr(lasting_cast, who), width, height)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    said = listen(page)
    wrong = [what for path in BY_ROLE for what in looked_at(page, address, path, said)]
    assert not wrong, "\n".join(wrong)

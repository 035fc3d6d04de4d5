"""A person's window: what they do with a board or a card's page, in the words of the trade."""

import os
import re
from pathlib import Path

from playwright.sync_api import expect

PATIENCE = 15_000  # milliseconds: a loaded machine is slow, not wrong
expect.set_options(timeout=PATIENCE)

# CRM_SHOTS=folder keeps what the journeys saw, at both widths that a page is drawn for.
SHOTS = os.environ.get("CRM_SHOTS")
SIZES = ({"width": 360, "height": 780}, {"width": 1440, "height": 900})


class Window:
    """A signed-in person's page; ``page`` is Playwright's own for everything that is not named here."""

    def __init__(self, page, address):
        self.page, self.address = page, address
        page.set_default_timeout(PATIENCE)
        self.dialog = page.locator("#dialog[open]")
        self.toasts = page.locator("#toasts")
        self.title = page.locator("h1").first

    def go(self, path):
        return self.page.goto(f"{self.address}{path}")

    def at(self):
        """The path this window stands at."""
        return self.page.url.removeprefix(self.address)

    def number(self):
        """The card whose page is open."""
        return int(re.search(r"/(\d+)/", self.at())[1])

    def shot(self, name):
        """Keep how the page looks now, on a phone and on a desk."""
        if SHOTS:
            for size in SIZES:
                self.page.set_viewport_size(size)
                self.page.screenshot(path=Path(SHOTS, f"{name}-{size['width']}.png"))

    # A board

    def card(self, pk, stage=None):
        """The card on the board, in that column when one is named."""
        return self.page.locator(f"{f'#cards-{stage} ' if stage else ''}#card-{pk}")

    def column(self, stage):
        return self.page.locator(f".column[data-stage={stage}]")

    def drag(self, pk, stage):
        """Take the card with the mouse and let it go over the column."""
        card, column = self.card(pk).bounding_box(), self.column(stage).bounding_box()
        mouse = self.page.mouse
        mouse.move(card["x"] + 40, card["y"] + 12)
        mouse.down()
        mouse.move(card["x"] + 60, card["y"] + 20, steps=4)
        mouse.move(column["x"] + column["width"] / 2, column["y"] + 90, steps=12)
        expect(self.card(pk, stage)).to_be_visible()
        mouse.up()

    def move_by_menu(self, pk, stage):
        self.card(pk).hover()
        self.card(pk).locator(".board-card__move").click()
        self.dialog.locator(f"[data-to={stage}]").click()

    # A dialog

    def fill(self, **answers):
        """Answer fields by their names: text, a date, a choice, a tick."""
        for name, value in answers.items():
            for one in value if isinstance(value, list) else [value]:
                choice = self.dialog.locator(f"label:has(input[name={name}][value='{one}'])")
                field = self.dialog.locator(f"[name={name}]")
                expect(field.first).to_be_attached()
                if choice.count():
                    choice.click()
                elif field.evaluate("field => field.matches('select')"):
                    field.select_option(one)
                else:
                    field.fill(one)

    def submit(self, **answers):
        """Answer, send, and see the dialog close."""
        self.fill(**answers)
        self.dialog.locator("[type=submit]").click()
        expect(self.dialog).to_have_count(0)

    def labels(self):
        """What the dialog asks, word for word."""
        expect(self.dialog).to_be_visible()
        texts = self.dialog.locator(".field > label, .field > legend").all_inner_texts()
        return [text.removesuffix("*").strip() for text in texts]

    # A card's page

    def press(self, stage):
        """Press a stage of the strip."""
        self.page.locator(f".stages [data-move-to={stage}]").click()

    def close_as(self, stage):
        self.page.locator(".stages-close").click()
        self.page.locator(f"#closing [data-move-to={stage}]").click()

    def stands_at(self, name):
        expect(self.page.locator(".stages .is-now")).to_have_text(name)

    def tab(self, name):
        self.page.locator(f"[data-tabs=record] [data-tab={name}]").click()

    def open_form(self, name):
        """Press the button or link of that name and see its form."""
        self.page.get_by_role("link", name=name, exact=True).first.click()
        expect(self.dialog).to_be_visible()

    def write(self, mode, text):
        """Say it in the composer and see it leave the field."""
        self.page.locator(f"[data-tabs=composer] [data-tab={mode}]").click()
        form = self.page.locator(f".composer__form[data-pane={mode}]")
        form.locator("textarea").fill(text)
        form.locator("[type=submit]").click()
        expect(form.locator("textarea")).to_have_value("")

    def open_linked(self, text):
        self.page.locator("#links a", has_text=text).click()

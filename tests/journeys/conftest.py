"""A real browser against a real server."""

import os
import shutil

import pytest
from django.db import connection
from playwright.sync_api import sync_playwright

from tests.server import serving

# Playwright's loop runs in this process, and Django would refuse its synchronous calls for that.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# These take a minute or more each: begun last, they would be waited for alone.
LONGEST = ("test_whole_way", "test_looks", "test_calls", "test_main_job")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.stem not in LONGEST)


@pytest.fixture
def address(lasting_cast):
    """Where the product answers."""
    with serving() as site:
        yield site


@pytest.fixture
def browser_arguments():
    """What a journey asks of Chromium besides."""
    return []


@pytest.fixture
def chromium(lasting_cast, browser_arguments):
    path = shutil.which("chromium") or shutil.which("chromium-headless-shell")
    assert path, "the browser journeys need Chromium: apt-get install chromium"
    arguments = ["--disable-background-networking", *browser_arguments] + (
        ["--no-sandbox"] if os.geteuid() == 0 else []
    )
    connection.close()  # Playwright's loop has connections of its own
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()
        connection.close()


@pytest.fixture
def enter(address, chromium):
    """Sign a person in, in a window of their own; what the page's scripts complain of fails the test."""
    complaints = []

    def sign_in(user, width=1440, height=900, **more):
        page = chromium.new_context(viewport={"width": width, "height": height}, locale="ru-RU", **more).new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        page.fill("input[name=username]", user.email)
        page.fill("input[name=password]", "drafting-table")
        page.click("button[type=submit]")
        page.wait_for_selector(".rail", state="attached")
        return page

    yield sign_in
    assert complaints == []

"""A real browser and the real server for journeys: `site` is its address, `browser` opens it."""

import asyncio
import os
import shutil
import socket
import threading
import time

import pytest
import uvicorn
from playwright.sync_api import sync_playwright

CHROMIUM = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome")
INSTALL = "The journeys need Chromium, and none is installed: apt install chromium (or chromium-headless-shell)."


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items) -> None:
    """Every journey is a browser test, in the run of its own (tests/run.py)."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window; a journey opens contexts in it, one for each person."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.fail(INSTALL, pytrace=False)
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def _server(django_db_setup):
    from crm.asgi import application

    sock = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, lifespan="off", log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[sock])), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def site(transactional_db, _server):
    """Address of the product over this test's database, HTTP and sockets as in production."""
    return _server

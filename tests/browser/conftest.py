"""Chromium and a running JupyterLab for the browser tests."""

import os
import shutil

import pytest

from tests.browser.lab import Notebook, server

_ARGUMENTS = [
    *(
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ),
]


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        say = "The browser tests need Chromium: on Debian or Ubuntu, `apt-get install chromium`; then run this again."
        if os.environ.get("CI") == "true":
            pytest.fail(say)
        pytest.skip(say)
    return path


@pytest.fixture(scope="session")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def lab(browser, tmp_path):
    """Lesson 1, freshly handed out, open in a browser window of its own."""
    with server(tmp_path / "work") as address:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        yield Notebook(context.new_page()).open(address)
        context.close()

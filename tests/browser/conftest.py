"""Chromium and a running JupyterLab for the browser tests."""

import os
import shutil
import uuid

import pytest

from embedcourse.catalogue import lessons
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


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """One JupyterLab for all tests: the address it printed, and the folder it serves."""
    folder = tmp_path_factory.mktemp("learner") / "work"
    with server(folder) as address:
        yield address, folder


@pytest.fixture
def lab(browser, running, request):
    """Lesson 1, freshly handed out, open in a browser window of its own."""
    address, folder = running
    handed_out = folder / f"{lessons()[0].name}.ipynb"
    path = folder / f"{request.node.originalname}_{uuid.uuid4().hex[:6]}.ipynb"
    path.write_bytes(handed_out.read_bytes())
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield Notebook(context.new_page(), path).open(
        address.replace(handed_out.name, path.name) + "&reset"
    )  # no other tabs
    context.close()

"""What many tests share: Chromium, a second process that runs answers, and the marks of the folders that take long."""

import os
import shutil
import sys

import pytest

from tests import remote

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
        for folder in ("browser", "anywhere"):
            if f"tests/{folder}/" in item.path.as_posix():
                item.add_marker(folder)


@pytest.fixture(scope="session")
def stranger():
    """The process of tests/remote.py that runs answers behind walls; None where there is no Linux, and so no walls."""
    if sys.platform != "linux":
        yield None
        return
    with remote.Stranger() as running:
        yield running


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

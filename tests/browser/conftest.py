"""A running JupyterLab for the browser tests."""

import uuid

import pytest

from embedcourse.catalogue import lessons
from tests.browser.lab import Notebook, server


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

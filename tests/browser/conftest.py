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
    """The `LESSON` of the test's file, freshly handed out, open in a browser window of its own."""
    address, folder = running
    first = f"{lessons()[0].name}.ipynb"  # the one in the address
    handed_out = folder / f"{request.module.LESSON.name}.ipynb"
    path = folder / f"{request.node.originalname}_{uuid.uuid4().hex[:6]}.ipynb"
    path.write_bytes(handed_out.read_bytes())
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield Notebook(context.new_page(), path).open(address.replace(first, path.name) + "&reset")  # no other tabs
    context.close()

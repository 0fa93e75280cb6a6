"""Putting something before the reader: HTML with a text twin in a notebook, the text alone elsewhere."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any


def shell() -> Any:
    """The running IPython shell, or None in plain Python. IPython is never imported for this."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def quiet() -> AbstractContextManager:
    """A context in which `display` shows nothing, for running code whose answer matters and whose pictures do not."""
    if shell() is None:
        return nullcontext()
    from IPython.utils.capture import capture_output

    return capture_output(stdout=False, stderr=False, display=True)


def put(html: str, text: str) -> None:
    """Show `html` where it can be shown; `text` says the same in plain words."""
    if shell() is None:
        print(text)
        return
    from IPython.display import display

    display({"text/html": html, "text/plain": text}, raw=True)

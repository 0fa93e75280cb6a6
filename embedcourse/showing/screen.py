"""Putting something before the reader: HTML with a text twin in a notebook, the text alone elsewhere."""

from __future__ import annotations

import sys
from typing import Any


def shell() -> Any:
    """The running IPython shell, or None in plain Python. IPython is never imported for this."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def put(html: str, text: str) -> None:
    """Show `html` where it can be shown; `text` says the same in plain words."""
    if shell() is None:
        print(text)
        return
    from IPython.display import display

    display({"text/html": html, "text/plain": text}, raw=True)

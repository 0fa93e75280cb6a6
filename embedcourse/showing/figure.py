"""A figure with its alt text: an HTML `<figure>` whose plain-text twin is the alt text.

matplotlib's own display gives a picture without words. Here the words come with the picture, always, for a screen
reader, a terminal and the comparison of stored outputs.
"""

from __future__ import annotations

import base64
import io
import sys
from html import escape
from typing import TYPE_CHECKING

from embedcourse.showing import screen

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PIXELS_PER_INCH = 200  # drawn finely and shown at half the size: sharp on fine screens and when enlarged


def show(figure: Figure, alt: str) -> None:
    """Show `figure` with `alt`, which says in words what it shows, and close it.

    Raises ValueError if `alt` says nothing.
    """
    screen.put(figure_html(figure, alt), alt)


def spoken(number: float, digits: int = 2, minus: str = "minus ") -> str:
    """A number for an alt text: few digits, no minus before a zero, and a minus that a screen reader does not drop.

    >>> spoken(-0.256), spoken(-0.001), spoken(-3.0, digits=0, minus="−")
    ('minus 0.26', '0.00', '−3')
    """
    return f"{round(number, digits) + 0.0:.{digits}f}".replace("-", minus)


def figure_html(figure: Figure, alt: str) -> str:
    """`figure` as an HTML `<figure>` with its alt text inside; the figure is closed. The same figure, the same bytes."""
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("a figure needs alt text: one or two sentences that say what the figure shows")
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=_PIXELS_PER_INCH, facecolor="white", metadata={"Software": None})
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)  # or the notebook shows it a second time
    width = round(figure.get_size_inches()[0] * _PIXELS_PER_INCH / 2)
    data = base64.b64encode(picture.getvalue()).decode()
    # A white card reads on both themes. A narrow window scrolls the picture sideways rather than shrink its letters. The
    # width is an attribute as well, since code hosts take styles away.
    style = f"width:{width}px;max-width:none;height:auto;background:white;border-radius:6px"
    return (
        '<figure tabindex="0" aria-label="Figure, scrolls sideways" style="margin:.4em 0;overflow-x:auto">'
        f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}" width="{width}" style="{style}"></figure>'
    )

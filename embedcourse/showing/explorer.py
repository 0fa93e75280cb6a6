"""An explorer: a figure, and controls that change what it shows.

Without a kernel, on a page or before the first run, the figure of the starting values stands in: it is part of the
same output. With one, moving a control draws the figure anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from embedcourse.showing import screen
from embedcourse.showing.figure import figure_html

if TYPE_CHECKING:
    import ipywidgets
    from matplotlib.figure import Figure


class Explorer:
    """Controls above a figure. `figure_function(**values)` returns `(figure, alt)`; each control is an ipywidget.

    Shown by being the last line of a cell. Give every control a `description`, which is its label for the eye, the
    keyboard and the screen reader alike. `continuous_update=False` on sliders keeps slow machines quiet.
    """

    def __init__(self, figure_function: Callable[..., tuple[Figure, str]], **controls: Any) -> None:
        nameless = [name for name, control in controls.items() if not getattr(control, "description", "")]
        if nameless:
            raise ValueError(f"give {', '.join(nameless)} a description: it is the control's label")
        self.figure_function = figure_function
        self.controls = controls

    def draw(self) -> tuple[str, str]:
        """The figure at the controls' present values: its HTML and its alt text."""
        figure, alt = self.figure_function(**{name: control.value for name, control in self.controls.items()})
        return figure_html(figure, alt), alt

    def view(self) -> ipywidgets.VBox:
        """The controls above the figure; moving a control draws the figure anew."""
        import ipywidgets

        page = ipywidgets.HTML(self.draw()[0])

        def redraw(change: dict) -> None:
            page.value = self.draw()[0]

        for control in self.controls.values():
            control.observe(redraw, names="value")
        return ipywidgets.VBox([*self.controls.values(), page])

    def _ipython_display_(self) -> None:
        html, alt = self.draw()
        if screen.shell() is None:
            screen.put(html, alt)
            return
        from IPython.display import display

        view = {"version_major": 2, "version_minor": 0, "model_id": self.view().model_id}
        display(
            {"application/vnd.jupyter.widget-view+json": view, "text/html": html, "text/plain": alt},
            raw=True,
        )

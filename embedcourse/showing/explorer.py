"""An explorer: controls, and a figure that they change.

The figure is an output of its own, so it is there without a kernel, on a page, and when a saved notebook is opened again;
only the controls need one. Moving a control draws the figure anew in its place.
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

    Shown by being the last line of a cell. Give every control a `description`, its label. Choose controls that
    JupyterLab leaves the keyboard to: sliders, checkboxes, text fields; it takes the arrow keys of a Dropdown for itself.
    """

    def __init__(self, figure_function: Callable[..., tuple[Figure, str]], **controls: Any) -> None:
        nameless = [name for name, control in controls.items() if not getattr(control, "description", "")]
        if nameless:
            raise ValueError(f"give {', '.join(nameless)} a description: it is the control's label")
        self.figure_function = figure_function
        self.controls = controls

    def draw(self) -> dict[str, str]:
        """The figure at the controls' present values, as HTML and as its alt text."""
        figure, alt = self.figure_function(**{name: control.value for name, control in self.controls.items()})
        return {"text/html": figure_html(figure, alt), "text/plain": alt}

    def view(self) -> ipywidgets.VBox:
        """The controls, one below the other."""
        import ipywidgets

        for control in self.controls.values():
            control.layout.width, control.layout.max_width = "100%", "32em"
        return ipywidgets.VBox(list(self.controls.values()))

    def _ipython_display_(self) -> None:
        drawn = self.draw()
        if screen.shell() is None:
            screen.put(drawn["text/html"], drawn["text/plain"])
            return
        from IPython.display import display

        labels = ", ".join(control.description for control in self.controls.values())
        view = {"version_major": 2, "version_minor": 0, "model_id": self.view().model_id}
        without = f"The picture below shows one setting. Run this cell in Jupyter for its controls: {labels}."
        display({"application/vnd.jupyter.widget-view+json": view, "text/plain": without}, raw=True)
        figure = display(drawn, raw=True, display_id=True)

        def redraw(change: dict) -> None:
            figure.update(self.draw(), raw=True)

        for control in self.controls.values():
            control.observe(redraw, names="value")

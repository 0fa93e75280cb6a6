"""Figures with their words, explorers with their static twin."""

import re

import ipywidgets
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.figure import Figure

from embedcourse.lookup.explore import explorer
from embedcourse.showing import Explorer, show


def picture(height=1):
    figure = Figure(figsize=(1, height))
    figure.subplots().plot([0, height])
    return figure, f"A line up to {height}."


def test_outside_a_notebook_the_alt_text_is_printed(capsys):
    show(*picture())
    assert capsys.readouterr().out == "A line up to 1.\n"


@pytest.mark.parametrize("alt", ["", "  ", None, 3])
def test_a_figure_without_words_is_refused(alt):
    with pytest.raises(ValueError, match="alt text"):
        show(picture()[0], alt)


@pytest.fixture
def shell():
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def shown(function):
    with capture_output() as captured:
        function()
    return [output.data for output in captured.outputs]


def test_in_a_notebook_html_with_the_alt_text_inside_and_as_twin(shell):
    (data,) = shown(lambda: show(picture()[0], 'A "line" & more.'))
    assert data["text/plain"] == 'A "line" & more.'
    assert '<img alt="A &quot;line&quot; &amp; more." src="data:image/png;base64,' in data["text/html"]
    assert "image/png" not in data


def test_an_explorers_figure_is_an_output_of_its_own_and_needs_no_kernel(shell):
    height = ipywidgets.IntSlider(value=2, min=1, max=5, description="Height")
    controls, figure = shown(Explorer(picture, height=height)._ipython_display_)
    assert (
        controls["text/plain"]
        == "The picture below shows one setting. Run this cell in Jupyter for its controls: Height."
    )
    assert "application/vnd.jupyter.widget-view+json" in controls
    assert set(figure) == {"text/html", "text/plain"}
    assert figure["text/plain"] == "A line up to 2."


def test_moving_a_control_draws_anew_in_the_same_place(shell):
    height = ipywidgets.IntSlider(value=2, min=1, max=5, description="Height")
    Explorer(picture, height=height)._ipython_display_()
    with capture_output() as captured:
        height.value = 4
    (update,) = captured.outputs
    assert update.data["text/plain"] == "A line up to 4."
    assert update.transient["display_id"]
    assert update.update


def test_every_control_needs_a_label():
    with pytest.raises(ValueError, match="give height a description"):
        Explorer(picture, height=ipywidgets.IntSlider())


def test_the_lessons_explorer_outside_a_notebook(capsys):
    explorer()._ipython_display_()
    assert re.match(r"The token “dog”, number 2 of 5", capsys.readouterr().out)

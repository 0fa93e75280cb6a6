"""A real JupyterLab on a free port, with folders of its own, and a person's moves in it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from embedcourse.authoring import source
from embedcourse.catalogue import Lesson, exercises
from embedcourse.files import repository

SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"
RUN_TIMEOUT = 120_000  # ms; the whole lesson takes about 10 s, importing torch included


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def sentence(exercise: str, mistake: str) -> str:
    """What a reader sees of the sentence for a known mistake."""
    said = next(known.sentence for known in exercises()[exercise].mistakes if known.name == mistake)
    return said.replace("`", "").replace("*", "")


@contextmanager
def server(folder: Path, python: str = sys.executable) -> Iterator[str]:
    """`embedcourse lab FOLDER --no-browser`, as a learner starts it; yields the address of the running JupyterLab."""
    private = folder.parent / "jupyter"
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTER_DATA_DIR": str(private / "data"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"),
        "IPYTHONDIR": str(private / "ipython"),
    }
    command = [python, "-m", "embedcourse.cli", "lab", str(folder), "--no-browser", "--port", str(free_port())]
    log = folder.parent / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder.parent,
            start_new_session=True,
        )
    try:
        yield _address(process, log)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _address(process: subprocess.Popen, log: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = re.search(r"http://127\.0\.0\.1:\d+/lab/tree/\S+", log.read_text())
        if found:
            return found[0]
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")


class Notebook:
    """The open notebook: its cells by id, run and typed into as a person does."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.path = path

    def open(self, address: str) -> "Notebook":
        self.page.goto(address)
        self.wait_until_idle()
        return self

    def wait_until_idle(self) -> None:
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=RUN_TIMEOUT)

    def menu(self, *items: str) -> None:
        self.page.locator(".lm-MenuBar-item", has_text=re.compile(f"^{items[0]}$")).click()
        for item in items[1:]:
            self.page.locator(".lm-Menu-item:visible", has_text=re.compile(f"^{item}")).first.click()

    def run_all(self) -> None:
        self.menu("Run", "Run All Cells")
        self.wait_for_last_cell()

    def restart_and_run_all(self) -> None:
        self.menu("Kernel", "Restart Kernel and Run All Cells")
        self.page.locator(".jp-Dialog button", has_text="Restart").click()
        self.wait_for_last_cell()

    def wait_for_last_cell(self) -> None:
        """Until the scorecard, the lesson's last cell, has been written anew and the kernel is idle."""
        last = self.page.locator(".jp-Notebook .jp-CodeCell").last
        last.scroll_into_view_if_needed()
        prompt = last.locator(".jp-InputPrompt")
        expect(prompt).to_have_text(re.compile(r"\[[* ]\]"), timeout=RUN_TIMEOUT)  # what stood there is gone
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"), timeout=RUN_TIMEOUT)
        self.wait_until_idle()

    def cell(self, start: str) -> Locator:
        """The code cell that contains the line `start`; JupyterLab only draws cells near the window, so go there."""
        cells = self.page.locator(".jp-Notebook .jp-CodeCell")
        found = cells.filter(has=self.page.locator(".cm-line", has_text=re.compile(f"^{re.escape(start)}")))
        found.first.scroll_into_view_if_needed()
        return found.first

    def write(self, start: str, code: str) -> Locator:
        """Replace the cell that contains the line `start` by `code` and run it; returns the cell."""
        cell = self.cell(start)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Shift+Enter")
        self.wait_until_idle()
        return cell

    def screenshot(self, name: str) -> Path:
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def save(self, words: str) -> None:
        """Save, and wait until the file on disk holds `words`."""
        self.page.keyboard.press("Control+s")
        deadline = time.monotonic() + 20
        while words not in self.path.read_text(encoding="utf-8"):
            assert time.monotonic() < deadline, f"{self.path.name} was not saved"
            time.sleep(0.2)

    def assert_no_error(self) -> None:
        """No traceback and nothing on stderr anywhere in the notebook."""
        wrong = ".jp-OutputArea-output[data-mime-type*='stderr'], .jp-OutputArea-output.jp-mod-error"
        expect(self.page.locator(wrong)).to_have_count(0)
        assert "Traceback" not in self.page.locator(".jp-Notebook").inner_text()

    def begin(self, lesson: Lesson) -> None:
        """Run the whole lesson as it is handed out: no error, and no exercise attempted."""
        self.run_all()
        self.assert_no_error()
        for name in lesson.exercises:
            expect(self.cell(f"def {name}(")).to_contain_text(f"○ Not attempted: {name}")

    def mistake(self, exercise: str, name: str, code: str, picture: str = "") -> Locator:
        """Write a known mistake, and see that it gets its own sentence; `picture` names a screenshot of it."""
        cell = self.write(f"def {exercise}(", code)
        expect(cell).to_contain_text(sentence(exercise, name))
        if picture:
            self.screenshot(picture)
        return cell

    def finish(self, lesson: Lesson, verdict: str) -> None:
        """Solve the lesson, run it from the top without an error, and read the scorecard."""
        self.solve(lesson)
        self.restart_and_run_all()
        self.assert_no_error()
        expect(self.cell(f"scorecard({lesson.number})")).to_contain_text(verdict)

    def see(self, start: str, picture: str) -> None:
        """The figure of the cell that contains the line `start` is there."""
        expect(self.cell(start).locator("figure img")).to_be_visible()
        self.screenshot(picture)

    def solve(self, lesson: Lesson) -> None:
        """Write the lesson's own answer into each exercise, and see that it passes."""
        cells = source.read(repository() / "solutions" / f"{lesson.name}.md").cells
        for name in lesson.exercises:
            answer = next(cell.text for cell in cells if name in cell.exercises)
            expect(self.write(f"def {name}(", answer)).to_contain_text(f"✓ Passed: {name}")

"""Real kernels: an endless loop that is interrupted, and two notebooks open at once."""

import time

import pytest
from jupyter_client.manager import start_new_kernel

SETUP = "from embedcourse import exercise, scorecard\nimport numpy as np"
LOOP = "@exercise\ndef one_hot(ids, vocab_size):\n    open({file!r}, 'w').close()\n    while True:\n        pass"
RIGHT = "@exercise\ndef one_hot(ids, vocab_size):\n    return np.eye(vocab_size)[np.asarray(ids)]"


@pytest.fixture
def kernels():
    started = [start_new_kernel(kernel_name="python3") for _ in range(2)]
    yield started
    for manager, client in started:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(client, code):
    """The plain texts that a cell shows, and its reply's status."""
    shown = []

    def hook(message):
        if message["msg_type"] in ("display_data", "execute_result"):
            shown.append(message["content"]["data"]["text/plain"])

    reply = client.execute_interactive(code, timeout=30, output_hook=hook)
    return "\n".join(shown), reply["content"]["status"]


@pytest.mark.filterwarnings("ignore")
def test_an_interrupt_and_two_notebooks_at_once(kernels, tmp_path):
    (manager, client), (_, other) = kernels
    for one in (client, other):
        assert run(one, SETUP)[1] == "ok"
    assert run(other, RIGHT)[0].startswith("✓ Passed")

    reached = tmp_path / "reached"
    message = client.execute(LOOP.format(file=str(reached)))
    deadline = time.monotonic() + 30
    while not reached.exists():
        assert time.monotonic() < deadline, "the answer was never called"
        time.sleep(0.05)
    manager.interrupt_kernel()
    while (reply := client.get_shell_msg(timeout=30))["parent_header"].get("msg_id") != message:
        pass
    shown, status = run(client, "print(one_hot(1, 2)); scorecard(1)")
    assert status == "ok", "the kernel is alive and the name is bound"
    assert "! Stopped by an error    one_hot" in shown
    assert reply["content"]["status"] == "ok", "an interrupted answer is an outcome, not an error of the cell"

    assert "✓ Passed                 one_hot" in run(other, "scorecard()")[0], "the other notebook knows nothing of it"

"""What turning queries costs, beside the function of transformers and a plain copy of the tensor: time and memory.

(8, 32, 2048, 128) float32, all cores, one run, one machine, the median of seven rounds: read the ratios, not the times.
transformers turns a query and a key at once, so its time and its memory are halved. Memory is what a process of its own
holds at most above what it held before, the result included.
"""

import subprocess
import sys
from pathlib import Path
from statistics import median
from timeit import repeat

import torch
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

from embedcourse.rope import inverse_frequencies, rotate

SHAPE = (8, 32, 2_048, 128)


def ways():
    """Each way to turn (or copy) a tensor, and for how many tensors it does so."""
    x, k, positions = torch.randn(SHAPE), torch.randn(SHAPE), torch.arange(SHAPE[-2])
    angles = positions[:, None] * inverse_frequencies(SHAPE[-1]).repeat(2)
    cos, sin = angles.cos()[None], angles.sin()[None]
    return {
        "clone, a plain copy": (x.clone, 1),
        "rotate, half": (lambda: rotate(x, positions), 1),
        "rotate, interleaved": (lambda: rotate(x, positions, layout="interleaved"), 1),
        "transformers": (lambda: apply_rotary_pos_emb(x, k, cos, sin), 2),
    }


def held(what: str) -> int:
    """Bytes that this process holds now ("VmRSS") or held at most ("VmHWM"), as Linux says."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(what))
    return 1024 * int(line.split()[1])


def memory(name: str) -> float:
    """Bytes at the peak of one call, for one tensor, as multiples of the tensor."""
    command = [sys.executable, __file__, name]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure(name: str) -> None:
    way, tensors = ways()[name]
    before = held("VmRSS")
    result = way()
    print((held("VmHWM") - before) / tensors / (4 * torch.Size(SHAPE).numel()))
    del result


def main() -> None:
    took = {name: median(repeat(way, number=1, repeat=7)) / tensors for name, (way, tensors) in ways().items()}
    copy, theirs = took["clone, a plain copy"], took["transformers"]
    print(f"{SHAPE} float32, {torch.get_num_threads()} threads, for one tensor")
    print(f"  {'':<22}{'ms':>5}{'of a copy':>12}{'transformers takes':>20}{'memory':>9}")
    for name, seconds in took.items():
        print(f"  {name:<22}{1e3 * seconds:5.0f}{seconds / copy:11.2f}x{theirs / seconds:19.1f}x{memory(name):8.2f}x")


if __name__ == "__main__":
    measure(sys.argv[1]) if len(sys.argv) > 1 else main()

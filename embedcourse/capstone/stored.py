"""What lies stored for lesson 10: two small models in their folders, their tokenizer, and what transformers made of them.

`checkpoints.py` makes the first two, `tests/capstone/expected.py` the last.
"""

import json
from functools import cache
from pathlib import Path

from tokenizers import Tokenizer as Pieces
from torch import Tensor

from embedcourse.capstone.reference import read_tensors

FOLDER = Path(__file__).parent


@cache
def tokenizer() -> Pieces:
    """Byte pair encoding, learned from the course's prose (lesson 5): 400 pieces, written as in GPT-2, with Ġ for a space."""
    return Pieces.from_file(str(FOLDER / "tokenizer.json"))


def checkpoint(name: str) -> Path:
    """The folder of "gpt2" or "llama", with its `config.json` and its `model.safetensors`."""
    return FOLDER / name


def load(name: str) -> tuple[dict, dict[str, Tensor]]:
    """The configuration of "gpt2" or "llama", and its weights."""
    config = json.loads((checkpoint(name) / "config.json").read_text(encoding="utf-8"))
    return config, read_tensors((checkpoint(name) / "model.safetensors").read_bytes())


def expected() -> dict:
    """What transformers computes of both models for one sentence (`python -m tests.capstone.expected`)."""
    return json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))

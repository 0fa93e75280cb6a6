"""The explorer of lesson 10: the tokens of two sentences, compared at four stages of their way into a small model."""

from functools import cache

import ipywidgets
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor

from embedcourse.capstone import figures
from embedcourse.capstone.reference import gpt2_block, gpt2_input, llama_block
from embedcourse.capstone.stored import load, tokenizer
from embedcourse.showing import Explorer

STAGES = ("in the table", "as they enter", "after block 1", "after block 2")
LONGEST = 14  # tokens of a sentence that are shown
_LOOK = {"continuous_update": False, "style": {"description_width": "8em"}, "layout": {"width": "34em"}}


@cache
def _model(name: str) -> tuple[dict, dict[str, Tensor]]:
    config, weights = load(name)
    return config, {key: weight.float() for key, weight in weights.items()}


def stages(name: str, ids: Tensor) -> list[Tensor]:
    """What becomes of a text's tokens in the small "gpt2" or "llama": one tensor (length, dim) for each of STAGES."""
    config, weights = _model(name)
    if name == "gpt2":
        rows = [weights["wte.weight"][ids], gpt2_input(weights, ids)]
        for layer in range(config["n_layer"]):
            rows.append(gpt2_block(weights, layer, rows[-1], config["n_head"]))
        return rows
    heads = config["num_attention_heads"], config["num_key_value_heads"]
    rows = [weights["model.embed_tokens.weight"][ids]] * 2
    for layer in range(config["num_hidden_layers"]):
        rows.append(llama_block(weights, layer, rows[-1], *heads, config["rope_theta"]))
    return rows


def compare(first: str, second: str, name: str, stage: str) -> tuple[Figure, str]:
    """The cosines of all tokens of two sentences at one stage."""
    tokens, rows = [], []
    for text in (first, second):
        encoded = tokenizer().encode(text or "?")
        ids = torch.tensor(encoded.ids[:LONGEST])
        tokens.append([token.replace("Ġ", "_") for token in encoded.tokens[:LONGEST]])
        rows.append(F.normalize(stages(name, ids)[STAGES.index(stage)], dim=-1))
    title = f"{'GPT-2' if name == 'gpt2' else 'Llama'}, {stage}"
    return figures.cosines(*tokens, rows[0] @ rows[1].T, title)


def two_sentences() -> Explorer:
    """Choose the sentences, the model, and how far the tokens have come."""
    return Explorer(
        compare,
        first=ipywidgets.Text(value="The table has a row", description="First", **_LOOK),
        second=ipywidgets.Text(value="A row of the table", description="Second", **_LOOK),
        name=ipywidgets.SelectionSlider(
            options=[("GPT-2", "gpt2"), ("Llama", "llama")], value="gpt2", description="Model", **_LOOK
        ),
        stage=ipywidgets.SelectionSlider(options=STAGES, value="as they enter", description="Stage", **_LOOK),
    )

"""What transformers computes of the two small models: `python -m tests.capstone.expected` stores a little of it.

The lesson compares its own numbers with these; the tests compute them anew.
"""

import json
import sys
from importlib.metadata import version

import torch
import transformers
from transformers.models.llama import modeling_llama

from embedcourse.capstone.stored import FOLDER, checkpoint, tokenizer
from embedcourse.positions.training import a_line_a_list

STORED = FOLDER / "expected.json"
SENTENCE = "The table has one row for each token."


def loaded(name):
    """The model that transformers makes of a checkpoint, and what it says of the file's names."""
    kind = {"gpt2": transformers.GPT2LMHeadModel, "llama": transformers.LlamaForCausalLM}[name]
    model, told = kind.from_pretrained(checkpoint(name), dtype=torch.float32, output_loading_info=True)
    return model.eval().requires_grad_(False), told


def first_queries_and_keys(model, ids):
    """Queries and keys of Llama's first layer after the turn, caught where transformers turns them."""
    caught, turn = [], modeling_llama.apply_rotary_pos_emb

    def catch(*args, **kwargs):
        caught.append(turn(*args, **kwargs))
        return caught[-1]

    modeling_llama.apply_rotary_pos_emb = catch
    try:
        model(ids)
    finally:
        modeling_llama.apply_rotary_pos_emb = turn
    q, k = caught[0]
    return q[0], k[0]


def rounded(tensor):
    return json.loads(json.dumps(tensor.double().tolist()), parse_float=lambda text: round(float(text), 5))


def expected():
    ids = tokenizer().encode(SENTENCE).ids
    batch = torch.tensor([ids])
    (gpt2, _), (llama, _) = loaded("gpt2"), loaded("llama")
    q, k = first_queries_and_keys(llama, batch)
    return {
        "command": "python -m tests.capstone.expected",
        "versions": {"transformers": version("transformers"), "torch": version("torch").partition("+")[0]},
        "sentence": SENTENCE,
        "ids": ids,
        "gpt2_input": rounded(gpt2(batch, output_hidden_states=True).hidden_states[0][0]),
        "gpt2_last_logits": rounded(gpt2(batch).logits[0, -1]),
        "llama_queries": rounded(q),
        "llama_keys": rounded(k),
        "llama_last_logits": rounded(llama(batch).logits[0, -1]),
    }


if __name__ == "__main__":
    STORED.write_text(a_line_a_list(json.dumps(expected(), indent=1)) + "\n", encoding="utf-8")
    sys.stdout.write(f"{STORED.name} written\n")

"""Two small models in the files of the field: a GPT-2 and a Llama, trained for a minute on the course's prose.

For lesson 10. Each lies in a folder of its own as on the hub where models are shared: `config.json` and
`model.safetensors`, with the names, the shapes and the layouts of the real ones, so that transformers loads them. Both
read pieces of words, 400 of them. `python -m embedcourse.capstone.checkpoints` trains them anew, in float64, and rounds
what comes out so coarsely, GPT-2 to three decimals and Llama to bfloat16, that the same bytes come out on every machine.
"""

import json
import sys
from collections.abc import Callable, Mapping

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor

from embedcourse.capstone.reference import (
    Weights,
    file_bytes,
    gpt2_blocks,
    gpt2_logits,
    llama_logits,
)
from embedcourse.capstone.stored import FOLDER, checkpoint, tokenizer
from embedcourse.text import course_prose

VOCAB = 400
DIM, HEADS, KV_HEADS, LAYERS, PLACES, GATED = 32, 4, 2, 2, 64, 88
STEPS, BATCH, RATE = 300, 8, 5e-3

GPT2 = {
    "activation_function": "gelu_new",
    "architectures": ["GPT2LMHeadModel"],
    "attn_pdrop": 0.1,
    "bos_token_id": None,
    "embd_pdrop": 0.1,
    "eos_token_id": None,
    "initializer_range": 0.02,
    "layer_norm_epsilon": 1e-05,
    "model_type": "gpt2",
    "n_embd": DIM,
    "n_head": HEADS,
    "n_layer": LAYERS,
    "n_positions": PLACES,
    "resid_pdrop": 0.1,
    "vocab_size": VOCAB,
}
LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "attention_bias": False,
    "bos_token_id": None,
    "eos_token_id": None,
    "hidden_act": "silu",
    "hidden_size": DIM,
    "initializer_range": 0.02,
    "intermediate_size": GATED,
    "max_position_embeddings": PLACES,
    "mlp_bias": False,
    "model_type": "llama",
    "num_attention_heads": HEADS,
    "num_hidden_layers": LAYERS,
    "num_key_value_heads": KV_HEADS,
    "rms_norm_eps": 1e-05,
    "rope_theta": 500000.0,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "vocab_size": VOCAB,
}
CONFIGS = {"gpt2": GPT2, "llama": LLAMA}


def gpt2_shapes() -> dict[str, tuple[int, ...]]:
    """The tensors of a GPT-2 and their shapes; maps are (in, out)."""
    layers = {}
    for layer in range(LAYERS):
        shapes = {
            "ln_1": (DIM,),
            "attn.c_attn": (DIM, 3 * DIM),
            "attn.c_proj": (DIM, DIM),
            "ln_2": (DIM,),
            "mlp.c_fc": (DIM, 4 * DIM),
            "mlp.c_proj": (4 * DIM, DIM),
        }
        for name, shape in shapes.items():
            layers |= {f"h.{layer}.{name}.weight": shape, f"h.{layer}.{name}.bias": shape[-1:]}
    return {
        "wte.weight": (VOCAB, DIM),
        "wpe.weight": (PLACES, DIM),
        **layers,
        "ln_f.weight": (DIM,),
        "ln_f.bias": (DIM,),
    }


def llama_shapes() -> dict[str, tuple[int, ...]]:
    """The tensors of a Llama and their shapes; maps are (out, in), as in `nn.Linear`."""
    keys, layers = DIM * KV_HEADS // HEADS, {}
    for layer in range(LAYERS):
        shapes = {
            "input_layernorm": (DIM,),
            "self_attn.q_proj": (DIM, DIM),
            "self_attn.k_proj": (keys, DIM),
            "self_attn.v_proj": (keys, DIM),
            "self_attn.o_proj": (DIM, DIM),
            "post_attention_layernorm": (DIM,),
            "mlp.gate_proj": (GATED, DIM),
            "mlp.up_proj": (GATED, DIM),
            "mlp.down_proj": (DIM, GATED),
        }
        layers |= {f"model.layers.{layer}.{name}.weight": shape for name, shape in shapes.items()}
    return {
        "model.embed_tokens.weight": (VOCAB, DIM),
        **layers,
        "model.norm.weight": (DIM,),
        "lm_head.weight": (VOCAB, DIM),
    }


def trained(shapes: Mapping[str, tuple[int, ...]], logits: Callable[[Weights, Tensor], Tensor]) -> Weights:
    """Weights of these shapes, in float64, after a short training to predict the next piece of the course's prose.

    Matrices begin as normal numbers of standard deviation 0.1, norms as ones, biases as zeros.
    """
    rng = np.random.default_rng(10)
    weights = {}
    for name, shape in shapes.items():
        first = rng.normal(0, 0.1, shape) if len(shape) == 2 else np.full(shape, float(not name.endswith("bias")))
        weights[name] = torch.from_numpy(first).requires_grad_()
    windows = torch.tensor(tokenizer().encode(course_prose()).ids).unfold(0, PLACES + 1, 1)
    optimizer = torch.optim.Adam(weights.values(), lr=RATE)
    for _ in range(STEPS):
        some = windows[torch.from_numpy(rng.integers(len(windows), size=BATCH))]
        optimizer.zero_grad()
        F.cross_entropy(logits(weights, some[:, :-1]).flatten(0, 1), some[:, 1:].flatten()).backward()
        optimizer.step()
    return {name: weight.detach() for name, weight in weights.items()}


def train_gpt2() -> dict[str, Tensor]:
    """The small GPT-2, in float32, of numbers with three decimals."""

    def logits(weights: Weights, ids: Tensor) -> Tensor:
        return gpt2_logits(weights, ids, lambda x: gpt2_blocks(weights, GPT2, x))

    weights = trained(gpt2_shapes(), logits)
    # A bias of keys changes no score, so its gradient is rounding alone; + 0.0 takes the sign of that off the zeros.
    return {name: (weight.round(decimals=3) + 0.0).float() for name, weight in weights.items()}


def train_llama() -> dict[str, Tensor]:
    """The small Llama, in bfloat16."""
    weights = trained(llama_shapes(), lambda weights, ids: llama_logits(weights, LLAMA, ids))
    return {name: weight.bfloat16() for name, weight in weights.items()}


def learn_pieces() -> Tokenizer:
    """The tokenizer, learned from the course's prose: byte pair encoding as GPT-2 writes it."""
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learned.decoder = decoders.ByteLevel()
    learned.train_from_iterator([course_prose()], trainers.BpeTrainer(vocab_size=VOCAB, show_progress=False))
    return learned


def main() -> None:
    """Learn the pieces, train both models, and write it all."""
    torch.set_num_threads(1)
    learn_pieces().save(str(FOLDER / "tokenizer.json"))
    for name, train in {"gpt2": train_gpt2, "llama": train_llama}.items():
        folder = checkpoint(name)
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(json.dumps(CONFIGS[name], indent=2) + "\n", encoding="utf-8")
        (folder / "model.safetensors").write_bytes(file_bytes(train()))
        sys.stdout.write(f"{name} written\n")


if __name__ == "__main__":
    main()

"""The input side of a real model, from the bytes of its file to its first queries and keys, and back out to the logits.

Taught in lesson 10, in torch. A safetensors file is eight bytes, a header and numbers (`read_header`, `read_tensor`,
`row_span`); its `config.json` says what must be in it (`input_side`); then GPT-2's input and Llama's are run
(`gpt2_input`, `llama_queries_keys`, `output_table`, `gpt2_logits`). The blocks between are here as well
(`gpt2_block`, `llama_block`), short, to have whole models. Any axes in front of a text are kept.
Not here: caches, padding, models of other families.
"""

import json
import struct
from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from embedcourse.rope import rotate
from embedcourse.tying import unembed

Weights = Mapping[str, Tensor]

DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_NAMES = {dtype: name for name, dtype in DTYPES.items()}


def file_bytes(tensors: Weights) -> bytes:
    """A safetensors file of some tensors: the header's length in eight bytes, the header as JSON, and their numbers.

    Source: the format's own description (https://huggingface.co/docs/safetensors).
    """
    header, place = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [place, place + size],
        }
        place += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # numbers begin at a multiple of eight, so that they can be read where they lie
    numbers = (tensor.contiguous().view(torch.uint8).numpy().tobytes() for tensor in tensors.values())
    return b"".join((struct.pack("<Q", len(text)), text, *numbers))


def read_header(data: bytes) -> tuple[int, dict]:
    """The length of the header in bytes, and the header: an entry with dtype, shape and data_offsets for each tensor.

    >>> read_header(file_bytes({"row": torch.zeros(2)}))
    (88, {'__metadata__': {'format': 'pt'}, 'row': {'dtype': 'F32', 'shape': [2], 'data_offsets': [0, 8]}})
    """
    length = int.from_bytes(data[:8], "little")
    return length, json.loads(data[8 : 8 + length])


def row_span(header_length: int, entry: Mapping, row: int) -> tuple[int, int]:
    """Where one row of a table lies in the file: its first byte, and the first byte after it.

    entry  the table's in the header; its data_offsets are counted from the end of the header
    Raises IndexError for a row that the table does not have: its bytes would be those of another tensor.

    >>> row_span(104, {"dtype": "F32", "shape": [5, 3], "data_offsets": [40, 100]}, row=2)
    (176, 188)
    """
    rows = entry["shape"][0]
    if not 0 <= row < rows:
        raise IndexError(f"row {row} is outside the table: it has {rows} rows, so they run from 0 to {rows - 1}")
    begin, end = entry["data_offsets"]
    size = (end - begin) // rows
    first = 8 + header_length + begin + row * size
    return first, first + size


def read_tensor(data: bytes, name: str) -> Tensor:
    """One tensor of a safetensors file, in its own dtype and shape.

    Raises KeyError for a name that the file does not have.

    >>> read_tensor(file_bytes({"row": torch.tensor([0.5, -2.0])}), "row")
    tensor([ 0.5000, -2.0000])
    """
    length, header = read_header(data)
    entry = header[name]
    begin, end = entry["data_offsets"]
    numbers = bytearray(data[8 + length + begin : 8 + length + end])
    return torch.frombuffer(numbers, dtype=DTYPES[entry["dtype"]]).reshape(entry["shape"])


def read_tensors(data: bytes) -> dict[str, Tensor]:
    """All tensors of a safetensors file."""
    return {name: read_tensor(data, name) for name in read_header(data)[1] if name != "__metadata__"}


def input_side(config: Mapping) -> dict[str, int]:
    """The parameters of the tables of a GPT-2 or a Llama, from its `config.json`.

    token_table, position_table (0 for Llama), output_head (0 if the token table serves as head), and their total.
    Where `tie_word_embeddings` is not there, GPT-2 is tied and Llama is not, as their classes have it.
    Raises ValueError for another model_type.

    >>> input_side({"model_type": "llama", "vocab_size": 10, "hidden_size": 4, "max_position_embeddings": 8})
    {'token_table': 40, 'position_table': 0, 'output_head': 40, 'total': 80}
    """
    kind = config["model_type"]
    if kind not in ("gpt2", "llama"):
        raise ValueError(
            f"model_type is {kind!r}; this function knows 'gpt2' and 'llama', `count` of lesson 6 many more"
        )
    gpt2 = kind == "gpt2"
    dim = config["n_embd"] if gpt2 else config["hidden_size"]
    table = config["vocab_size"] * dim
    places = config["n_positions"] * dim if gpt2 else 0
    head = 0 if _tied(config) else table
    return {"token_table": table, "position_table": places, "output_head": head, "total": table + places + head}


def gpt2_input(weights: Weights, ids: Int[Tensor, "*batch length"]) -> Float[Tensor, "*batch length dim"]:
    """What enters GPT-2's first block: the row of each token, plus the row of its place.

    Raises IndexError for more tokens than places, and for ids outside the table.
    """
    tokens, places = weights["wte.weight"], weights["wpe.weight"]
    length = ids.shape[-1]
    if length > len(places):
        raise IndexError(f"the text has {length} tokens, and the table of positions {len(places)} rows: cut the text")
    return _rows(tokens, ids) + places[:length]


def output_table(config: Mapping, weights: Weights) -> Float[Tensor, "vocab dim"]:
    """The matrix that the logits are made with: the very tensor that `weights` holds.

    Of an untied model `lm_head.weight`; raises KeyError if it is missing. Of a tied one the token table, unless the file
    holds a head with other numbers: then that head, as `tie_weights` of transformers 5 has it.
    """
    if not _tied(config):
        if "lm_head.weight" not in weights:
            raise KeyError("the model is untied, and there is no lm_head.weight: the head was lost, or never needed")
        return weights["lm_head.weight"]
    table = weights["wte.weight" if config["model_type"] == "gpt2" else "model.embed_tokens.weight"]
    head = weights.get("lm_head.weight", table)
    return table if torch.equal(head, table) else head


def _tied(config: Mapping) -> bool:
    """Whether one table serves both ends: what the config says, else what the class of the model does."""
    return config.get("tie_word_embeddings", config["model_type"] == "gpt2")


def gpt2_logits(
    weights: Weights, ids: Int[Tensor, "*batch length"], blocks: Callable[[Tensor], Tensor]
) -> Float[Tensor, "*batch length vocab"]:
    """GPT-2, tied, from ids to logits; `blocks` is all between its input and its last norm, norm included."""
    return unembed(blocks(gpt2_input(weights, ids)), weights["wte.weight"])


def llama_queries_keys(
    weights: Weights, ids: Int[Tensor, "*batch length"], n_heads: int, n_kv_heads: int, base: float
) -> tuple[Float[Tensor, "*batch n_heads length head_dim"], Float[Tensor, "*batch n_kv_heads length head_dim"]]:
    """The queries and keys of Llama's first layer, turned by their positions.

    Token rows, RMSNorm, a matrix each, a split into heads, a turn in layout "half": nothing is added at the bottom.
    Raises IndexError for ids outside the table.
    """
    return _queries_keys(weights, 0, _rows(weights["model.embed_tokens.weight"], ids), n_heads, n_kv_heads, base)


def gpt2_block(
    weights: Weights, layer: int, x: Float[Tensor, "*batch length dim"], n_heads: int
) -> Float[Tensor, "*batch length dim"]:
    """One layer of GPT-2 on one text: attention and MLP, each behind its norm, each added.

    GPT-2 keeps its maps as (in, out), the other way round than `nn.Linear`, so they are not transposed here.
    """

    def part(name: str) -> tuple[Tensor, Tensor]:
        return weights[f"h.{layer}.{name}.weight"], weights[f"h.{layer}.{name}.bias"]

    def apply(name: str, x: Tensor) -> Tensor:
        W, b = part(name)
        return x @ W + b

    def norm(name: str, x: Tensor) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], *part(name), eps=1e-5)

    q, k, v = (_split(y, n_heads) for y in apply("attn.c_attn", norm("ln_1", x)).chunk(3, dim=-1))
    x = x + apply("attn.c_proj", _join(F.scaled_dot_product_attention(q, k, v, is_causal=True)))
    middle = F.gelu(apply("mlp.c_fc", norm("ln_2", x)), approximate="tanh")
    return x + apply("mlp.c_proj", middle)


def llama_block(
    weights: Weights, layer: int, x: Float[Tensor, "*batch length dim"], n_heads: int, n_kv_heads: int, base: float
) -> Float[Tensor, "*batch length dim"]:
    """One layer of Llama on one text: grouped heads, turned; a gated MLP; each behind its RMSNorm, each added."""

    def apply(name: str, x: Tensor) -> Tensor:
        return x @ weights[f"model.layers.{layer}.{name}.weight"].T

    q, k = _queries_keys(weights, layer, x, n_heads, n_kv_heads, base)
    v = _split(apply("self_attn.v_proj", _norm(weights, f"model.layers.{layer}.input_layernorm", x)), n_kv_heads)
    x = x + apply("self_attn.o_proj", _join(F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)))
    y = _norm(weights, f"model.layers.{layer}.post_attention_layernorm", x)
    return x + apply("mlp.down_proj", F.silu(apply("mlp.gate_proj", y)) * apply("mlp.up_proj", y))


def gpt2_blocks(
    weights: Weights, config: Mapping, x: Float[Tensor, "*batch length dim"]
) -> Float[Tensor, "*batch length dim"]:
    """All layers of GPT-2 and the last norm."""
    for layer in range(config["n_layer"]):
        x = gpt2_block(weights, layer, x, config["n_head"])
    return F.layer_norm(x, x.shape[-1:], weights["ln_f.weight"], weights["ln_f.bias"], eps=1e-5)


def llama_blocks(
    weights: Weights, config: Mapping, x: Float[Tensor, "*batch length dim"]
) -> Float[Tensor, "*batch length dim"]:
    """All layers of Llama and the last norm."""
    heads = config["num_attention_heads"], config["num_key_value_heads"]
    for layer in range(config["num_hidden_layers"]):
        x = llama_block(weights, layer, x, *heads, config["rope_theta"])
    return _norm(weights, "model.norm", x)


def llama_logits(
    weights: Weights, config: Mapping, ids: Int[Tensor, "*batch length"]
) -> Float[Tensor, "*batch length vocab"]:
    """Llama from ids to logits."""
    rows = _rows(weights["model.embed_tokens.weight"], ids)
    return unembed(llama_blocks(weights, config, rows), output_table(config, weights))


def _queries_keys(
    weights: Weights, layer: int, x: Tensor, n_heads: int, n_kv_heads: int, base: float
) -> tuple[Tensor, Tensor]:
    read = _norm(weights, f"model.layers.{layer}.input_layernorm", x)
    places = torch.arange(x.shape[-2])
    q, k = (read @ weights[f"model.layers.{layer}.self_attn.{name}_proj.weight"].T for name in "qk")
    return rotate(_split(q, n_heads), places, base), rotate(_split(k, n_kv_heads), places, base)


def _norm(weights: Weights, name: str, x: Tensor) -> Tensor:
    return F.rms_norm(x, x.shape[-1:], weights[f"{name}.weight"], eps=1e-5)


def _split(x: Float[Tensor, "*batch length dim"], heads: int) -> Float[Tensor, "*batch heads length head_dim"]:
    return x.unflatten(-1, (heads, -1)).transpose(-2, -3)


def _join(x: Float[Tensor, "*batch heads length head_dim"]) -> Float[Tensor, "*batch length dim"]:
    return x.transpose(-2, -3).flatten(-2)


def _rows(table: Float[Tensor, "vocab dim"], ids: Int[Tensor, "*batch"]) -> Float[Tensor, "*batch dim"]:
    if ids.numel() and not 0 <= int(ids.min()) <= int(ids.max()) < len(table):
        raise IndexError(f"an id is outside the table: it has {len(table)} rows, so ids run from 0 to {len(table) - 1}")
    return table[ids]

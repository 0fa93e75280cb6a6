"""Other right ways of writing each answer of lesson 10: every one must get full marks, and every mutant of it must not."""

import json
import math
import statistics
import struct

import numpy as np
import torch
import torch.nn.functional as F

from embedcourse.rope import rotate


def row_span__by_dtype(header_length, entry, row):
    rows, dim = entry["shape"]
    if row not in range(rows):
        raise IndexError(f"no row {row} in a table of {rows}")
    size = {"F32": 4, "F16": 2, "BF16": 2}[entry["dtype"]] * dim
    first = 8 + header_length + entry["data_offsets"][0] + size * row
    return first, first + size


def row_span__all_rows(header_length, entry, row):
    begin, end = entry["data_offsets"]
    places = [8 + header_length + begin + (end - begin) * i // entry["shape"][0] for i in range(entry["shape"][0] + 1)]
    if row < 0:
        raise IndexError("below 0")
    return places[row], places[row + 1]


def read_tensor__struct_and_view(data, name):
    (length,) = struct.unpack("<Q", data[:8])
    entry = json.loads(data[8 : 8 + length])[name]
    begin, end = entry["data_offsets"]
    numbers = torch.tensor(list(data[8 + length :][begin:end]), dtype=torch.uint8)
    dtype = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}[entry["dtype"]]
    return numbers.view(dtype).view(entry["shape"])


def read_tensor__offset_and_count(data, name):
    length = int.from_bytes(data[:8], "little")
    entry = json.loads(data[8 : 8 + length])[name]
    dtype = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}[entry["dtype"]]
    first = 8 + length + entry["data_offsets"][0]
    flat = torch.frombuffer(bytearray(data), dtype=dtype, offset=first, count=math.prod(entry["shape"]))
    return flat.reshape(entry["shape"])


def input_side__two_branches(config):
    if "n_embd" in config:
        dim, places, tied = config["n_embd"], config["n_positions"], config.get("tie_word_embeddings", True)
    else:
        dim, places, tied = config["hidden_size"], 0, config.get("tie_word_embeddings")
    sizes = {
        "token_table": config["vocab_size"] * dim,
        "position_table": places * dim,
        "output_head": (not tied) * config["vocab_size"] * dim,
    }
    return sizes | {"total": sum(sizes.values())}


def input_side__defaults_first(config):
    config = {"tie_word_embeddings": "n_embd" in config, "n_positions": 0} | config
    dim = config.get("n_embd") or config["hidden_size"]
    rows = config["vocab_size"], config["n_positions"], 0 if config["tie_word_embeddings"] else config["vocab_size"]
    return dict(zip(("token_table", "position_table", "output_head", "total"), [n * dim for n in (*rows, sum(rows))]))


def gpt2_input__layers_of_torch(weights, ids):
    tokens = torch.nn.Embedding.from_pretrained(weights["wte.weight"])
    places = torch.nn.Embedding.from_pretrained(weights["wpe.weight"])
    return tokens(ids) + places(torch.arange(len(ids)))


def gpt2_input__loop(weights, ids):
    if min(ids) < 0:
        raise IndexError("below 0")
    return torch.stack([weights["wte.weight"][i] + weights["wpe.weight"][n] for n, i in enumerate(ids)])


def output_table__by_kind(config, weights):
    if config["model_type"] == "gpt2":
        tied, table = config.get("tie_word_embeddings", True), weights["wte.weight"]
    else:
        tied, table = config.get("tie_word_embeddings"), weights["model.embed_tokens.weight"]
    if tied and ("lm_head.weight" not in weights or torch.equal(weights["lm_head.weight"], table)):
        return table
    return weights["lm_head.weight"]


def output_table__names(config, weights):
    config = {"tie_word_embeddings": config["model_type"] == "gpt2"} | config
    (table,) = (weights[name] for name in weights if name in ("wte.weight", "model.embed_tokens.weight"))
    if not config["tie_word_embeddings"]:
        return weights["lm_head.weight"]
    head = weights.get("lm_head.weight")
    return table if head is None or (head == table).all() else head


def gpt2_logits__linear(weights, ids, blocks):
    E, P = weights["wte.weight"], weights["wpe.weight"]
    return F.linear(blocks(F.embedding(ids, E) + P[torch.arange(len(ids))]), E)


def gpt2_logits__einsum(weights, ids, blocks):
    x = torch.stack([weights["wte.weight"][i] + weights["wpe.weight"][n] for n, i in enumerate(ids)])
    return torch.einsum("nd,vd->nv", blocks(x), weights["wte.weight"])


def llama_queries_keys__einsum(weights, ids, n_heads, n_kv_heads, base):
    x = weights["model.embed_tokens.weight"][ids].T
    x = (x / (x.square().mean(dim=0) + 1e-5).sqrt()).T * weights["model.layers.0.input_layernorm.weight"]
    turned = []
    for part, heads in (("q", n_heads), ("k", n_kv_heads)):
        W = weights[f"model.layers.0.self_attn.{part}_proj.weight"].unflatten(0, (heads, -1))
        turned.append(rotate(torch.einsum("nd,hed->hne", x, W), torch.arange(len(ids)), base=base))
    return tuple(turned)


def llama_queries_keys__head_by_head(weights, ids, n_heads, n_kv_heads, base):
    g = weights["model.layers.0.input_layernorm.weight"]
    x = F.rms_norm(weights["model.embed_tokens.weight"][ids], g.shape, g, 1e-5)
    q = (x @ weights["model.layers.0.self_attn.q_proj.weight"].T).chunk(n_heads, dim=1)
    k = (x @ weights["model.layers.0.self_attn.k_proj.weight"].T).chunk(n_kv_heads, dim=1)
    places = torch.arange(len(ids))
    return torch.stack([rotate(head, places, base) for head in q]), torch.stack(
        [rotate(head, places, base) for head in k]
    )


def paired_runs__statistics(one, other):
    d = [one[seed] - other[seed] for seed in set(one) & set(other)]
    error = statistics.stdev(d) / math.sqrt(len(d))
    return {"seeds": len(d), "wins": sum(x < 0 for x in d), "mean": statistics.fmean(d), "error": error}


def paired_runs__written_out(one, other):
    n = wins = total = squares = 0
    for seed, loss in one.items():
        if seed in other:
            d = loss - other[seed]
            n, wins, total, squares = n + 1, wins + (d < 0), total + d, squares + d * d
    mean = total / n
    return {"seeds": n, "wins": wins, "mean": mean, "error": ((squares / n - mean**2) / (n - 1)) ** 0.5}


def paired_runs__arrays(one, other):
    d = np.subtract(*np.array([(one[seed], other[seed]) for seed in one if seed in other]).T)
    return {"seeds": d.size, "wins": (d < 0).sum(), "mean": d.mean(), "error": np.sqrt(d.var(ddof=1) / d.size)}

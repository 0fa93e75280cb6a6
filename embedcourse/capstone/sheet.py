"""The whole course on one page, to print and keep: formulas, shapes, counts and pitfalls, each with its lesson.

For the end of lesson 10. Every number on it is computed here by what the lessons teach; none is typed. `sheet` gives a
whole HTML page for A4, `show_sheet` the same in a notebook. It carries its own colours, so it reads on a dark screen.
"""

import math
import re
from html import unescape

import numpy as np
import torch

from embedcourse.capstone.reference import read_header, row_span
from embedcourse.capstone.stored import checkpoint
from embedcourse.counting import count, embedding_parameters, models, pad_vocabulary, table_bytes
from embedcourse.lookup import lookup_gradient
from embedcourse.positions import shift_matrix, sinusoidal
from embedcourse.positions.training import stored_lengths
from embedcourse.rope import attention_factor, inverse_frequencies
from embedcourse.showing import screen

TITLE = "Embedding layers on one page"

_STYLE = """
.sheet{box-sizing:border-box;max-width:194mm;padding:5mm;background:#fff;color:#111;border-radius:6px;
font:9.2pt/1.36 "DejaVu Sans",Verdana,Arial,sans-serif}
.sheet h1,.sheet h3{font-size:14pt;font-weight:bold;margin:0 0 1mm;color:#111}.sheet .lead{margin:0 0 2.5mm;color:#333}
.sheet .cards{columns:2;column-gap:5mm}
.sheet section{break-inside:avoid;border-top:1.5pt solid #0072b2;padding:.8mm 0 1.4mm;margin:0 0 1mm}
.sheet h2,.sheet h4{font-size:10pt;font-weight:bold;margin:0 0 .6mm;color:#005a8e}.sheet h2 b,.sheet h4 b{color:#111}
.sheet ul{margin:0;padding:0 0 0 3.6mm}.sheet li{margin:0 0 .35mm;color:#111}
.sheet code{font:8.4pt "DejaVu Sans Mono",Consolas,monospace}
@media screen and (max-width:600px){.sheet .cards{columns:1}}
.sheet .trap{list-style:none;text-indent:-2.4mm;padding-left:1mm;color:#8a2f00}
"""
_CODE = '<code style="background:#f0f3f5;color:#111;padding:0 .6mm">'  # a dark theme has rules of its own for code
_PAGE = "@page{size:A4;margin:8mm}@media print{body{margin:0}.sheet{max-width:none;padding:0}}"


def sheet() -> str:
    """The page, whole, as HTML that fits one A4."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{TITLE}</title>'
        f"<style>{_PAGE}{_STYLE}</style></head><body>{_body()}</body></html>\n"
    )


def show_sheet() -> None:
    """The page in a notebook, whose own headings stand above its own; elsewhere its words."""
    body = _body()
    words = re.sub(r"<sup>(.*?)</sup>", r"^(\1)", re.sub(r"<sub>(.*?)</sub>", r"_\1", body))
    words = unescape(re.sub(r"<[^>]+>", "", re.sub(r"</(?:h1|h2|p|li)>", "\n", words))).strip()
    for level, lower in (("h1", "h3"), ("h2", "h4")):
        body = body.replace(f"<{level}>", f"<{lower}>").replace(f"</{level}>", f"</{lower}>")
    screen.put(f"<style>{_STYLE}</style>{body}", words)


def _body() -> str:
    cards = "".join(
        f"<section><h2><b>{number or ''}</b> {title}</h2><ul>{''.join(map(_line, lines))}</ul></section>"
        for number, title, lines in _cards()
    )
    lead = "From the embedcourse; the number of each part is that of its lesson. A line that begins with “Trap” warns."
    body = f'<div class="sheet"><h1>{TITLE}</h1><p class="lead">{lead}</p><div class="cards">{cards}</div></div>'
    return body.replace("<code>", _CODE)


def _line(line: str) -> str:
    trap = line.startswith("! ")
    return f'<li class="trap">Trap: {line[2:]}</li>' if trap else f"<li>{line}</li>"


def _cards() -> list[tuple[int, str, list[str]]]:
    """Lesson (0: of them all), title and lines of each part; a line that begins with "! " is a trap."""
    known = {model["name"]: model["config"] for model in models()}
    gpt2, llama, small = (count(known[name]) for name in ("GPT-2 small", "Llama-3 8B", "Llama-3.2 1B"))
    vocab, dim, places = 50_257, 768, 1_024
    assert gpt2.token_table == embedding_parameters(vocab, dim)
    moved = lookup_gradient(np.array([7, 42, 42]), np.ones((3, 1)), 50)
    speeds = inverse_frequencies(128).double()
    turns = 2 * math.pi / speeds
    base_500k = 2 * math.pi / inverse_frequencies(128, 500_000.0).double()
    stored = stored_lengths()
    beyond = {
        (task, scheme): np.mean([run[2] for run in stored["accuracies"][task][scheme]])
        for task in ("previous", "first")
        for scheme in ("learned", "rope")
    }
    waves, shift = sinusoidal(9, 8), shift_matrix(5, 8)
    assert np.allclose(waves[8], shift @ waves[3])
    data = (checkpoint("llama") / "model.safetensors").read_bytes()
    length, header = read_header(data)
    first, last = row_span(length, header["model.embed_tokens.weight"], 42)
    layer = (gpt2.attention + gpt2.mlp + 4 * dim * 12) // 12
    yarn = attention_factor("yarn", 4.0)
    half = torch.tensor(257.0).bfloat16().item()
    return [
        (
            1,
            "The lookup matrix",
            [
                "<code>E[ids]</code>: (vocab, dim) and ids (…) give (…, dim). Equal to <code>one_hot(ids) @ E</code>.",
                f"Gradient: scatter-add. For ids 7, 42, 42 row 42 gets {moved[42, 0]:.0f} shares, row 7 gets "
                f"{moved[7, 0]:.0f}, all others 0.",
                "! Row 42 is the 43rd. <code>E[-1]</code> reads the last row without a word: refuse ids below 0.",
            ],
        ),
        (
            2,
            "Learned similarity",
            [
                "PPMI(w, c) = max(0, ln p(w,c) / p(w)p(c)). cosine = a·b / |a||b|.",
                "SGNS: −ln σ(w·c) − Σ ln σ(−w·n) over k negatives; w·c goes towards PMI − ln k.",
                "! Before centring, a common mean makes all rows alike.",
            ],
        ),
        (
            3,
            "Analogies",
            [
                "a is to b as c is to ?: the row nearest to b − a + c, of unit rows, without a, b, c.",
                "! Say what was left out, and what “the neighbour of b” alone would have scored.",
            ],
        ),
        (
            4,
            "Tied embeddings",
            [
                "logits = h Eᵀ. loss = ln Σ eˣ − x<sub>target</sub>; untrained, ln vocab: "
                f"{math.log(vocab):.2f} for {vocab:,} tokens.",
                "<code>head.weight = table.weight</code>: one object, two names. Gradient = scatter-add of reading + "
                "d_logitsᵀ h.",
                f"Saves vocab · dim: {gpt2.token_table:,} in GPT-2, "
                f"{gpt2.token_table / (gpt2.total + gpt2.token_table):.1%} of the untied model.",
                "! Equal numbers are no tie: ask <code>a is b</code>. Count a shared matrix once.",
            ],
        ),
        (
            5,
            "Parameter counts",
            [
                f"Table: vocab · dim numbers. Llama 3 8B: {llama.token_table:,}, "
                f"{table_bytes(128_256, 4_096, 'bfloat16') / 1e9:.2f} GB in bfloat16.",
                f"Rows padded to a multiple of 64: {vocab:,} → {pad_vocabulary(vocab, 64):,}.",
                "! The tokenizer's length is not the table's: take rows from the file.",
            ],
        ),
        (
            6,
            "The model ledger",
            [
                "softmax(q kᵀ / √head_dim) v, per head; −∞ above the diagonal if causal.",
                f"GPT-2's layer: 12 dim² + 13 dim = {layer:,}; the model {gpt2.total:,}. Llama's maps: 2 dim² + "
                "2 dim · kv + 3 dim · middle.",
                f"Tables' share: GPT-2 {(gpt2.token_table + gpt2.position_table) / gpt2.total:.0%}, Llama 3.2 1B "
                f"{small.token_table / small.total:.0%}, Llama 3 8B {2 * llama.token_table / llama.total:.0%}.",
                "! A total that is off is a fingerprint: divide by dim.",
            ],
        ),
        (
            7,
            "Learned positions",
            [
                "x<sub>i</sub> = E[id<sub>i</sub>] + P[i], once, at the bottom. GPT-2: "
                f"{places:,} · {dim} = {gpt2.position_table:,}.",
                "Sinusoidal: sin, cos of i · base<sup>−2j/dim</sup>; p(i + 5) = a matrix · p(i).",
                f"Twice the trained length: “token before” {beyond['previous', 'learned']:.2f}, “first token” "
                f"{beyond['first', 'learned']:.2f} right.",
                "! Untrained rows are noise. Padding shifts places: number the tokens, not the columns.",
            ],
        ),
        (
            8,
            "RoPE",
            [
                "Pair i of q and k turns by position · base<sup>−2i/head_dim</sup>; the score knows the offset; 0 "
                "parameters.",
                f"head_dim 128: a turn takes {turns[0]:.1f} … {turns[-1]:,.0f} places (base 500,000: "
                f"{base_500k[-1]:,.0f}).",
                f"Twice the trained length: “token before” {beyond['previous', 'rope']:.2f}, “first token” "
                f"{beyond['first', 'rope']:.2f} right.",
                "! Halves (i, i + d/2) or neighbours (2i, 2i + 1): same laws, other weights. Never v. Axis: "
                "(heads, length, head_dim).",
            ],
        ),
        (
            9,
            "RoPE in practice",
            [
                "Other layout: reorder the rows of q_proj and k_proj within each head; k has fewer heads.",
                f"Longer texts: slower pairs (linear, NTK, YaRN, llama3). YaRN × 4 scales cos and sin by {yarn:.3f}, "
                f"scores by {yarn**2:.3f}.",
                f"! Angles in float32: bfloat16 makes {half:.0f} of position 257. With a cache the next position is the "
                "number of tokens so far.",
            ],
        ),
        (
            10,
            "The whole input side",
            [
                "File: 8 bytes (length H, little-endian), H bytes of JSON, numbers. Row r: 8 + H + begin + r · dim · "
                f"bytes (our Llama's row 42: {first:,} to {last - 1:,}).",
                "No lm_head in the file: tied, if the config says so. No table of positions: RoPE. "
                "GPT-2's maps are (in, out), others' (out, in).",
                "Order of checks: shapes, count, one row, input, q and k at a place above 0, logits, then the loss.",
                "! A square matrix fits transposed. A loss that looks fine proves little.",
            ],
        ),
        (
            0,
            "Shapes, from end to end",
            [
                "ids (length) → E[ids] (length, dim) → q (n_heads, length, head_dim), k and v (n_kv_heads, length, head_dim)",
                "→ scores (n_heads, length, length) → mixed values (length, n_heads · head_dim) → … → h (length, dim) "
                "→ logits (length, vocab)",
            ],
        ),
    ]

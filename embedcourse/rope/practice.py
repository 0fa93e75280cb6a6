"""What real models need around RoPE: converted weights, kept keys, few bits, and speeds for longer texts.

Taught in lesson 9. A model's query and key weights belong to one layout of pairs (`interleaved_to_half` and back). Text is
generated token by token, with the keys and values of earlier tokens kept (`attend_with_cache`). Many models turn a part of
each head only (`rotate_part`), and sixteen bits hold few positions (`first_position_lost`). For a text longer than those of
training there are four usual ways to slow the pairs down (`scaled_inverse_frequencies`; two of them are exercises,
`slowed_frequencies` and `llama3_frequencies`); one of them also makes scores larger (`attention_factor`).
Not here: the rotation itself (`reference.py`), and models that read on (`longer.py`).
"""

import math
from numbers import Real

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from embedcourse.rope.reference import _even, inverse_frequencies, rotate

Cache = tuple[Float[Tensor, "past head_dim"], Float[Tensor, "past head_dim"]]


def interleaved_to_half(weight: Float[Tensor, "rows *in"], n_heads: int) -> Float[Tensor, "rows *in"]:
    """The weights of a query or key map with the rows of each head in the other order: 0, 2, 4, …, then 1, 3, 5, ….

    What `rotate` does with layout "interleaved" after `weight`, it does with "half" after the new one: scores are equal.
    weight   (n_heads · head_dim, in), or a bias (n_heads · head_dim,)
    n_heads  of this map: keys have fewer heads than queries in many models
    Raises ValueError if the rows do not make `n_heads` heads of an even number of dimensions.

    >>> interleaved_to_half(torch.arange(8), n_heads=2)
    tensor([0, 2, 1, 3, 4, 6, 5, 7])
    """
    return _heads(weight, n_heads).unflatten(1, (-1, 2)).transpose(1, 2).flatten(0, 2)


def half_to_interleaved(weight: Float[Tensor, "rows *in"], n_heads: int) -> Float[Tensor, "rows *in"]:
    """The way back: the inverse of `interleaved_to_half`, with the same arguments and errors.

    >>> half_to_interleaved(torch.tensor([0, 2, 1, 3]), n_heads=1)
    tensor([0, 1, 2, 3])
    """
    return _heads(weight, n_heads).unflatten(1, (2, -1)).transpose(1, 2).flatten(0, 2)


def attend_with_cache(
    q: Float[Tensor, "new head_dim"],
    k: Float[Tensor, "new head_dim"],
    v: Float[Tensor, "new head_dim"],
    cache: Cache | None,
) -> tuple[Float[Tensor, "new head_dim"], Cache]:
    """Causal attention of new tokens to all so far, and the cache with the new keys and values behind the old ones.

    q, k, v  of the new tokens, not turned yet; they stand behind those of the cache
    cache    keys, already turned, and values of the earlier tokens; None if there are none
    A text in pieces gives what it gives in one: attention of a token needs keys and values of itself and earlier ones.

    >>> output, cache = attend_with_cache(*torch.ones(3, 2, 4), cache=None)
    >>> attend_with_cache(*torch.ones(3, 1, 4), cache)[1][0].shape
    torch.Size([3, 4])
    """
    past = 0 if cache is None else len(cache[0])
    positions = torch.arange(past, past + len(q))
    q, k = rotate(q, positions), rotate(k, positions)
    if cache is not None:
        k, v = torch.cat((cache[0], k)), torch.cat((cache[1], v))
    seen = torch.ones(len(q), len(k), dtype=torch.bool).tril(past)
    scores = (q @ k.T / q.shape[-1] ** 0.5).masked_fill(~seen, -torch.inf)
    return scores.softmax(dim=-1) @ v, (k, v)


def rotate_part(
    x: Float[Tensor, "*batch length head_dim"], positions: Float[Tensor, " length"], rotary_dim: int
) -> Float[Tensor, "*batch length head_dim"]:
    """`rotate` for the first `rotary_dim` numbers of each head, as if they were the whole; the others stay."""
    return rotate(x, positions, rotary_dim=rotary_dim)


def first_position_lost(dtype: torch.dtype) -> int:
    """The smallest whole number from 0 on that `dtype` cannot hold: 2/eps + 1.

    `eps` is the gap between 1 and the next number. Up to 2/eps the gaps are at most 1, and from there on 2 or more.

    >>> first_position_lost(torch.bfloat16)
    257
    """
    return int(2 / torch.finfo(dtype).eps) + 1


def slowed_frequencies(head_dim: int, base: float, factor: float, method: str) -> Float[Tensor, " pairs"]:
    """`scaled_inverse_frequencies` for the two methods that need no further options, "linear" and "ntk"."""
    return scaled_inverse_frequencies(head_dim, base, method, factor)


def llama3_frequencies(
    head_dim: int, base: float, factor: float, original_length: int, low: float, high: float
) -> Float[Tensor, " pairs"]:
    """`scaled_inverse_frequencies` with method "llama3"."""
    return scaled_inverse_frequencies(
        head_dim, base, "llama3", factor, original_length=original_length, low=low, high=high
    )


def scaled_inverse_frequencies(
    head_dim: int, base: float, method: str, factor: float, **options: float
) -> Float[Tensor, " pairs"]:
    """`inverse_frequencies` for texts up to `factor` times as long as those of training, as float32.

    "linear"  all pairs are slowed by `factor`, as if positions were divided by it (Chen et al. 2023, arXiv 2306.15595)
    "ntk"     the base grows to base · factor^(head_dim / (head_dim − 2)): the first pair keeps its speed and the last is
              slowed by `factor` (bloc97 2023)
    "yarn"    pairs that turn more than `beta_fast` times in `original_length` keep their speed, those that turn less than
              `beta_slow` times are slowed by `factor`, with a ramp between (Peng et al. 2023, arXiv 2309.00071);
              options original_length, beta_fast=32, beta_slow=1; see `attention_factor`
    "llama3"  the same by wavelength: shorter than original_length / high, longer than original_length / low, and a smooth
              way between (Llama 3.1); options original_length, low=1.0, high=4.0
    The bounds are rounded as `transformers` does.
    Raises ValueError for another method, an option that it does not know or lacks, or a factor below 1.

    >>> scaled_inverse_frequencies(8, 10_000.0, "linear", factor=4.0)
    tensor([0.2500, 0.0250, 0.0025, 0.0003])
    """
    if method not in _METHODS:
        raise ValueError(f"method is {method!r}; there are {', '.join(map(repr, _METHODS))}")
    scaled, known = _METHODS[method]
    for name, value in options.items():
        if name not in known:
            raise ValueError(f"method {method!r} has no option {name!r}; it has {', '.join(known) or 'none'}")
        _positive(value, name)
    if "original_length" in known and "original_length" not in options:
        raise ValueError(f"method {method!r} needs original_length, the length of the texts of training, in tokens")
    if method == "ntk" and head_dim == 2:
        raise ValueError("head_dim is 2: one pair cannot keep its speed and be slowed at once; 'ntk' needs two or more")
    return scaled(head_dim, base, _at_least_one(factor), **known | options)


def frequencies_for(
    head_dim: int, base: float, method: str | None, trained: int, target: int
) -> Float[Tensor, " pairs"]:
    """The speeds of a method for texts of `target` tokens, after training on `trained`; as trained for None or a shorter text.

    >>> frequencies_for(4, 10_000.0, "linear", trained=32, target=64)
    tensor([0.5000, 0.0050])
    """
    if method is None or target < trained:
        return inverse_frequencies(head_dim, base)
    needs_length = method in _METHODS and "original_length" in _METHODS[method][1]
    options = {"original_length": trained} if needs_length else {}
    return scaled_inverse_frequencies(head_dim, base, method, target / trained, **options)


def unseen_angles(
    before: Float[Tensor, " pairs"], after: Float[Tensor, " pairs"], trained: int, target: int
) -> Bool[Tensor, " pairs"]:
    """Which pairs come to new angles: those that finished no turn in training, and now turn further than they did there."""
    return (before * trained < 2 * math.pi) & (after * target > before * trained * (1 + 1e-6))


def attention_factor(method: str, factor: float) -> float:
    """What cos and sin are multiplied by for a method: 0.1 ln(factor) + 1 for "yarn", else 1. Scores grow by its square.

    `rotate` leaves it to its caller: a rotation is linear, so `attention_factor(…) * rotate(x, …)` is the same.
    Source: Peng et al. 2023 (arXiv 2309.00071), equation 22.

    >>> round(attention_factor("yarn", 4.0) ** 2, 3)
    1.296
    """
    if method not in _METHODS:
        raise ValueError(f"method is {method!r}; there are {', '.join(map(repr, _METHODS))}")
    factor = _at_least_one(factor)
    return 0.1 * math.log(factor) + 1.0 if method == "yarn" else 1.0


def _linear(head_dim: int, base: float, factor: float) -> Tensor:
    return inverse_frequencies(head_dim, base) / factor


def _ntk(head_dim: int, base: float, factor: float) -> Tensor:
    return inverse_frequencies(head_dim, base * factor ** (head_dim / (head_dim - 2)))


def _yarn(
    head_dim: int, base: float, factor: float, original_length: float, beta_fast: float, beta_slow: float
) -> Tensor:
    if beta_fast < beta_slow:
        raise ValueError(f"beta_fast is {beta_fast}, less than beta_slow, {beta_slow}; fast pairs turn more often")
    if base <= 1:
        raise ValueError(f"base is {base}; 'yarn' needs one above 1, so that later pairs are slower")

    def pair_that_turns(times: float) -> float:
        return head_dim * math.log(original_length / (times * 2 * math.pi)) / (2 * math.log(base))

    inv_freq = inverse_frequencies(head_dim, base)
    first = max(math.floor(pair_that_turns(beta_fast)), 0)
    last = min(math.ceil(pair_that_turns(beta_slow)), head_dim - 1)
    slowed = ((torch.arange(head_dim // 2) - first) / (last - first or 0.001)).clamp(0, 1)
    return inv_freq / factor * slowed + inv_freq * (1 - slowed)


def _llama3(head_dim: int, base: float, factor: float, original_length: float, low: float, high: float) -> Tensor:
    if high <= low:
        raise ValueError(f"high is {high} and low {low}; high must be above low: fast pairs turn more often")
    inv_freq = inverse_frequencies(head_dim, base)
    turns = original_length * inv_freq / (2 * math.pi)
    kept = ((turns - low) / (high - low)).clamp(0, 1)
    return inv_freq / factor * (1 - kept) + inv_freq * kept


_METHODS = {
    "linear": (_linear, {}),
    "ntk": (_ntk, {}),
    "yarn": (_yarn, {"original_length": None, "beta_fast": 32.0, "beta_slow": 1.0}),
    "llama3": (_llama3, {"original_length": None, "low": 1.0, "high": 4.0}),
}


def _heads(weight: Tensor, n_heads: int) -> Tensor:
    """`weight` with its rows as (n_heads, head_dim)."""
    if not isinstance(weight, Tensor) or not weight.ndim:
        raise ValueError("weight must be a tensor with at least one axis, (n_heads * head_dim, …)")
    if isinstance(n_heads, bool) or not isinstance(n_heads, int) or n_heads < 1 or len(weight) % n_heads:
        raise ValueError(f"weight has {len(weight)} rows, which do not make {n_heads!r} heads of one size")
    _even(len(weight) // n_heads, "the number of rows of a head")
    return weight.unflatten(0, (n_heads, -1))


def _at_least_one(factor: float) -> float:
    if isinstance(factor, bool) or not isinstance(factor, Real) or not 1 <= factor < math.inf:
        raise ValueError(f"factor is {factor!r}; it is the new length divided by that of training, at least 1")
    return float(factor)


def _positive(value: float, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value < math.inf:
        raise ValueError(f"{name} is {value!r}; it must be a finite number above 0")

"""Other right ways of writing each answer of lessons 8 and 9: every one must get full marks, and every mutant of it must not."""

import math

import numpy as np
import torch

from embedcourse.rope.reference import rotate


def rotate_pair__matrix(pair, angle):
    c, s = math.cos(angle), math.sin(angle)
    return pair @ torch.tensor([[c, s], [-s, c]])


def rotate_pair__complex(pair, angle):
    return torch.view_as_real(torch.view_as_complex(pair) * complex(math.cos(angle), math.sin(angle)))


def inverse_frequencies__loop(head_dim, base=10_000.0):
    return torch.tensor([base ** (-i / head_dim) for i in range(0, head_dim, 2)])


def inverse_frequencies__logarithm(head_dim, base=10_000.0):
    return torch.exp(torch.arange(0, head_dim, 2) * -math.log(base) / head_dim)


def unfinished_turns__loop(head_dim, length, base=10_000.0):
    return sum(2 * math.pi * base ** (i / head_dim) > length for i in range(0, head_dim, 2))


def unfinished_turns__angles(head_dim, length, base=10_000.0):
    angles = length * base ** -(torch.arange(0, head_dim, 2) / head_dim)
    return (angles < 2 * math.pi).sum().item()


def rotate_half__as_hugging_face_writes_it(x, positions, base=10_000.0):
    head_dim = x.shape[-1]
    speeds = 1.0 / base ** (torch.arange(0, head_dim, 2) / head_dim)
    angles = torch.outer(positions, speeds)
    angles = torch.cat((angles, angles), dim=1)
    x1, x2 = x.split(head_dim // 2, dim=-1)
    return x * angles.cos() + torch.cat((-x2, x1), dim=-1) * angles.sin()


def rotate_half__complex(x, positions, base=10_000.0):
    pairs = torch.complex(*x.chunk(2, dim=-1))
    speeds = base ** -torch.linspace(0, 1, pairs.shape[-1] + 1)[:-1]
    pairs = pairs * torch.exp(1j * torch.outer(positions, speeds))
    return torch.cat((pairs.real, pairs.imag), dim=-1)


def rotate_interleaved__as_meta_writes_it(x, positions, base=10_000.0):
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    speeds = 1.0 / base ** (torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    angles = torch.outer(positions, speeds)
    return torch.view_as_real(pairs * torch.exp(1j * angles)).flatten(-2)


def rotate_interleaved__loop(x, positions, base=10_000.0):
    head_dim = x.shape[-1]
    turned = torch.empty_like(x)
    for i in range(0, head_dim, 2):
        angle = positions * base ** (-i / head_dim)
        turned[..., i] = x[..., i] * angle.cos() - x[..., i + 1] * angle.sin()
        turned[..., i + 1] = x[..., i] * angle.sin() + x[..., i + 1] * angle.cos()
    return turned


def only_the_offset_matters__diagonals(turn):
    queries, keys = (turn(torch.randn(8).expand(200, 8), torch.arange(200)) for _ in range(2))
    scores = queries @ keys.T
    return torch.allclose(scores[1:, 1:], scores[:-1, :-1], atol=1e-3)


def only_the_offset_matters__moved_on(turn):
    x, places = torch.randn(4, 8), torch.arange(4)

    def scores(places):
        rows = turn(x, places)
        return rows @ rows.T

    return torch.allclose(scores(places), scores(places + 100), atol=1e-3)


def rope_saving__step_by_step(model):
    without = model["total"] - model["position"]
    with_table = without + model["max_positions"] * model["hidden_size"]
    kept_by_a_layer = model["kv_heads"] * model["head_dim"] + model["kv_heads"] * model["head_dim"]
    return {
        "with_rope": without,
        "share": (with_table - without) / with_table,
        "per_position": model["hidden_size"],
        "kept": sum(kept_by_a_layer for _ in range(model["layers"])),
    }


def rope_saving__either_way(model):
    table = model["max_positions"] * model["hidden_size"]
    with_table = model["total"] if model["position"] else model["total"] + table
    return {
        "with_rope": with_table - table,
        "share": table / with_table,
        "per_position": model["hidden_size"],
        "kept": model["layers"] * model["kv_heads"] * model["head_dim"] * 2,
    }


def key_for_offset__axis_by_axis(turn, q, offset):
    back = torch.full(q.shape, -offset)
    return turn(torch.eye(len(q)), back) @ q


def key_for_offset__undone_at_another_place(turn, q, offset):
    places = torch.full(q.shape, 9)
    return turn(torch.eye(len(q)), places) @ turn(q[None], torch.tensor([9 + offset]))[0]


def interleaved_to_half__as_meta_to_hugging_face(weight, n_heads):
    return weight.reshape(n_heads, -1, 2, *weight.shape[1:]).transpose(1, 2).reshape(weight.shape)


def interleaved_to_half__a_list_of_rows(weight, n_heads):
    head_dim = len(weight) // n_heads
    order = [
        start + i for start in range(0, len(weight), head_dim) for first in (0, 1) for i in range(first, head_dim, 2)
    ]
    return weight[order]


def attend_with_cache__built_in(q, k, v, cache):
    past = len(cache[0]) if cache else 0
    places = past + torch.arange(len(q))
    keys, values = rotate(k, places), v
    if cache:
        keys, values = torch.cat([cache[0], keys]), torch.cat([cache[1], v])
    seen = torch.arange(len(keys)) <= places[:, None]
    output = torch.nn.functional.scaled_dot_product_attention(
        rotate(q, places)[None], keys[None], values[None], seen[None]
    )
    return output[0], (keys, values)


def attend_with_cache__token_by_token(q, k, v, cache):
    keys, values = (k[:0], v[:0]) if cache is None else cache
    outputs = []
    for i in range(len(q)):
        place = torch.tensor([len(keys)])
        keys, values = torch.cat([keys, rotate(k[i : i + 1], place)]), torch.cat([values, v[i : i + 1]])
        scores = rotate(q[i : i + 1], place) @ keys.T / math.sqrt(q.shape[1])
        outputs.append(scores.softmax(dim=1) @ values)
    return torch.cat(outputs), (keys, values)


def rotate_part__written_out(x, positions, rotary_dim):
    half = rotary_dim // 2
    angles = positions[:, None] * 10_000.0 ** -(torch.arange(half) / half)
    c, s = angles.cos(), angles.sin()
    x1, x2 = x[..., :half], x[..., half:rotary_dim]
    return torch.cat([x1 * c - x2 * s, x1 * s + x2 * c, x[..., rotary_dim:]], dim=-1)


def rotate_part__into_a_copy(x, positions, rotary_dim):
    turned = x.clone()
    turned[..., :rotary_dim] = rotate(x[..., :rotary_dim], positions)
    return turned


def first_position_lost__counted_up(dtype):
    return next(n for n in range(2_050) if int(torch.tensor(n).to(dtype)) != n)


def first_position_lost__digits(dtype):
    return 2 ** (1 - round(math.log2(torch.finfo(dtype).eps))) + 1


def slowed_frequencies__loop(head_dim, base, factor, method):
    speeds = []
    for i in range(0, head_dim, 2):
        slower = factor if method == "linear" else factor ** (i / (head_dim - 2))
        speeds.append(base ** (-i / head_dim) / slower)
    return torch.tensor(speeds)


def slowed_frequencies__by_the_base(head_dim, base, factor, method):
    if method == "linear":
        return 1 / (factor * base ** (torch.arange(0, head_dim, 2) / head_dim))
    larger = base * factor ** (head_dim / (head_dim - 2))
    return 1 / larger ** (torch.arange(0, head_dim, 2) / head_dim)


def llama3_frequencies__as_meta_writes_it(head_dim, base, factor, original_length, low, high):
    speeds = []
    for i in range(0, head_dim, 2):
        speed = base ** (-i / head_dim)
        wavelength = 2 * math.pi / speed
        if wavelength < original_length / high:
            speeds.append(speed)
        elif wavelength > original_length / low:
            speeds.append(speed / factor)
        else:
            smooth = (original_length / wavelength - low) / (high - low)
            speeds.append((1 - smooth) * speed / factor + smooth * speed)
    return torch.tensor(speeds)


def llama3_frequencies__interpolated(head_dim, base, factor, original_length, low, high):
    speeds = base ** -(torch.arange(0, head_dim, 2) / head_dim)
    turns = speeds * original_length / (2 * math.pi)
    return speeds * np.interp(turns, [low, high], [1 / factor, 1])


def bug_hunt__other_numbers():
    one, five = torch.tensor([1]), torch.tensor([5])
    query = torch.tensor([[0.5, -2.0, 1.0, 3.0]])
    return {
        "a": [(query, five, 10_000.0)],
        "b": [(query[:, 1:3], five, 500_000)],
        "c": [(query, one, 10_000.0)],
        "d": [(query, one, 500_000.0), (query, five, 10_000.0)],
    }


def bug_hunt__first_call_at_0():
    x = torch.tensor([[0.0, 0.0, 0.0, 7.0]])
    zero, far = torch.tensor([0]), torch.tensor([300])
    return {
        "a": [(x, far, 100.0)],
        "b": [(torch.tensor([[1.0, 0.0]]), far, 100.0)],
        "c": [(x, far, 100.0)],
        "d": [(x, zero, 100.0), (x, far, 10.0)],
    }
